/** Which pages may talk to this relay: the ones it serves itself. */

const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLocal(publicUrl: URL): boolean {
  return LOCAL_HOSTS.has(publicUrl.hostname);
}

/**
 * The origin of the public URL and no other. A local one has two names, so both are taken there.
 * @param port the one the relay listens on
 */
export function allowedOrigins(publicUrl: URL, port: number): ReadonlySet<string> {
  const origins = new Set([publicUrl.origin]);
  if (isLocal(publicUrl)) {
    origins.add(`http://localhost:${port}`);
    origins.add(`http://127.0.0.1:${port}`);
  }
  return origins;
}
