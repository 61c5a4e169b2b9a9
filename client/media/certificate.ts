/**
 * Whether the DTLS certificate on the wire is the one that the sealed description announced. The browser checks that by
 * itself (RFC 8827 §6.5); looking again costs nothing, and does not take its word for it.
 */

/**
 * The certificate that the other side showed, DER; null before the DTLS handshake, and where the browser will not tell
 * (every browser with encoded transforms tells). No certificate means no call.
 */
export function remoteCertificate(connection: RTCPeerConnection): ArrayBuffer | null {
  return dtlsTransport(connection)?.getRemoteCertificates()[0] ?? null;
}

/** One transport carries everything: bundled, or nothing. */
export function dtlsTransport(connection: RTCPeerConnection): RTCDtlsTransport | null {
  return connection.sctp?.transport ?? null;
}

/** @param fingerprint SHA-256, 64 lower-case hexadecimal digits */
export async function hasFingerprint(certificate: ArrayBuffer, fingerprint: string): Promise<boolean> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === fingerprint;
}
