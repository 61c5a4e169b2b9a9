import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import { linkSecret } from "../../crypto/brands.ts";
import { type Bytes, concat, fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { deriveRoom, encodeInvite, type Invite, isDisplayName, parseInvite } from "../../crypto/invite.ts";
import { hash } from "../../crypto/kdf.ts";
import { LABEL } from "../../crypto/labels.ts";
import { InviteVector, inviteVector } from "./support/frozen.ts";
import { base, inviteWith } from "./support/handshake.ts";
import { hex, singleBitMutations, throwsCode, unhex } from "./support/session.ts";
import { frozenVectors } from "./support/vectors.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new Uint8Array(bytes));
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .map((text) => text.normalize("NFC").trim());
const invite: fc.Arbitrary<Invite> = fc.record(
  {
    version: fc.constant(1 as const),
    passcode: fc.boolean(),
    relayOnly: fc.boolean(),
    secret: key.map(linkSecret),
    therapistKey: key,
    name: name.filter(isDisplayName),
  },
  { noNullPrototype: true },
);

function fragmentBytes(text: string): Bytes {
  const bytes = fromBase64Url(text);
  assert.ok(bytes !== null);
  return bytes;
}

/** A link with a right checksum around any body: what a forger, or another version, would write. */
function sealed(body: Uint8Array): string {
  return toBase64Url(concat(body, hash(base, LABEL.linkChecksum, 32, body).subarray(0, 4)));
}
const bodyOf = (text: string): Bytes => fragmentBytes(text).slice(0, -4);
const BODY = bodyOf(encodeInvite(base, inviteWith()));

test("frozen links", () => {
  const links = v.parse(v.array(InviteVector), frozenVectors("invite.json"));
  assert.ok(links.length > 0);
  for (const link of links) {
    assert.deepEqual(inviteVector(link), link);
    assert.deepEqual(parseInvite(base, link.fragment), {
      version: 1,
      passcode: link.passcode,
      relayOnly: link.relay_only,
      secret: unhex(link.secret),
      therapistKey: unhex(link.therapist_public_key),
      name: link.name,
    });
  }
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(invite, (made) => assert.deepEqual(parseInvite(base, encodeInvite(base, made)), made)),
  );
});

test("a link with one bit changed is refused", () => {
  const text = encodeInvite(base, inviteWith({ passcode: true }));
  for (const bad of singleBitMutations(fragmentBytes(text))) {
    throwsCode(() => parseInvite(base, toBase64Url(bad)), "LINK-MALFORMED");
  }
});

test("a link with a character changed, cut, doubled or added is refused", () => {
  const text = encodeInvite(base, inviteWith());
  for (let at = 0; at < text.length; at++) {
    const other = text[at] === "A" ? "B" : "A";
    throwsCode(() => parseInvite(base, text.slice(0, at) + other + text.slice(at + 1)), "LINK-MALFORMED");
    throwsCode(() => parseInvite(base, text.slice(0, at)), "LINK-MALFORMED");
    throwsCode(() => parseInvite(base, text.slice(0, at) + text[at] + text.slice(at)), "LINK-MALFORMED");
  }
  for (const bad of [`#${text}`, `${text}=`, ` ${text}`, `${text}\n`, `${text}AAAA`, "", text.repeat(20)]) {
    throwsCode(() => parseInvite(base, bad), "LINK-MALFORMED");
  }
});

test("no text is accepted that would not have been written so", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      throwsCode(() => parseInvite(base, text), "LINK-MALFORMED");
    }),
  );
});

test("an intact link of another version says so, whatever else it holds", () => {
  for (const version of [0, 2, 3, 255]) {
    const body = BODY.slice();
    body[0] = version;
    throwsCode(() => parseInvite(base, sealed(body)), "VERSION-UNKNOWN");
    throwsCode(() => parseInvite(base, sealed(Uint8Array.of(version))), "VERSION-UNKNOWN");
  }
});

test("a right checksum does not make a wrong body right", () => {
  const bodies = new Map<string, Bytes>();
  for (const flags of [4, 8, 16, 128, 255]) {
    const body = BODY.slice();
    body[1] = flags;
    bodies.set(`flags ${flags}`, body);
  }
  const length = (n: number): Bytes => {
    const body = BODY.slice();
    body[66] = n;
    return body;
  };
  for (const n of [0, 1, 16, 18, 255]) bodies.set(`name length ${n}`, length(n));
  bodies.set("trailing byte", concat(BODY, Uint8Array.of(0x61)));
  bodies.set("no name", BODY.slice(0, 66));
  bodies.set("empty name", concat(BODY.slice(0, 66), Uint8Array.of(0)));
  bodies.set("one byte", Uint8Array.of(1));
  const withName = (bytes: readonly number[]): Bytes =>
    concat(BODY.slice(0, 66), Uint8Array.of(bytes.length, ...bytes));
  bodies.set("broken UTF-8", withName([0xc3]));
  bodies.set("overlong UTF-8", withName([0xc1, 0xa1]));
  bodies.set("surrogate", withName([0xed, 0xa0, 0x80]));
  bodies.set("line feed", withName([0x61, 0x0a, 0x61]));
  bodies.set("not NFC", withName([...Buffer.from("e\u0301")]));
  bodies.set("65 bytes", withName(new Array<number>(65).fill(0x61)));
  for (const body of bodies.values()) throwsCode(() => parseInvite(base, sealed(body)), "LINK-MALFORMED");
  assert.equal(parseInvite(base, sealed(withName([0x61]))).name, "a");
});

test("names that could show as something else are refused", () => {
  for (const bad of [
    "",
    " a",
    "a ",
    "a\u0000",
    "a\tb",
    "a\u2028b",
    "\u202eabc",
    "a\u2066b",
    "a\u200e",
    "e\u0301",
    "\ud800",
  ]) {
    assert.equal(isDisplayName(bad), false, JSON.stringify(bad));
    throwsCode(() => encodeInvite(base, inviteWith({ name: bad })), "ARGUMENT-INVALID");
  }
  assert.equal(isDisplayName("x".repeat(64)), true);
  assert.equal(isDisplayName("x".repeat(65)), false);
  assert.equal(isDisplayName("ü".repeat(32)), true);
  assert.equal(isDisplayName("ü".repeat(33)), false);
});

test("what does not fit a link is not written", () => {
  throwsCode(() => encodeInvite(base, inviteWith({ therapistKey: new Uint8Array(31) })), "ARGUMENT-INVALID");
  throwsCode(() => linkSecret(new Uint8Array(33)), "ARGUMENT-INVALID");
});

test("room, token and psk each follow from the secret alone, and tell nothing of each other", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      const one = deriveRoom(base, linkSecret(a));
      const two = deriveRoom(base, linkSecret(b));
      const same = hex(a) === hex(b);
      assert.equal(hex(one.room) === hex(two.room), same);
      assert.equal(hex(one.token) === hex(two.token), same);
      assert.equal(hex(one.psk) === hex(two.psk), same);
      const outputs = [hex(one.room), hex(one.token), hex(one.psk), hex(a)];
      for (const [i, x] of outputs.entries()) {
        for (const y of outputs.slice(i + 1)) assert.ok(!x.startsWith(y) && !y.startsWith(x));
      }
      assert.deepEqual([one.room.length, one.token.length, one.psk.length], [16, 32, 32]);
    }),
  );
});
