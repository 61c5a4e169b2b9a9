/** Two sides of a session in epoch 0, and an envelope laid out by hand from the README's words. */
import sodium from "libsodium-wrappers";
import { type RootKey, rootKey, type SessionId, sessionId } from "../../../crypto/brands.ts";
import { type Bytes, concat, uintBe, utf8 } from "../../../crypto/bytes.ts";
import { createEnvelopeState, type EnvelopeState } from "../../../crypto/envelope-state.ts";
import { lv } from "../../../crypto/kdf.ts";
import { deriveEnvelopeKey } from "../../../crypto/key-schedule.ts";
import type { Direction } from "../../../crypto/role.ts";
import { counting } from "./session.ts";

await sodium.ready;

export { sodium };

export const SESSION: SessionId = sessionId(counting(16, 0x50));
export const rootZero = (): RootKey => rootKey(counting(32, 0x80));

export const patientAtStart = (session = SESSION, root = rootZero()): EnvelopeState =>
  createEnvelopeState(sodium, { role: "patient", session, root });
export const therapistAtStart = (session = SESSION, root = rootZero()): EnvelopeState =>
  createEnvelopeState(sodium, { role: "therapist", session, root });

export interface Crafted {
  readonly direction: Direction;
  readonly epoch?: number;
  readonly seq: bigint;
  readonly ack: bigint;
  readonly body?: Bytes;
  readonly kind?: number;
}

/** What a peer that does not keep the rules could send: any field at will, sealed with the right key of epoch 0. */
export function craftEnvelope({ direction, epoch = 0, seq, ack, body, kind = 0x10 }: Crafted): Bytes {
  const header = concat(Uint8Array.of(kind), uintBe(epoch, 4), uintBe(seq, 8));
  const additional = concat(lv(utf8("quietroom v1 envelope")), lv(utf8(direction)), lv(SESSION), lv(header));
  const nonce = counting(24, 0x40);
  const plaintext = concat(uintBe(ack, 8), body ?? new Uint8Array(0));
  const key = deriveEnvelopeKey(sodium, rootZero(), 0, direction);
  return concat(
    header,
    nonce,
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, additional, null, nonce, key),
  );
}
