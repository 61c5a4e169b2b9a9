/**
 * Whether the DTLS certificate on the wire is the one that the sealed description announced. The browser checks that by
 * itself (RFC 8827 §6.5); looking again costs nothing, and does not take its word for it.
 */

/** One transport carries everything: bundled, or nothing. */
export function dtlsTransport(connection: RTCPeerConnection): RTCDtlsTransport | null {
  return connection.sctp?.transport ?? null;
}

/** Chromium may say "connected" before it hands out the certificate; it does so a moment later. */
const WAIT_MS = 50;
const MAX_WAITS = 100;

/**
 * The certificate that the other side showed, DER; null when there is none after 5 s, or the connection ends. Every
 * browser with encoded transforms tells; no certificate means no call.
 */
export async function remoteCertificate(connection: RTCPeerConnection): Promise<ArrayBuffer | null> {
  for (let waits = 0; waits < MAX_WAITS; waits++) {
    const [certificate] = dtlsTransport(connection)?.getRemoteCertificates() ?? [];
    if (certificate !== undefined) return certificate;
    if (connection.connectionState === "closed") return null;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  return null;
}

/** @param fingerprint SHA-256, 64 lower-case hexadecimal digits */
export async function hasFingerprint(certificate: ArrayBuffer, fingerprint: string): Promise<boolean> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === fingerprint;
}
