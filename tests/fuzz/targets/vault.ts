/** A vault's keys and rows as a relay or a disk may give them back, and the recovery code as people type it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openUnderShare, sealUnderShare } from "../../../client/vault/share-seal.ts";
import { dataKey, rowIdKey, slotSeed, type VaultId, vaultId, vaultKey } from "../../../crypto/brands.ts";
import { type Bytes, concat, toBase64Url, uintBe, utf8 } from "../../../crypto/bytes.ts";
import { CryptoError } from "../../../crypto/errors.ts";
import type { AeadCall } from "../../../crypto/sframe/webcrypto.ts";
import { encodeHeader, encodeSlots, parseHeader } from "../../../crypto/vault/header.ts";
import { openKeyring, sealKeyring } from "../../../crypto/vault/keyring.ts";
import { newVaultKeys, openKeys, sealKeys } from "../../../crypto/vault/keys.ts";
import { newRecoveryCode, parseRecoveryCode } from "../../../crypto/vault/recovery-code.ts";
import {
  openName,
  openRow,
  type Row,
  rowIdOf,
  rowKeyNumber,
  sealName,
  sealRow,
} from "../../../crypto/vault/row.ts";
import { openSlot, type SlotName, STRETCH, slotPublicKey } from "../../../crypto/vault/slot.ts";
import { base as sodium } from "../../crypto/support/handshake.ts";
import { seededRandom } from "../../crypto/support/session.ts";
import { codes, judged, refusalOf, sameBytes, wholesome } from "../judge.ts";
import { mutatedBytes } from "../mutate.ts";
import { ACCEPTED, bytesTarget, textTarget } from "../target.ts";

const random = seededRandom("fuzz vault");
const vault: VaultId = vaultId(random(16));
const seed = slotSeed(random(32));
const publicKey = slotPublicKey(sodium, seed);

function headerWith(names: readonly SlotName[]): Bytes {
  const slots = names.map((name) => ({ face: { name, salt: random(16) }, publicKey }));
  return encodeHeader(sealKeys(sodium, random, newVaultKeys(random, vault, slots)));
}
const headers = [
  headerWith([{ type: "recovery" }]),
  headerWith([
    { type: "prf", credential: random(16) },
    { type: "prf", credential: random(64) },
    { type: "passphrase", stretch: STRETCH },
    { type: "recovery" },
  ]),
];

const header = bytesTarget({
  name: "vault-header",
  covers: ["crypto/vault/header.ts parseHeader"],
  samples: headers,
  check: (bytes) =>
    judged(
      () => parseHeader(bytes),
      codes("VERSION-UNKNOWN", "MESSAGE-MALFORMED"),
      (parsed) => {
        sameBytes(encodeHeader(parsed), bytes);
        wholesome(parsed, bytes.length);
      },
    ),
});

const isHeader = new Set(headers.map((bytes) => toBase64Url(bytes)));
/** What parses is opened: nothing opens that was not sealed, whichever part of it was changed. */
const opened = bytesTarget({
  name: "vault-keys",
  covers: ["crypto/vault/keys.ts openKeys", "crypto/vault/slot.ts openSlot"],
  samples: headers,
  share: 0.05,
  check: (bytes) =>
    judged(
      () => {
        const parsed = parseHeader(bytes);
        for (const slot of parsed.slots) {
          const keys = openKeys(sodium, parsed, slot, seed);
          if (keys !== null) return keys;
          assert.equal(openSlot(sodium, parsed.vault, parsed.revision, slot, seed), null);
        }
        return null;
      },
      codes("VERSION-UNKNOWN", "MESSAGE-MALFORMED", "MESSAGE-FORGED"),
      () => assert.ok(isHeader.has(toBase64Url(bytes)), "a header that nobody sealed was opened"),
    ),
});

const key = vaultKey(random(32));
const before = encodeSlots({ vault, revision: 1, slots: [] });
const rings = [1, 3].map((count) =>
  sealKeyring(sodium, key, before, {
    rowIds: rowIdKey(random(32)),
    dataKeys: Array.from({ length: count }, () => dataKey(random(32))),
    publicKeys: [publicKey],
  }),
);
const isRing = new Set(rings.map((bytes) => toBase64Url(bytes)));
const keyring = bytesTarget({
  name: "vault-keyring",
  covers: ["crypto/vault/keyring.ts openKeyring"],
  samples: rings,
  share: 0.3,
  check: (bytes) =>
    judged(
      () => openKeyring(sodium, key, before, bytes, 1),
      codes("MESSAGE-FORGED", "MESSAGE-MALFORMED"),
      () => assert.ok(isRing.has(toBase64Url(bytes)), "a keyring that nobody sealed was opened"),
    ),
});

// ---- rows ----------------------------------------------------------------------------------------------------

const rowIds = rowIdKey(random(32));
const contents: readonly Row[] = [
  { kind: "invite", id: "a", stamp: { time: 1, device: random(16) }, value: utf8("value") },
  { kind: "x", id: "é".repeat(80), stamp: { time: 2 ** 53 - 1, device: random(16) }, value: random(300) },
  { kind: "strikes", id: "", stamp: { time: 0, device: random(16) }, value: null },
];
const row = rowIdOf(sodium, rowIds, "invite", "a");
/** Passes plaintext through, so that what is below the seal is reached as well; the tag is 16 zeros. */
const clear: AeadCall = async (_nonce, _additional, data) => {
  if (data.subarray(-16).some((byte) => byte !== 0)) throw new Error("tag");
  return data.slice(0, -16).buffer;
};
const clearSeal: AeadCall = async (_nonce, _additional, data) => concat(data, new Uint8Array(16)).buffer;
const rowSamples = await Promise.all(
  contents.map(({ kind, id, ...rest }) =>
    sealRow(random, clearSeal, 7, rowIdOf(sodium, rowIds, kind, id), { kind, id, ...rest }),
  ),
);
const mine = rowSamples.slice(0, 1);

const rowTarget = bytesTarget({
  name: "vault-row",
  covers: ["crypto/vault/row.ts openRow"],
  samples: mine,
  waits: true,
  wrong: fc.oneof(
    mutatedBytes(rowSamples.map((bytes) => bytes.slice(17, -16))).map((plain) =>
      concat(Uint8Array.of(1), uintBe(7, 4), new Uint8Array(12), plain, new Uint8Array(16)),
    ),
    fc.constantFrom(...rowSamples),
  ),
  check: async (bytes) => {
    try {
      const content = await openRow(sodium, rowIds, clear, row, bytes);
      wholesome(content, bytes.length);
      const again = await sealRow(() => bytes.slice(5, 17), clearSeal, rowKeyNumber(bytes), row, content);
      sameBytes(again, bytes);
      return ACCEPTED;
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      return refusalOf(error, codes("VERSION-UNKNOWN", "MESSAGE-MALFORMED", "MESSAGE-FORGED"));
    }
  },
});

const name = await sealName(random, clearSeal, 7, row, "rôom");
const nameTarget = bytesTarget({
  name: "vault-name",
  covers: ["crypto/vault/row.ts openName"],
  samples: [name],
  waits: true,
  check: async (bytes) => {
    try {
      const id = await openName(clear, row, bytes);
      wholesome(id, bytes.length);
      sameBytes(await sealName(() => bytes.slice(5, 17), clearSeal, rowKeyNumber(bytes), row, id), bytes);
      return ACCEPTED;
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      return refusalOf(error, codes("VERSION-UNKNOWN", "MESSAGE-MALFORMED", "MESSAGE-FORGED"));
    }
  },
});

// ---- what people type, and what a page keeps -----------------------------------------------------------------

const recoveryCodes = [
  newRecoveryCode(sodium, random),
  newRecoveryCode(sodium, random).toLowerCase().replaceAll("-", " "),
];
const recovery = textTarget({
  name: "recovery-code",
  covers: ["crypto/vault/recovery-code.ts parseRecoveryCode"],
  samples: recoveryCodes,
  check: (text) =>
    judged(
      () => parseRecoveryCode(text),
      () => null,
      (secret) => {
        assert.equal(secret.length, 17);
        assert.ok((secret[0] ?? 255) < 4, "130 bits");
        const written = newRecoveryCode(sodium, () => secret.slice());
        assert.deepEqual(parseRecoveryCode(written), secret);
      },
    ),
});

const share = toBase64Url(random(32));
const resume = (await sealUnderShare(random, share, vault, seed)) ?? assert.fail();
const resumed = bytesTarget({
  name: "vault-resume",
  covers: ["client/vault/share-seal.ts openUnderShare"],
  samples: [resume],
  waits: true,
  share: 0.2,
  check: async (bytes) => {
    const found = await openUnderShare(share, vault, bytes);
    if (found === null) return "refused";
    sameBytes(bytes, resume, "what nobody sealed was opened");
    sameBytes(found, seed);
    return ACCEPTED;
  },
});

export const VAULT = [header, opened, keyring, rowTarget, nameTarget, recovery, resumed] as const;
