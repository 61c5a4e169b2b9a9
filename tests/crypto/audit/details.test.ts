import assert from "node:assert/strict";
import { test } from "node:test";
import sodium from "libsodium-wrappers";
import sumo from "libsodium-wrappers-sumo";
import {
  type Details,
  isDetailsLength,
  MAX_DETAILS_BYTES,
  openDetails,
  sealDetails,
} from "../../../crypto/audit/details.ts";
import { EVENT_NAMES, EVENTS, type EventName } from "../../../crypto/audit/registry.ts";
import { type Bytes, concat, utf8 } from "../../../crypto/bytes.ts";
import type { Sodium } from "../../../crypto/sodium.ts";
import { someHash } from "../support/audit.ts";
import { throwsCode } from "../support/session.ts";

await Promise.all([sodium.ready, sumo.ready]);
const keys = sodium.crypto_box_seed_keypair(new Uint8Array(32).fill(1));
const others = sodium.crypto_box_seed_keypair(new Uint8Array(32).fill(2));

const seal = (action: EventName, details: Details): Bytes =>
  sealDetails(sodium, keys.publicKey, action, details) ?? assert.fail("nothing to say");
const open = (action: EventName, sealed: Uint8Array) => openDetails(sodium, keys, action, sealed);
const change = { what: "policy.idleMinutes", from: "15", to: "10", name: "Ada" };

test("both builds of libsodium have the box, and open each other's", () => {
  const builds: readonly Sodium[] = [sodium, sumo];
  for (const one of builds)
    for (const other of builds) {
      const sealed = sealDetails(one, keys.publicKey, "config.changed", change) ?? assert.fail();
      assert.deepEqual(openDetails(other, keys, "config.changed", sealed), change);
    }
});

test("every field of every type goes through, and is in no other", () => {
  const values = {
    text: 'Ünïcode 😀 "\\ \u2028\n',
    code: "HANDSHAKE-FAILED",
    hash: someHash("h"),
    number: 12,
  };
  for (const action of EVENT_NAMES) {
    const kinds = Object.entries(EVENTS[action].details);
    if (kinds.length === 0) continue;
    const details = Object.fromEntries(
      kinds.map(([name, kind]) => [
        name,
        kind === "text" || kind === "code" || kind === "hash" ? values[kind] : values.number,
      ]),
    );
    assert.deepEqual(open(action, seal(action, details)), details);
    for (const [name] of kinds) {
      const one = { [name]: details[name] ?? assert.fail() };
      assert.deepEqual(open(action, seal(action, one)), one);
    }
    throwsCode(() => seal(action, { ...details, more: 1 }), "ARGUMENT-INVALID");
  }
  assert.equal(sealDetails(sodium, keys.publicKey, "config.changed", {}), null);
});

test("values of another kind are not sealed", () => {
  for (const [action, details] of [
    ["consent.given", { hash: "abc" }],
    ["consent.given", { hash: 1 }],
    ["consent.given", { version: 3 }],
    ["call.ended", { duration: -1 }],
    ["call.ended", { duration: 0.5 }],
    ["call.ended", { duration: "1" }],
    ["call.ended", { reason: "" }],
    ["call.ended", { reason: "two words" }],
    ["call.ended", { reason: "é" }],
    ["file.sent", { name: "letter.pdf" }],
    ["config.changed", { toString: "x" }],
  ] as const)
    throwsCode(() => seal(action, details), "ARGUMENT-INVALID");
});

test("the length tells only which multiple of 128 bytes", () => {
  const lengths = new Map<number, number>();
  for (let i = 0; i <= 500; i++) {
    const { length } = seal("log.reviewed", { note: "x".repeat(i) });
    assert.ok(isDetailsLength(length));
    lengths.set(length, (lengths.get(length) ?? 0) + 1);
  }
  assert.deepEqual(
    [...lengths.keys()].map((length) => (length - 48) / 128),
    [1, 2, 3, 4],
  );
  for (const [length, fits] of [
    [0, false],
    [48, false],
    [48 + 128, true],
    [48 + 127, false],
    [48 + 1_536, true],
    [48 + 1_664, false],
  ] as const)
    assert.equal(isDetailsLength(length), fits);
});

test("texts that are too long are cut, never through a character, and always fit", () => {
  const opened = open("log.reviewed", seal("log.reviewed", { note: "x".repeat(600) }));
  assert.equal(opened["note"], "x".repeat(500));
  const emoji = open("log.reviewed", seal("log.reviewed", { note: `x${"😀".repeat(300)}` }))["note"];
  assert.equal(emoji, `x${"😀".repeat(249)}`);
  assert.equal(
    open("log.reviewed", seal("log.reviewed", { note: "a\ud800b\udc00" }))["note"],
    "a\ufffdb\ufffd",
  );
  for (const character of ["\u0000", "é", "😀", '"', "\u2028", "\ud800"]) {
    const text = character.repeat(700);
    const sealed = seal("person.changed", { what: "name", from: text, to: text, name: text });
    assert.ok(isDetailsLength(sealed.length));
    const { from, to } = open("person.changed", sealed);
    assert.equal(from, to);
    assert.ok(String(from).length >= 50);
  }
});

test("sealed to another key, changed or cut", () => {
  const sealed = seal("config.changed", change);
  throwsCode(() => openDetails(sodium, others, "config.changed", sealed), "MESSAGE-FORGED");
  for (let i = 0; i < sealed.length; i++)
    throwsCode(() => open("config.changed", sealed.with(i, (sealed[i] ?? 0) ^ 0x80)), "MESSAGE-FORGED");
  for (const length of [0, 1, 47, 48, sealed.length - 1])
    throwsCode(() => open("config.changed", sealed.subarray(0, length)), "MESSAGE-FORGED");
  const short = { publicKey: keys.publicKey, privateKey: keys.privateKey.slice(1) };
  throwsCode(() => openDetails(sodium, short, "config.changed", sealed), "MESSAGE-FORGED");
  assert.notDeepEqual(seal("config.changed", change), sealed, "the same twice does not look the same");
});

test("well sealed, and not what the registry says", () => {
  const padded = (json: Uint8Array, blocks = Math.ceil((json.length + 1) / 128)) =>
    concat(json, Uint8Array.of(0x80), new Uint8Array(128 * blocks - json.length - 1));
  const opens = (plain: Uint8Array) => open("config.changed", sodium.crypto_box_seal(plain, keys.publicKey));
  const right = utf8('{"what":"a","to":"b"}');
  assert.deepEqual(opens(padded(right)), { what: "a", to: "b" });
  for (const plain of [
    padded(right, 2),
    padded(right).slice(0, 127),
    right,
    new Uint8Array(128),
    new Uint8Array(0),
    padded(new Uint8Array(0)),
    padded(utf8("{}")),
    padded(utf8("null")),
    padded(utf8("[]")),
    padded(utf8('{"to":"b","what":"a"}')),
    padded(utf8('{"what":"a", "to":"b"}')),
    padded(utf8('{"what":"a","what":"b"}')),
    padded(utf8('{"what":"\\u0061"}')),
    padded(utf8('{"what":"a","more":"b"}')),
    padded(utf8('{"__proto__":{"what":"a"}}')),
    padded(utf8('{"what":1}')),
    padded(utf8('{"from":null}')),
    padded(utf8('{"from":"\\ud800"}')),
    padded(utf8(`{"from":"${"x".repeat(501)}"}`)),
    padded(concat(utf8('{"from":"'), Uint8Array.of(0xff), utf8('"}'))),
    padded(utf8(`{"from":"${"x".repeat(MAX_DETAILS_BYTES)}"}`)),
  ])
    throwsCode(() => opens(plain), "MESSAGE-MALFORMED");
  throwsCode(() => open("call.ended", seal("config.changed", change)), "MESSAGE-MALFORMED");
});
