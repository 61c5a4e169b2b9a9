/** Keys, hashes and events for the tests of crypto/audit. */
import { createPrivateKey, createPublicKey, hash, sign, verify } from "node:crypto";
import type { Verify } from "../../../crypto/audit/checkpoint.ts";
import { type AuditEvent, eventId, type Sign } from "../../../crypto/audit/event.ts";
import type { Sha256 } from "../../../crypto/audit/merkle.ts";
import { adopt, type Bytes, toBase64Url } from "../../../crypto/bytes.ts";
import { seededRandom } from "./session.ts";

export const sha256: Sha256 = (bytes) => adopt(hash("sha256", bytes, "buffer"));

/** RFC 8410, before the 32 bytes of a seed and of a public key. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI = Buffer.from("302a300506032b6570032100", "hex");

export interface SigningKey {
  readonly publicKey: Bytes;
  /** How events name it. */
  readonly actor: string;
  readonly sign: Sign;
}

/** An Ed25519 key that is the same in every run. */
export function signingKey(seed: string): SigningKey {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8, seededRandom(seed)(32)]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = adopt(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(SPKI.length));
  return {
    publicKey: publicKey.slice(),
    actor: toBase64Url(publicKey),
    sign: async (bytes) => new Uint8Array(sign(null, bytes, key)),
  };
}

export const verifyEd25519: Verify = (key, message, signature) => {
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI, key]), format: "der", type: "spki" });
  return verify(null, message, publicKey, signature);
};

export const someId = (seed: string): string => toBase64Url(seededRandom(seed)(16));
export const someHash = (seed: string): string => toBase64Url(seededRandom(seed)(32));

export const START = 1_790_000_000_000;

/** A first event of this key, a therapist's, with these fields changed. */
export function anEvent(key: SigningKey, changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: eventId(START, seededRandom("event id")(10)),
    actor: key.actor,
    seq: 0,
    prev: null,
    time: START,
    account: someId("account"),
    session: someId("session"),
    subject: null,
    action: "admit",
    outcome: "success",
    device: "Firefox on Linux",
    checkpoint: null,
    details: null,
    ...changes,
  };
}
