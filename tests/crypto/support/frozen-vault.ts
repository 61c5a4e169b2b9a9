/** The frozen vectors of the vault, and how each is computed from its own inputs; as frozen.ts. */

import { createHash } from "node:crypto";
import * as v from "valibot";
import { dataKey, rowIdKey, vaultId } from "../../../crypto/brands.ts";
import type { Bytes } from "../../../crypto/bytes.ts";
import type { AeadCall } from "../../../crypto/sframe/webcrypto.ts";
import { encodeHeader } from "../../../crypto/vault/header.ts";
import { newVaultKeys, type OpenSlot, sealKeys } from "../../../crypto/vault/keys.ts";
import { newRecoveryCode, parseRecoveryCode } from "../../../crypto/vault/recovery-code.ts";
import { kindTag, rowIdOf, sealRow } from "../../../crypto/vault/row.ts";
import {
  type SlotFace,
  STRETCH,
  seedFromPassphrase,
  seedFromPrf,
  seedFromRecovery,
  slotPublicKey,
} from "../../../crypto/vault/slot.ts";
import { listedRandom } from "./frozen.ts";
import { sumo } from "./handshake.ts";
import { hex, unhex } from "./session.ts";

const Text = v.string();

export const RecoveryVector = v.strictObject({ random: Text, code: Text, secret: Text });
export type RecoveryVector = v.InferOutput<typeof RecoveryVector>;

export function recoveryVector({ random }: Pick<RecoveryVector, "random">): RecoveryVector {
  const code = newRecoveryCode(sumo, () => unhex(random));
  return { random, code, secret: hex(parseRecoveryCode(code) ?? new Uint8Array(0)) };
}

export const KeysVector = v.strictObject({
  vault: Text,
  prf: v.strictObject({ credential: Text, salt: Text, output: Text, seed: Text, public_key_sha256: Text }),
  passphrase: v.strictObject({ text: Text, salt: Text, seed: Text, public_key_sha256: Text }),
  recovery: v.strictObject({ code: Text, salt: Text, seed: Text, public_key_sha256: Text }),
  /** Row-id key, data key, then what sealing takes. */
  random: Text,
  header: Text,
});
export type KeysVector = v.InferOutput<typeof KeysVector>;
export interface KeysInput {
  readonly vault: string;
  readonly prf: { readonly credential: string; readonly salt: string; readonly output: string };
  readonly passphrase: { readonly text: string; readonly salt: string };
  readonly recovery: { readonly code: string; readonly salt: string };
  readonly random: string;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export function keysVector(input: KeysInput): KeysVector {
  const vault = vaultId(unhex(input.vault));
  const { prf, passphrase, recovery } = input;
  const code = parseRecoveryCode(recovery.code) ?? new Uint8Array(0);
  const seeds = {
    prf: seedFromPrf(sumo, vault, unhex(prf.salt), unhex(prf.output)),
    passphrase: seedFromPassphrase(sumo, vault, unhex(passphrase.salt), STRETCH, passphrase.text),
    recovery: seedFromRecovery(sumo, vault, unhex(recovery.salt), code),
  };
  const faces: Readonly<Record<keyof typeof seeds, SlotFace>> = {
    prf: { name: { type: "prf", credential: unhex(prf.credential) }, salt: unhex(prf.salt) },
    passphrase: { name: { type: "passphrase", stretch: STRETCH }, salt: unhex(passphrase.salt) },
    recovery: { name: { type: "recovery" }, salt: unhex(recovery.salt) },
  };
  const publicKeys = {
    prf: slotPublicKey(sumo, seeds.prf),
    passphrase: slotPublicKey(sumo, seeds.passphrase),
    recovery: slotPublicKey(sumo, seeds.recovery),
  };
  const slot = (name: keyof typeof seeds): OpenSlot => ({ face: faces[name], publicKey: publicKeys[name] });
  const { random, left } = listedRandom(input.random);
  const keys = newVaultKeys(random, vault, [slot("recovery"), slot("prf"), slot("passphrase")]);
  const header = hex(encodeHeader(sealKeys(sumo, random, keys)));
  if (left() > 0) throw new Error("randomness was left over");
  const made = (name: keyof typeof seeds) => ({
    seed: hex(seeds[name]),
    public_key_sha256: sha256(publicKeys[name]),
  });
  return {
    vault: input.vault,
    prf: { ...prf, ...made("prf") },
    passphrase: { ...passphrase, ...made("passphrase") },
    recovery: { ...recovery, ...made("recovery") },
    random: input.random,
    header,
  };
}

export const RowVector = v.strictObject({
  row_id_key: Text,
  data_key: Text,
  key_number: v.number(),
  kind: Text,
  id: Text,
  time: v.number(),
  device: Text,
  value: v.nullable(Text),
  nonce: Text,
  kind_tag: Text,
  row_id: Text,
  sealed: Text,
});
export type RowVector = v.InferOutput<typeof RowVector>;

export async function aeadOf(key: Bytes): Promise<{ readonly seal: AeadCall; readonly open: AeadCall }> {
  const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
  const parameters = (iv: Bytes, additionalData: Bytes) => ({ name: "AES-GCM", iv, additionalData });
  return {
    seal: (nonce, additional, data) => crypto.subtle.encrypt(parameters(nonce, additional), imported, data),
    open: (nonce, additional, data) => crypto.subtle.decrypt(parameters(nonce, additional), imported, data),
  };
}

export async function rowVector(
  input: Omit<RowVector, "kind_tag" | "row_id" | "sealed">,
): Promise<RowVector> {
  const rowIds = rowIdKey(unhex(input.row_id_key));
  const { seal } = await aeadOf(dataKey(unhex(input.data_key)));
  const row = rowIdOf(sumo, rowIds, input.kind, input.id);
  const { kind, id, time } = input;
  const value = input.value === null ? null : unhex(input.value);
  const content = { kind, id, stamp: { time, device: unhex(input.device) }, value };
  const sealed = await sealRow(() => unhex(input.nonce), seal, input.key_number, row, content);
  const { kind_tag, row_id } = { kind_tag: hex(kindTag(sumo, rowIds, kind)), row_id: hex(row) };
  return { ...input, kind_tag, row_id, sealed: hex(sealed) };
}
