/** Key pairs of authenticators by the three algorithms that are common, as COSE has them (RFC 9053 §7, RFC 8230 §4). */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export type Algorithm = "ES256" | "RS256" | "Ed25519";

export const COSE: Readonly<Record<Algorithm, number>> = { ES256: -7, RS256: -257, Ed25519: -8 };

export interface CoseKey {
  /** CBOR of the public key. */
  readonly publicKey: Buffer;
  sign(data: Buffer): Buffer;
}

export function makeKey(algorithm: Algorithm): CoseKey {
  const { privateKey, publicKey } = pairOf(algorithm);
  // Ed25519 hashes by itself.
  const digest = algorithm === "Ed25519" ? null : "sha256";
  return { publicKey: encode(algorithm, publicKey), sign: (data) => sign(digest, data, privateKey) };
}

function pairOf(algorithm: Algorithm): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  switch (algorithm) {
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
    case "RS256":
      return generateKeyPairSync("rsa", { modulusLength: 2_048 });
    case "Ed25519":
      return generateKeyPairSync("ed25519");
  }
}

function encode(algorithm: Algorithm, key: KeyObject): Buffer {
  const { x = "", y = "", n = "", e = "" } = key.export({ format: "jwk" });
  const hex = (text: string) => Buffer.from(text, "hex");
  const bytes = (text: string) => Buffer.from(text, "base64url");
  switch (algorithm) {
    case "ES256": // { 1: 2, 3: -7, -1: 1, -2: x, -3: y }
      return Buffer.concat([hex("a5010203262001215820"), bytes(x), hex("225820"), bytes(y)]);
    case "RS256": // { 1: 3, 3: -257, -1: n, -2: e }
      return Buffer.concat([hex("a401030339010020590100"), bytes(n), hex("2143"), bytes(e)]);
    case "Ed25519": // { 1: 1, 3: -8, -1: 6, -2: x }
      return Buffer.concat([hex("a4010103272006215820"), bytes(x)]);
  }
}
