/**
 * Every device is gone: the admin's link gives her a new passkey, and the printed code opens what only she could open.
 * The newest code does, and no other; from then on the new passkey alone.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as v from "valibot";
import { toBase64Url } from "../../crypto/bytes.ts";
import { EnrolmentMade, People } from "../../relay/wire/accounts.ts";
import {
  arrive,
  builtClient,
  keepRecoveryCode,
  type MadeInvite,
  makeInvite,
  press,
  sees,
  shown,
  signOut,
  suiteScope,
  type,
  waits,
} from "../support/app.ts";
import { eventually, launchChromium, type Person, type TestBrowser } from "../support/browsers.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import type { TestHost } from "../support/relay-client.ts";
import { enterFirst } from "../support/staff.ts";
import { storedHeader } from "../support/stored.ts";
import { vaultRowsAt } from "../support/vault-rows.ts";
import { givePasskeys } from "../support/virtual-authenticator.ts";

const scope = suiteScope();
let browser: TestBrowser;
let relay: TestRelay;
let admin: TestHost;
let invite: MadeInvite;
/** What she has printed, oldest first. */
const codes: string[] = [];
let lost: readonly string[];
let fresh: Person;

before(async () => {
  await builtClient();
  relay = await startTestRelay(scope);
  admin = await enterFirst(relay);
  browser = await launchChromium();
  scope.after(() => browser.close());
  const old = await someone();
  const passkeys = await givePasskeys(old);
  await follow(old, await made("/api/people/invite", { name: "Bea Novak", roles: ["practitioner"] }));
  codes.push(await keepRecoveryCode(old));
  await type(old, /your name/, "Dr. Novak");
  await press(old, /go to my desk/);
  invite = await makeInvite(old, { label: "Monday at ten" });
  // Her key, her name, the log's keys, the invite: a device that is gone within a moment of a change takes that along.
  await eventually("all of it at the relay", async () => vaultRowsAt(relay) >= 4);
  await press(old, /^your account/);
  await press(old, /^your account$/);
  await press(old, /^make a new code$/);
  await sees(old, /the code you have now opens nothing any more/i);
  await press(old, /^make a new code$/);
  codes.push(await keepRecoveryCode(old));
  lost = await passkeys.ids();
  await old.close();
});
after(scope.clean);

async function someone(): Promise<Person> {
  const person = await browser.person();
  person.expectProblems(/401/);
  return person;
}

/** @returns the token of an enrolment link */
async function made(path: string, body: object = {}): Promise<string> {
  const { status, text, json } = await admin.post(path, body);
  assert.equal(status, 200, text);
  return v.parse(EnrolmentMade, json).token;
}

async function follow({ page, ...person }: Person, token: string): Promise<void> {
  await page.goto(`${relay.url}/#enrol=${token}`);
  await press({ page, ...person }, /make my passkey/);
}

async function tryCode(code: string): Promise<void> {
  await type(fresh, /^recovery code/, code);
  await press(fresh, /^unlock$/);
}

test("a new passkey from the admin's link signs her in, and opens nothing by itself", async () => {
  const { people } = v.parse(People, (await admin.get("/api/people")).json);
  const bea = people.find(({ name }) => name === "Bea Novak");
  const token = await made(`/api/people/${bea?.id}/reset`);
  fresh = await someone();
  await givePasskeys(fresh);
  await fresh.page.goto(`${relay.url}/#enrol=${token}`);
  await sees(fresh, /a new passkey for bea novak/i);
  await press(fresh, /make my passkey/);
  await sees(fresh, /unlock your data/i);
  assert.doesNotMatch(await shown(fresh.page), /monday|dr\. novak/i);
});

test("a mistyped code and an older one are refused, each in its own words", async () => {
  const [old = "", code = ""] = codes;
  await tryCode(code.slice(0, -1) + (code.endsWith("7") ? "8" : "7"));
  await sees(fresh, /RECOVERY-MISTYPED/);
  await tryCode(old);
  await sees(fresh, /RECOVERY-WRONG/);
  assert.doesNotMatch(await shown(fresh.page), /monday|dr\. novak/i);
});

test("the newest one, typed as it comes, opens everything; her links from before are answered again", async () => {
  await tryCode((codes[1] ?? "").toLowerCase().replaceAll("-", " "));
  await sees(fresh, /good to see you, dr\. novak/i);
  await sees(fresh, /monday at ten/i);
  const patient = await browser.person();
  await arrive(patient, invite.link);
  await waits(patient);
  await sees(fresh, /ada lovelace/i);
  await patient.close();
});

test("from now on the new passkey opens it alone, and the lost one has no slot any more", async () => {
  await signOut(fresh);
  await press(fresh, /^sign in with your passkey$/);
  await sees(fresh, /monday at ten/i);
  const passkeys = await givePasskeys(fresh);
  const { slots } = await storedHeader(fresh.page);
  const ways = slots.map(({ name }) => (name.type === "prf" ? toBase64Url(name.credential) : name.type));
  assert.deepEqual(ways.sort(), [...(await passkeys.ids()), "recovery"].sort());
  assert.ok(!ways.includes(lost[0] ?? ""));
});
