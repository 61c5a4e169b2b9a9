import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeEntry, entryLeafHash, parseEntry } from "../../../crypto/audit/entry.ts";
import { MAX_EVENT_BYTES, MAX_TIME } from "../../../crypto/audit/event.ts";
import { leafHash } from "../../../crypto/audit/merkle.ts";
import { sha256 } from "../support/audit.ts";
import { hex, throwsCode } from "../support/session.ts";

test("version, time, event", () => {
  assert.equal(hex(encodeEntry({ received: 0x0123456789ab, event: "a.b" })), "0100000123456789ab612e62");
  assert.deepEqual(parseEntry(Buffer.from("0100000123456789ab612e62", "hex")), {
    received: 0x0123456789ab,
    event: "a.b",
  });
});

test("what is written is read again, from a view as well", () => {
  const text = fc.string({ unit: fc.constantFrom(..."AZaz09-_.~!"), minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_TIME }), text, (received, event) => {
      const bytes = encodeEntry({ received, event });
      const padded = new Uint8Array(bytes.length + 7);
      padded.set(bytes, 3);
      assert.deepEqual(parseEntry(padded.subarray(3, 3 + bytes.length)), { received, event });
      assert.deepEqual(entryLeafHash(sha256, received, Buffer.from(event)), leafHash(sha256, bytes));
    }),
  );
});

test("nothing else is read or written", () => {
  for (const bad of [
    "",
    "01",
    "010000000000000000",
    "0000000000000000006161",
    "0200000000000000006161",
    "01ffffffffffffffff6161",
    "010000e677d21fdc006161",
    "01000000000000000020",
    "010000000000000000c3a9",
    "0100000000000000000a",
    `010000000000000000${"61".repeat(MAX_EVENT_BYTES + 1)}`,
  ])
    throwsCode(() => parseEntry(Buffer.from(bad, "hex")), "MESSAGE-MALFORMED");
  for (const bad of [
    { received: -1, event: "a" },
    { received: 0.5, event: "a" },
    { received: MAX_TIME + 1, event: "a" },
    { received: 0, event: "" },
    { received: 0, event: "é" },
    { received: 0, event: "a b" },
    { received: 0, event: "x".repeat(MAX_EVENT_BYTES + 1) },
  ])
    throwsCode(() => encodeEntry(bad), "ARGUMENT-INVALID");
});
