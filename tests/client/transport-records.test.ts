/** What was stored and said yesterday must be understood tomorrow: the layouts are frozen in tests/vectors. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import sodium from "libsodium-wrappers";
import * as v from "valibot";
import { decodeInviteRecord } from "../../client/identity/invite-record.ts";
import { decodeGuestRecord } from "../../client/transport/guest-record.ts";
import { decodeHostRecord, decodeStruck } from "../../client/transport/host-record.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import {
  CLOSED_INVITE,
  CONFIRMING,
  DONE,
  FACTS,
  HOST_FACTS,
  INVITE,
  KEY,
  LOCKED,
  makeFrozen,
  PLACE,
  STRUCK,
  stateOf,
} from "./support/frozen-records.ts";

const Vector = v.object({ rekeying: v.array(v.string()), records: v.record(v.string(), v.string()) });
const path = new URL("../vectors/transport-records.json", import.meta.url);
const frozen = v.parse(Vector, JSON.parse(readFileSync(path, "utf8")));
const record = (name: string): Bytes => new Uint8Array(Buffer.from(frozen.records[name] ?? "", "hex"));

test("what is said and stored is what was frozen, byte for byte", () => {
  const made = makeFrozen();
  assert.deepEqual(made.rekeying, frozen.rekeying);
  assert.deepEqual(made.records, frozen.records);
});

test("every frozen record can be read", () => {
  assert.deepEqual(decodeGuestRecord(sodium, record("guestJoined")), { stage: "joined", place: PLACE });
  assert.deepEqual(decodeGuestRecord(sodium, record("guestConfirming")), {
    stage: "confirming",
    place: PLACE,
    handshake: CONFIRMING,
  });
  assert.deepEqual(decodeGuestRecord(sodium, record("guestEstablished")), {
    stage: "established",
    place: PLACE,
    facts: FACTS,
    state: stateOf("patient"),
  });
  assert.deepEqual(decodeHostRecord(sodium, record("hostOpen")), {
    stage: "open",
    facts: HOST_FACTS,
    handshake: DONE,
    state: stateOf("therapist"),
  });
  assert.deepEqual(decodeHostRecord(sodium, record("hostEnded")), { stage: "ended", session: KEY });
  assert.deepEqual(decodeStruck(record("struck")), STRUCK);
  assert.deepEqual(decodeStruck(record("struckLocked")), LOCKED);
  assert.deepEqual(decodeInviteRecord(record("invite")), INVITE);
  assert.deepEqual(decodeInviteRecord(record("inviteClosed")), CLOSED_INVITE);
});

const decoders: Readonly<Record<string, (bytes: Bytes) => unknown>> = {
  guestJoined: (bytes) => decodeGuestRecord(sodium, bytes),
  guestConfirming: (bytes) => decodeGuestRecord(sodium, bytes),
  guestEstablished: (bytes) => decodeGuestRecord(sodium, bytes),
  hostOpen: (bytes) => decodeHostRecord(sodium, bytes),
  hostEnded: (bytes) => decodeHostRecord(sodium, bytes),
  struck: decodeStruck,
  struckLocked: decodeStruck,
  invite: decodeInviteRecord,
  inviteClosed: decodeInviteRecord,
};

for (const [name, decode] of Object.entries(decoders)) {
  test(`${name}: another version, a cut and a longer record are none, and nothing throws`, () => {
    const good = record(name);
    assert.notEqual(decode(good), null);
    assert.equal(decode(Uint8Array.of(9, ...good.subarray(1))), null);
    for (let length = 0; length < good.length; length++)
      assert.equal(decode(good.slice(0, length)), null, `${length}`);
    assert.equal(decode(Uint8Array.of(...good, 0, 0, 0, 0)), null);
    for (const [other, bytes] of Object.entries(frozen.records)) {
      const shared = name.slice(0, 4) === other.slice(0, 4);
      if (!shared) assert.equal(decode(new Uint8Array(Buffer.from(bytes, "hex"))), null, other);
    }
  });
}

test("a session's record is not taken for another session's, nor for the other side's", () => {
  const text = Buffer.from(record("guestEstablished")).toString("latin1");
  const other = Buffer.from(text.replace(KEY, "AAAAAAAAAAAAAAAAAAAAAA"), "latin1");
  assert.equal(decodeGuestRecord(sodium, new Uint8Array(other)), null);
});
