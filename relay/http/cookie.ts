/** The one cookie of the relay. */
import type { IncomingMessage } from "node:http";

export interface LoginCookie {
  /** The cookie's value in this request. */
  read(request: IncomingMessage): string | null;
  /** A Set-Cookie header that keeps it for so long. */
  set(value: string, seconds: number): string;
  /** A Set-Cookie header that removes it. */
  clear(): string;
}

/**
 * With https the name is `__Host-…`, which browsers take only over https, from this host, for all of it. Localhost
 * has no certificate, and browsers treat it as secure without.
 */
export function loginCookie(https: boolean): LoginCookie {
  const name = https ? "__Host-quietroom" : "quietroom";
  const attributes = `Path=/; HttpOnly; SameSite=Strict${https ? "; Secure" : ""}`;
  return {
    read(request) {
      for (const pair of (request.headers.cookie ?? "").split(";")) {
        const at = pair.indexOf("=");
        if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
      }
      return null;
    },
    set: (value, seconds) => `${name}=${value}; Max-Age=${seconds}; ${attributes}`,
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}
