/** A personal room: one link for many, who never meet; paused, locked, and given another link. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  admit,
  arrive,
  builtClient,
  introduce,
  type MadeInvite,
  makeInvite,
  openDesk,
  press,
  readWords,
  sees,
  shown,
  suiteScope,
  toDesk,
  waits,
} from "../support/app.ts";
import { eventually, launchChromium, type Person, type TestBrowser } from "../support/browsers.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";

const scope = suiteScope();
const NAMES = ["Ada Lovelace", "Grace Hopper", "Joan Clarke"] as const;
type Name = (typeof NAMES)[number];
let browser: TestBrowser;
let relay: TestRelay;
let therapist: Person;
let room: MadeInvite;
const patients = new Map<Name, Person>();
const patient = (name: Name): Person => patients.get(name) ?? assert.fail(name);

before(async () => {
  const clientDir = await builtClient();
  const limits = { joinsPerAddress: { points: 300, seconds: 60 } };
  relay = await startTestRelay(scope, { clientDir, limits });
  browser = await launchChromium();
  scope.after(() => browser.close());
  therapist = await browser.person();
  await openDesk(therapist, relay);
  room = await makeInvite(therapist, { label: "Open hours", personalRoom: true, passcode: true });
});
after(scope.clean);

/** Nobody reads the name of anybody else. */
async function seeNobodyElse(): Promise<void> {
  for (const [name, { page }] of patients) {
    const text = await shown(page);
    for (const other of NAMES) if (other !== name) assert.ok(!text.includes(other), `${name} reads ${other}`);
  }
}

async function openRoom(): Promise<void> {
  await toDesk(therapist);
  await press(therapist, /^open hours/);
}

/** A fresh browser with the link of the room. */
async function stranger(link = room.link): Promise<Person> {
  const person = await browser.person();
  scope.after(() => person.close());
  person.expectProblems(/403/);
  await person.page.goto(link);
  return person;
}

test("its passcode is longer than that of an invite for one session", () => {
  assert.match(room.passcode, /^\d{3} \d{3} \d{3}$/);
});

test("three wait with one link: three cards, and none of them learns of another", async () => {
  for (const name of NAMES) {
    const person = await browser.person();
    scope.after(() => person.close());
    patients.set(name, person);
    await arrive(person, room.link, { name, passcode: room.passcode });
    await waits(person);
  }
  for (const name of NAMES) await sees(therapist, new RegExp(name));
  await seeNobodyElse();
});

test("one is let in, with words of her own; the others wait on and notice nothing", async () => {
  await admit(therapist, "Grace Hopper");
  const [hers, grace] = [await readWords(therapist), await readWords(patient("Grace Hopper"))];
  assert.deepEqual(grace, hers);
  for (const name of ["Ada Lovelace", "Joan Clarke"] as const) await waits(patient(name));
  await seeNobodyElse();
  await press(therapist, /^end/);
  await press(therapist, /^end the session$/);
  await press(therapist, /back to the desk/);

  await admit(therapist, "Joan Clarke");
  const joan = await readWords(patient("Joan Clarke"));
  assert.deepEqual(joan, await readWords(therapist));
  assert.notEqual(joan.digits, grace.digits, "another session, other keys");
  await seeNobodyElse();
  await press(therapist, /^end/);
  await press(therapist, /^end the session$/);
  await press(therapist, /back to the desk/);
  await waits(patient("Ada Lovelace"));
});

test("paused: nobody new gets in, who waits stays; opened again, the same link leads in", async () => {
  await openRoom();
  await press(therapist, /^pause$/);
  await sees(therapist, /you paused this room/i);
  const late = await stranger();
  await sees(late, /INVITE-PAUSED/);
  await waits(patient("Ada Lovelace"));
  await press(therapist, /^open again$/);
  await eventually("the room is open", async () => !/INVITE-PAUSED/.test(await shown(therapist.page)));
  await Promise.all([late.page.waitForNavigation(), press(late, /^try again$/)]);
  await press(late, /get ready/);
  await late.close();
});

test("three wrong passcodes lock it: the right one waits on, nobody new gets in, and both sides hear until when", async () => {
  await toDesk(therapist);
  const guesser = await stranger();
  await arrive(guesser, room.link, { name: "Mallory", passcode: "guess number 1" });
  await sees(guesser, /PASSCODE-WRONG/);
  await introduce(guesser, { name: "Mallory", passcode: "guess number 2" });
  await sees(guesser, /1 (more )?tr(y|ies)/i);
  await introduce(guesser, { name: "Mallory", passcode: "guess number 3" });
  await sees(guesser, /INVITE-LOCKED/);
  await sees(therapist, /the room “Open hours” is locked until \d{1,2}:\d{2}/i);
  await sees(therapist, /INVITE-LOCKED/);
  // The desk tells the relay a moment after it has told the one who guessed.
  await eventually("the relay knows", async () => {
    const late = await stranger();
    const text = await eventually("an answer", async () => {
      const said = await shown(late.page);
      return /INVITE-LOCKED|get ready/i.test(said) && said;
    });
    await late.close();
    return /INVITE-LOCKED/.test(text) && /today at \d{1,2}:\d{2}/.test(text);
  });
  await waits(patient("Ada Lovelace"));
  assert.doesNotMatch(await shown(therapist.page), /Mallory/);
  await press(therapist, /^audit log/);
  await press(therapist, /^alerts/);
  await sees(therapist, /a personal room was locked after three wrong passcodes/i);
  await toDesk(therapist);
});

test("another link for the room: the old one is withdrawn, also for who waits with it; the new one leads in", async () => {
  await openRoom();
  await press(therapist, /^new link for this room$/);
  await press(therapist, /^make a new link$/);
  const link = await eventually("the new link", () =>
    therapist.page.evaluate(
      (old) =>
        [...document.querySelectorAll("input")]
          .map((input) => input.value)
          .find((text) => text.includes("/j#") && text !== old),
      room.link,
    ),
  );
  const passcode = await therapist.page.evaluate(
    () => document.querySelector("output")?.innerText.trim() ?? "",
  );
  assert.notEqual(passcode, room.passcode);
  await sees(patient("Ada Lovelace"), /new link|closed|ended/i);
  const late = await stranger();
  await sees(late, /INVITE-REVOKED/);
  await late.close();
  const back = await browser.person();
  scope.after(() => back.close());
  await arrive(back, link, { name: "Ada Lovelace", passcode });
  await waits(back);
});
