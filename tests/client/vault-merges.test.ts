import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeInviteRecord,
  encodeInviteRecord,
  type InviteRecord,
} from "../../client/identity/invite-record.ts";
import { VAULT_MERGES } from "../../client/identity/vault-merges.ts";
import { decodeStruck, encodeStruck } from "../../client/transport/host-record.ts";
import { mergeOf } from "../../client/vault/kinds.ts";
import { passphraseStrength } from "../../client/vault/passphrase-strength.ts";
import { utf8 } from "../../crypto/bytes.ts";
import { INVITE } from "./support/frozen-records.ts";

const session = (letter: string) => `${letter.repeat(21)}A`;

test("guesses that two devices have counted are all counted, whichever was later; the longer lock stays", () => {
  const merge = mergeOf(VAULT_MERGES, "strikes");
  const one = encodeStruck({
    sessions: [
      { session: session("a"), reported: false },
      { session: session("b"), reported: true },
    ],
    lockedUntil: null,
  });
  const two = encodeStruck({
    sessions: [
      { session: session("b"), reported: false },
      { session: session("c"), reported: false },
    ],
    lockedUntil: 7,
  });
  const expected = {
    sessions: [
      { session: session("a"), reported: false },
      { session: session("b"), reported: true },
      { session: session("c"), reported: false },
    ],
    lockedUntil: 7,
  };
  assert.deepEqual(decodeStruck(merge(one, two)), expected);
  assert.deepEqual(merge(two, one), merge(one, two));
  assert.deepEqual(merge(merge(one, two), two), merge(one, two));
  assert.deepEqual(merge(one, utf8("?")), one);
  assert.deepEqual(merge(utf8("?"), one), one);
});

test("a link that one device forgot is not brought back by what the other wrote later", () => {
  const merge = mergeOf(VAULT_MERGES, "invite");
  const forgotten: InviteRecord = { ...INVITE, fragment: null, passcode: null, asked: true };
  const renamed: InviteRecord = { ...INVITE, label: "another", passcode: "123", registered: false };
  const expected = { ...forgotten, label: "another", registered: INVITE.registered };
  const result = merge(encodeInviteRecord(renamed), encodeInviteRecord(forgotten));
  assert.deepEqual(decodeInviteRecord(result), expected);
  const other = merge(encodeInviteRecord(forgotten), encodeInviteRecord(renamed));
  assert.equal(decodeInviteRecord(other)?.fragment, null);
  assert.deepEqual(merge(result, encodeInviteRecord(forgotten)), result);
  assert.deepEqual(merge(utf8("?"), encodeInviteRecord(renamed)), encodeInviteRecord(renamed));
});

test("everything else is as it was written last", () => {
  assert.deepEqual(mergeOf(VAULT_MERGES, "profile")(utf8("new"), utf8("old")), utf8("new"));
});

test("passphrases: what is common or about her is weak, what is long and odd is strong", async () => {
  const score = async (text: string, words: string[] = []) => (await passphraseStrength(text, words)).score;
  assert.equal(await score("password"), 0);
  assert.ok((await score("sunshine2024")) < 3);
  assert.ok((await score("otter velvet canyon bicycle")) >= 3);
  for (const easy of ["otters otters", "winter snow 2024"]) assert.ok((await score(easy)) < 4, easy);
  for (const good of ["correct horse battery staple", "seven quiet otters read newspapers"])
    assert.equal(await score(good), 4, good);
  const name = "Zwetlana Qvistgaard";
  assert.ok((await score(name)) > (await score(name, [name])));
  assert.ok((await score(name, [name])) < 3);
  assert.equal(await score("x".repeat(100_000)), await score("x".repeat(128)));
});
