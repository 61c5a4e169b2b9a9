/** The vault's formats: frozen, exact, and of no use to anybody without the secret. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import { dataKey, rowIdKey, slotSeed, vaultId } from "../../crypto/brands.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { encodeHeader, MAX_HEADER_BYTES, MAX_SLOTS, parseHeader } from "../../crypto/vault/header.ts";
import { changedKeys, newVaultKeys, openKeys, sealKeys, type VaultKeys } from "../../crypto/vault/keys.ts";
import { newRecoveryCode, parseRecoveryCode } from "../../crypto/vault/recovery-code.ts";
import {
  compareRows,
  nextTime,
  openName,
  openRow,
  type Row,
  rowIdOf,
  sealedLength,
  sealName,
  sealRow,
} from "../../crypto/vault/row.ts";
import {
  isStretch,
  type SlotName,
  STRETCH,
  seedFromPassphrase,
  seedFromPrf,
  slotPublicKey,
} from "../../crypto/vault/slot.ts";
import {
  aeadOf,
  KeysVector,
  keysVector,
  RecoveryVector,
  RowVector,
  recoveryVector,
  rowVector,
} from "./support/frozen-vault.ts";
import { flipped, base as sodium, sumo } from "./support/handshake.ts";
import { hex, seededRandom, unhex } from "./support/session.ts";
import { frozenVectors } from "./support/vectors.ts";

const random = seededRandom("vault test");
const crypto = (code: string) => (error: unknown) => error instanceof CryptoError && error.code === code;
const refusedBy = (work: () => unknown): string => {
  try {
    return work() === null ? "null" : "taken";
  } catch (error) {
    return error instanceof CryptoError ? error.code : String(error);
  }
};

suite("frozen", () => {
  test("recovery codes", () => {
    const frozen = v.parse(v.array(RecoveryVector), frozenVectors("vault-recovery.json"));
    assert.ok(frozen.length > 0);
    for (const vector of frozen) assert.deepEqual(recoveryVector(vector), vector);
  });

  test("seeds, key pairs and a whole header", () => {
    const frozen = v.parse(v.array(KeysVector), frozenVectors("vault-keys.json"));
    assert.ok(frozen.length > 0);
    for (const vector of frozen) {
      assert.deepEqual(keysVector(vector), vector);
      const header = parseHeader(unhex(vector.header));
      for (const [index, { seed }] of [vector.prf, vector.passphrase, vector.recovery].entries()) {
        const slot = header.slots[index] ?? assert.fail();
        const keys = openKeys(sodium, header, slot, slotSeed(unhex(seed))) ?? assert.fail();
        assert.equal(hex(keys.rowIds) + keys.dataKeys.map(hex).join(""), vector.random.slice(0, 128));
      }
    }
  });

  test("rows", async () => {
    const frozen = v.parse(v.array(RowVector), frozenVectors("vault-row.json"));
    assert.ok(frozen.length > 0);
    for (const vector of frozen) {
      assert.deepEqual(await rowVector(vector), vector);
      const rowIds = rowIdKey(unhex(vector.row_id_key));
      const { open } = await aeadOf(dataKey(unhex(vector.data_key)));
      const row = rowIdOf(sodium, rowIds, vector.kind, vector.id);
      const content = await openRow(sodium, rowIds, open, row, unhex(vector.sealed));
      assert.equal(content.value && hex(content.value), vector.value);
      assert.deepEqual([content.kind, content.id, content.stamp.time], [vector.kind, vector.id, vector.time]);
    }
  });
});

suite("recovery code", () => {
  const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  test("is read however people write it, and is 130 bits", () => {
    const code = newRecoveryCode(sodium, random);
    assert.match(code, /^(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
    const secret = parseRecoveryCode(code);
    assert.equal(secret?.length, 17);
    for (const written of [
      code.toLowerCase(),
      code.replaceAll("-", ""),
      ` ${code.replaceAll("-", " – ")}\n`,
      code.replaceAll("0", "O").replaceAll("1", "l"),
      code.replaceAll("0", "o").replaceAll("1", "I"),
    ]) {
      assert.deepEqual(parseRecoveryCode(written), secret, written);
    }
  });

  test("every single wrong character is noticed, and every two side by side", () => {
    const code = newRecoveryCode(sodium, random).replaceAll("-", "");
    for (let at = 0; at < code.length; at++) {
      for (const one of ALPHABET) {
        const wrong = code.slice(0, at) + one + code.slice(at + 1);
        assert.equal(parseRecoveryCode(wrong) === null, one !== code[at], wrong);
        if (at + 1 === code.length) continue;
        for (const other of ALPHABET) {
          const both = code.slice(0, at) + one + other + code.slice(at + 2);
          assert.equal(parseRecoveryCode(both) === null, both !== code, both);
        }
      }
    }
  });

  test("other texts are none", () => {
    const code = newRecoveryCode(sodium, random);
    for (const text of [
      "",
      "x",
      code.slice(0, -1),
      `${code}0`,
      code.replace(/.$/, "U"),
      `${code}${" ".repeat(200)}`,
    ]) {
      assert.equal(parseRecoveryCode(text), null, text);
    }
  });
});

// ---- keys ----------------------------------------------------------------------------------------------------

const vault = vaultId(random(16));
const seeds = [1, 2, 3].map(() => slotSeed(random(32)));
const names: readonly SlotName[] = [
  { type: "recovery" },
  { type: "prf", credential: random(20) },
  { type: "passphrase", stretch: STRETCH },
];
const slots = names.map((name, index) => ({
  face: { name, salt: random(16) },
  publicKey: slotPublicKey(sodium, seeds[index] ?? assert.fail()),
}));
const first = newVaultKeys(random, vault, slots);
const header = sealKeys(sodium, random, first);
const openWith = (sealed: typeof header, seed: (typeof seeds)[number]): VaultKeys | null => {
  for (const slot of sealed.slots) {
    const keys = openKeys(sodium, sealed, slot, seed);
    if (keys !== null) return keys;
  }
  return null;
};

suite("keys", () => {
  test("every way in opens the same, and a stranger's opens nothing", () => {
    for (const seed of seeds) {
      const keys = openWith(header, seed) ?? assert.fail();
      assert.deepEqual(keys, { ...first, revision: 1 });
    }
    assert.equal(openWith(header, slotSeed(random(32))), null);
  });

  test("who is left out opens nothing of what comes then, and cannot be let in by accident", () => {
    const keys = openWith(header, seeds[0] ?? assert.fail()) ?? assert.fail();
    const next = sealKeys(sodium, random, changedKeys(keys, keys.slots.slice(1), random));
    assert.equal(openWith(next, seeds[1] ?? assert.fail()), null);
    const opened = openWith(next, seeds[2] ?? assert.fail()) ?? assert.fail();
    assert.equal(opened.dataKeys.length, 2);
    // The slot of before, put into the header of after.
    const old = header.slots[0] ?? assert.fail();
    const mixed = { ...next, slots: [old, ...next.slots.slice(1)] };
    assert.equal(openKeys(sodium, mixed, old, seeds[1] ?? assert.fail()), null);
  });

  test("no part of a header can be changed", () => {
    const bytes = encodeHeader(header);
    const seed = seeds[0] ?? assert.fail();
    assert.deepEqual(openWith(parseHeader(bytes), seed), { ...first, revision: 1 });
    for (let byte = 0; byte < bytes.length; byte += byte < 60 ? 1 : 61) {
      const bent = flipped(bytes, 8 * byte + (byte % 8));
      const outcome = refusedBy(() => openWith(parseHeader(bent), seed));
      assert.notEqual(outcome, "taken", `byte ${byte}`);
    }
  });

  test("a header is read whole, exact and in order, or not at all", () => {
    const bytes = encodeHeader(header);
    for (let length = 0; length < bytes.length; length += length < 100 ? 1 : 37) {
      assert.throws(() => parseHeader(bytes.subarray(0, length)), crypto("MESSAGE-MALFORMED"));
    }
    assert.throws(() => parseHeader(Uint8Array.of(...bytes, 0)), crypto("MESSAGE-MALFORMED"));
    assert.throws(() => parseHeader(Uint8Array.of(2, ...bytes.subarray(1))), crypto("VERSION-UNKNOWN"));
    const reversed = encodeHeader({ ...header, slots: header.slots.toReversed() });
    assert.throws(() => parseHeader(reversed), crypto("MESSAGE-MALFORMED"));
    const slot = header.slots[0] ?? assert.fail();
    const twice = encodeHeader({ ...header, slots: [slot, slot] });
    assert.throws(() => parseHeader(twice), crypto("MESSAGE-MALFORMED"));
    const most = new Uint8Array(MAX_HEADER_BYTES + 1).fill(1);
    assert.throws(() => parseHeader(most), crypto("MESSAGE-MALFORMED"));
  });

  test("the largest header fits", () => {
    const large = Array.from({ length: MAX_SLOTS }, () => ({
      face: { name: { type: "prf", credential: random(1_024) } as const, salt: random(16) },
      publicKey: slots[0]?.publicKey ?? assert.fail(),
    }));
    let keys = changedKeys(first, large, null);
    while (keys.dataKeys.length < 128) keys = changedKeys(keys, large, random);
    assert.throws(() => changedKeys(keys, large, random), crypto("EXHAUSTED"));
    const bytes = encodeHeader(sealKeys(sodium, random, keys));
    assert.ok(bytes.length <= MAX_HEADER_BYTES, `${bytes.length}`);
    assert.deepEqual(encodeHeader(parseHeader(bytes)), bytes);
  });

  test("a header says nothing of the public keys, so that nobody else can seal to its slots", () => {
    const bytes = Buffer.from(encodeHeader(header));
    for (const { publicKey } of slots) {
      for (let at = 0; at + 8 <= publicKey.length; at += 8)
        assert.ok(!bytes.includes(publicKey.subarray(at, at + 8)));
    }
  });

  test("parameters out of bounds are neither taken nor asked of a browser", () => {
    const passphrase = (passes: number, memory: number) => ({ passes, memory });
    assert.ok(isStretch(STRETCH) && isStretch(passphrase(10, 262_144)));
    for (const bad of [
      passphrase(2, 65_536),
      passphrase(11, 65_536),
      passphrase(3, 65_535),
      passphrase(3, 4_194_304),
    ]) {
      assert.ok(!isStretch(bad));
      assert.throws(() => seedFromPassphrase(sumo, vault, random(16), bad, "x"), crypto("ARGUMENT-INVALID"));
      const slot = header.slots.find(({ name }) => name.type === "passphrase") ?? assert.fail();
      const asked = encodeHeader({
        ...header,
        slots: [{ ...slot, name: { type: "passphrase", stretch: bad } }],
      });
      assert.throws(() => parseHeader(asked), crypto("MESSAGE-MALFORMED"));
    }
    for (const text of ["", "x".repeat(1_025)])
      assert.throws(
        () => seedFromPassphrase(sumo, vault, random(16), STRETCH, text),
        crypto("ARGUMENT-INVALID"),
      );
    assert.throws(() => seedFromPrf(sumo, vault, random(16), random(31)), crypto("ARGUMENT-INVALID"));
  });

  test("a seed is of one vault, one slot and one kind of secret", () => {
    const output = random(32);
    const salt = random(16);
    const derived = [
      seedFromPrf(sumo, vault, salt, output),
      seedFromPrf(sumo, vaultId(random(16)), salt, output),
      seedFromPrf(sumo, vault, random(16), output),
      seedFromPrf(sumo, vault, salt, random(32)),
    ].map(hex);
    assert.equal(new Set(derived).size, derived.length);
  });
});

// ---- rows ----------------------------------------------------------------------------------------------------

const rowIds = rowIdKey(random(32));
const { seal, open } = await aeadOf(random(32));
const { open: otherOpen } = await aeadOf(random(32));
const bytesOf = (limits: { minLength?: number; maxLength: number }) =>
  fc.uint8Array(limits).map((bytes) => new Uint8Array(bytes));
const plain = { noNullPrototype: true };
const stamp = fc.record(
  { time: fc.oneof(fc.nat(), fc.maxSafeNat()), device: bytesOf({ minLength: 16, maxLength: 16 }) },
  plain,
);
const content = fc.record(
  {
    kind: fc.string({ maxLength: 12 }),
    id: fc.string({ unit: "grapheme", maxLength: 40 }),
    stamp,
    value: fc.option(bytesOf({ maxLength: 700 })),
  },
  plain,
);

suite("rows", () => {
  test("come back as they were, and tell only how long they are, in steps of 256 bytes", async () => {
    await fc.assert(
      fc.asyncProperty(content, async (row: Row) => {
        const id = rowIdOf(sodium, rowIds, row.kind, row.id);
        const sealed = await sealRow(random, seal, 9, id, row);
        assert.deepEqual(await openRow(sodium, rowIds, open, id, sealed), row);
        assert.equal(sealed.length, sealedLength(row.kind, row.id, row.value?.length ?? 0));
        assert.equal((sealed.length - 33) % 256, 0);
        assert.equal(await openName(open, id, await sealName(random, seal, 9, id, row.id)), row.id);
      }),
      { numRuns: 200 },
    );
  });

  test("not one bit can be turned over, and no row stands in another's place or under another key", async () => {
    const row: Row = { kind: "invite", id: "a", stamp: { time: 1, device: random(16) }, value: random(40) };
    const id = rowIdOf(sodium, rowIds, "invite", "a");
    const sealed = await sealRow(random, seal, 1, id, row);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      await assert.rejects(
        openRow(sodium, rowIds, open, id, flipped(sealed, bit)),
        CryptoError,
        `bit ${bit}`,
      );
    }
    for (let length = 0; length < sealed.length; length++) {
      await assert.rejects(openRow(sodium, rowIds, open, id, sealed.slice(0, length)), CryptoError);
    }
    const other = rowIdOf(sodium, rowIds, "invite", "b");
    await assert.rejects(openRow(sodium, rowIds, open, other, sealed), crypto("MESSAGE-FORGED"));
    await assert.rejects(openRow(sodium, rowIds, otherOpen, id, sealed), crypto("MESSAGE-FORGED"));
    const foreign = await sealRow(random, seal, 1, other, row);
    await assert.rejects(openRow(sodium, rowIds, open, other, foreign), crypto("MESSAGE-MALFORMED"));
    const name = await sealName(random, seal, 1, id, "a");
    await assert.rejects(openRow(sodium, rowIds, open, id, name), crypto("MESSAGE-FORGED"));
  });

  test("ids are of one key, one kind and one id", () => {
    const ids = [
      rowIdOf(sodium, rowIds, "a", "bc"),
      rowIdOf(sodium, rowIds, "ab", "c"),
      rowIdOf(sodium, rowIds, "", "abc"),
      rowIdOf(sodium, rowIdKey(random(32)), "a", "bc"),
    ].map(hex);
    assert.equal(new Set(ids).size, ids.length);
  });

  test("any two contents have one order, whoever asks", () => {
    fc.assert(
      fc.property(content, content, content, (a, b, c) => {
        assert.equal(Math.sign(compareRows(a, b)), -Math.sign(compareRows(b, a)));
        assert.equal(compareRows(a, a), 0);
        if (compareRows(a, b) <= 0 && compareRows(b, c) <= 0) assert.ok(compareRows(a, c) <= 0);
      }),
    );
  });

  test("a write comes after what it replaces, whatever the clock says", () => {
    assert.equal(nextTime(10, null), 10);
    assert.equal(nextTime(10, 5), 10);
    assert.equal(nextTime(10, 10), 11);
    assert.equal(nextTime(10, 50), 51);
    assert.equal(nextTime(10, Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  });
});
