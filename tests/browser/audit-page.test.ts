/** An auditor at work, in real browsers and through the real relay: what happened, one session, the proof, copies. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as v from "valibot";
import type { EventName } from "../../crypto/audit/registry.ts";
import { EnrolmentMade } from "../../relay/wire/accounts.ts";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  keepRecoveryCode,
  makeInvite,
  PATIENT,
  press,
  sees,
  shown,
  suiteScope,
  type,
  waits,
} from "../support/app.ts";
import { eventually, launchChromium, type Person } from "../support/browsers.ts";
import { type SpawnedRelay, spawnRelay, temporaryFolder } from "../support/relay.ts";
import type { TestHost } from "../support/relay-client.ts";
import { enterFirst } from "../support/staff.ts";
import { SOME_DETAILS, staffPen } from "../support/staff-events.ts";
import { givePasskeys } from "../support/virtual-authenticator.ts";

const scope = suiteScope();
let relay: SpawnedRelay;
let first: TestHost;
let auditor: Person;
let therapist: Person;
let patient: Person;
let folder: string;

/** Enough that not all of them are drawn. */
const MANY = 260;

before(async () => {
  await builtClient();
  relay = await spawnRelay(scope);
  first = await enterFirst(relay);
  const browser = await launchChromium();
  scope.after(() => browser.close());
  [auditor, therapist, patient] = [await browser.person(), await browser.person(), await browser.person()];
  folder = temporaryFolder(scope);
  const session = await auditor.page.createCDPSession();
  await session.send("Page.setDownloadBehavior", { behavior: "allow", downloadPath: folder });
});
after(scope.clean);

/** By a link of the first admin's, with a passkey of their own. */
async function enters(person: Person, name: string, role: "auditor" | "practitioner"): Promise<void> {
  const invited = await first.post("/api/people/invite", { name, roles: [role] });
  const { token } = v.parse(EnrolmentMade, invited.json);
  await givePasskeys(person);
  await person.page.goto(`${relay.url}/#enrol=${token}`);
  await press(person, /make my passkey/);
  await keepRecoveryCode(person);
}

const choose = async (label: RegExp, value: string) => {
  const handle = await auditor.page.evaluateHandle((source) => {
    const wanted = new RegExp(source, "i");
    const all = [...document.querySelectorAll("select")];
    return all.find((each) => wanted.test(each.labels?.[0]?.innerText ?? "")) ?? null;
  }, label.source);
  const select = handle.asElement();
  assert.ok(select, `a choice named ${label}`);
  await (select as Awaited<ReturnType<typeof auditor.page.$>>)?.select(value);
};

/** The file of this name, once it is there. */
const saved = (wanted: RegExp) =>
  eventually(`a file ${wanted}`, async () => {
    const name = readdirSync(folder).find((each) => wanted.test(each));
    return name === undefined ? null : join(folder, name);
  });

/** What the offline checker says of a file that holds. */
function verified(file: string, ...known: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["scripts/audit-verify.ts", file, ...known],
    { cwd: join(import.meta.dirname, "../.."), encoding: "utf8" },
  );
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

/** What a button has put on the clipboard. */
async function copied(name: RegExp): Promise<string> {
  await press(auditor, name);
  await sees(auditor, /copied/i);
  return auditor.page.evaluate(() => navigator.clipboard.readText());
}

test("an auditor who has no desk comes in with a vault for the audit key, and reads the log", async () => {
  await enters(auditor, "Chiara Vogt", "auditor");
  await sees(auditor, /audit log[\s\S]*newest first/i);
  await press(auditor, /^keys$/);
  await sees(auditor, /you have the audit key/i);
  await press(auditor, /^events$/);
  await sees(auditor, /signed in|a passkey was added/i);
  assert.doesNotMatch(await auditor.page.$eval("header", (header) => header.innerText), /desk/i);
});

test("hundreds of events are one long table, found by kind and by result", async () => {
  const { id } = (await first.get("/api/account")).json as { id: string };
  const pen = staffPen(first, id);
  for (let event = 0; event < MANY; event++) {
    const action: EventName = event % 13 === 0 ? "vault.exported" : "vault.unlocked";
    await pen.say({ action, outcome: event % 20 === 0 ? "failure" : "success", details: SOME_DETAILS });
  }
  await press(auditor, /^look for newer$/);
  const rows = () =>
    auditor.page.$eval("table.audit-events", (table) => Number(table.getAttribute("aria-rowcount")) - 1);
  await eventually("all rows", async () => (await rows()) > MANY);
  await choose(/^what/, "vault.exported");
  await eventually("the exports alone", async () => (await rows()) === Math.ceil(MANY / 13));
  await choose(/^result/, "failure");
  await sees(auditor, /could not save a copy of their data/i);
  await press(auditor, /clear the filters/);
  await eventually("all rows again", async () => (await rows()) > MANY);
});

test("a session's story has both sides, with details that only the auditor can open", async () => {
  await enters(therapist, "Ada Okafor", "practitioner");
  await type(therapist, /your name/, "Dr. Okafor");
  await press(therapist, /go to my desk/);
  const { link } = await makeInvite(therapist);
  await arrive(patient, link);
  await waits(patient);
  await admit(therapist);
  await inCall(therapist, patient);
  await press(therapist, /^end/);
  await press(therapist, /^end the session$/);

  await press(auditor, /^look for newer$/);
  await choose(/^what/, "admit");
  await sees(auditor, new RegExp(`let the patient in[\\s\\S]*${PATIENT}[\\s\\S]*ada okafor`, "i"));
  await press(auditor, /^let the patient in$/);
  await sees(auditor, new RegExp(`details[\\s\\S]*name[\\s\\S]*${PATIENT}`, "i"));
  await press(auditor, /show the whole session/);
  await sees(auditor, /session \S{6}[\s\S]*with\s+ada okafor[\s\S]*in the call/i);
  await eventually("the end from both sides", async () => {
    const ends = (await shown(auditor.page)).match(/the call ended/gi) ?? [];
    if (ends.length >= 2) return true;
    await press(auditor, /back to the events/);
    await press(auditor, /^let the patient in$/);
    await press(auditor, /show the whole session/);
    return false;
  });
});

test("the evidence of that session is one file that the offline checker takes", async () => {
  await press(auditor, /save evidence/);
  await sees(auditor, /the evidence of this session is saved/i);
  const file = await saved(/-evidence\.jsonl$/);
  assert.match(readFileSync(file, "utf8"), /^\{"type":"quietroom-audit-export","version":1,/);
  assert.match(verified(file), /IT HOLDS/);
});

test("the whole log is checked on the spot, and what that proves is said", async () => {
  await press(auditor, /^check and export$/);
  await press(auditor, /^check the whole log$/);
  await sees(
    auditor,
    /the log holds[\s\S]*what this proves[\s\S]*known all along[\s\S]*cannot prove/i,
    30_000,
  );
});

test("a key and a checkpoint that were kept outside are what a later copy is held against", async () => {
  await auditor.context.overridePermissions(relay.url, [
    "clipboard-read",
    "clipboard-write",
    "clipboard-sanitized-write",
  ]);
  // A page in the background has no clipboard.
  await auditor.page.bringToFront();
  const key = await copied(/^copy the key$/);
  const kept = join(folder, "kept.txt");
  writeFileSync(kept, await copied(/^copy the checkpoint$/));
  await press(auditor, /^save: log file/);
  await sees(auditor, /your copy is saved/i);
  const file = await saved(/^audit-log-.*\.jsonl$/);
  assert.match(verified(file, "--log", key, "--checkpoint", kept), /IT HOLDS/);
});

test("a copy as a table has the details, and that it was made stands on the log before it", async () => {
  await press(auditor, /^save: table/);
  await sees(auditor, /your copy is saved/i);
  const text = readFileSync(await saved(/\.csv$/), "utf8");
  assert.ok(new RegExp(`admit,success[^\\n]*${PATIENT}`).test(text), "with the patient's name");
  assert.ok(text.includes("log.read"), "that she reads it");
  assert.equal((text.match(/log\.exported/g) ?? []).length, 3, "the evidence, the log and this table itself");
});

test("a period is signed off with a note, which is listed and sealed", async () => {
  await press(auditor, /^reviews$/);
  await sees(auditor, /the next review is due/i);
  await auditor.page.type("textarea[name=note]", "Looked through all of it.");
  await press(auditor, /^sign it off$/);
  await sees(
    auditor,
    /signed off\. your review is on the log[\s\S]*chiara vogt[\s\S]*looked through all of it/i,
  );
});
