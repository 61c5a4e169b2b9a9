/** Everything that a person can do according to the model can be done on some screen, and sends just that. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import type { GreetingIntent } from "../../client/state/admin-model.ts";
import type { PatientIntent, StaffIntent } from "../../client/state/model.ts";
import type { TestBrowser } from "../support/browsers.ts";
import type { Gallery } from "../support/gallery/server.ts";
import { visitGallery } from "../support/gallery/suite.ts";
import { control, fill, openScreen, press, SIZES, sent } from "../support/gallery/visit.ts";

interface Way<Intent> {
  readonly screen: string;
  readonly act: (page: Page) => Promise<void>;
  /** All that is sent. */
  readonly sends: readonly Intent[];
}

const pressing =
  (...names: readonly string[]) =>
  async (page: Page) => {
    for (const name of names) await press(page, name);
  };

const choosing = (name: string, value: string) => async (page: Page) => {
  await (await control(page, name, "select")).select(value);
};

const MARIA = "AAAAAAAAAAAAAAAAAAAAAA";
const INVITE = "CCCCCCCCCCCCCCCCCCCCCA";
const ROOM = "EEEEEEEEEEEEEEEEEEEEEA";
const BURNT = "HHHHHHHHHHHHHHHHHHHHHA";
const PASSPHRASE = "plum otter candle river moss";

/** The strength of a passphrase is asked for before it is taken. */
async function waitForIntent(page: Page): Promise<void> {
  await page.waitForFunction(() => window.gallery.sent.length > 0);
}

/** The gallery's clock. */
const NOW = Date.UTC(2026, 10, 24, 14, 20);

/** Comes off this list with its screen. */
type NotDrawnYet = GreetingIntent["type"];

/** A record by type: the compiler asks for every one of the model. */
const STAFF: {
  readonly [Type in Exclude<StaffIntent["type"], NotDrawnYet>]: Way<StaffIntent>;
} = {
  "sign-out": {
    screen: "staff-desk",
    act: pressing("Your account: Ada Okafor", "Sign out"),
    sends: [{ type: "sign-out" }],
  },
  "sign-in": {
    screen: "staff-sign-in",
    act: pressing("Sign in with your passkey"),
    sends: [{ type: "sign-in" }],
  },
  enrol: {
    screen: "staff-enrol-setup",
    act: async (page) => {
      await fill(page, "Your name", " Ada  Okafor ");
      await page.keyboard.press("Enter");
    },
    sends: [{ type: "enrol", personName: "Ada Okafor" }],
  },
  "choose-passphrase": {
    screen: "staff-passphrase",
    act: async (page) => {
      await fill(page, "Passphrase", PASSPHRASE);
      await page.keyboard.press("Enter");
      await waitForIntent(page);
    },
    sends: [{ type: "choose-passphrase", passphrase: PASSPHRASE }],
  },
  "recovery-code-kept": {
    screen: "staff-recovery",
    act: pressing("I have printed it or written it down", "Go on"),
    sends: [{ type: "recovery-code-kept" }],
  },
  "unlock-with-passphrase": {
    screen: "staff-unlock-wrong",
    act: async (page) => {
      // Where the cursor is after the refusal. What surrounds a passphrase belongs to it.
      await page.waitForSelector("input:focus");
      await page.keyboard.type(` ${PASSPHRASE} `);
      await page.keyboard.press("Enter");
    },
    sends: [{ type: "unlock-with-passphrase", passphrase: ` ${PASSPHRASE} ` }],
  },
  "unlock-with-recovery-code": {
    screen: "staff-unlock",
    act: async (page) => {
      await press(page, "Use my recovery code");
      await fill(page, "Recovery code", " 7kq2 m9xd ");
      await press(page, "Unlock");
    },
    sends: [{ type: "unlock-with-recovery-code", code: "7kq2 m9xd" }],
  },
  "start-over": {
    screen: "staff-unlock",
    act: pressing("I have neither", "Start over", "Lose it and start over"),
    sends: [{ type: "start-over" }],
  },
  "take-over-data": {
    screen: "staff-replaced",
    act: pressing("Go on with the new desk"),
    sends: [{ type: "take-over-data" }],
  },
  "leave-door": {
    screen: "staff-enrol-dead",
    act: pressing("Go to sign-in"),
    sends: [{ type: "leave-door" }],
  },
  "open-account": {
    screen: "staff-desk",
    act: pressing("Your account: Ada Okafor", "Your account"),
    sends: [{ type: "open-account" }],
  },
  "add-passkey": {
    screen: "staff-account",
    act: async (page) => {
      await press(page, "Add a passkey");
      await page.keyboard.press("Enter");
    },
    // There is a “Chrome on Windows” already.
    sends: [{ type: "add-passkey", passkeyName: "Chrome on Windows 2" }],
  },
  "rename-passkey": {
    screen: "staff-account",
    act: async (page) => {
      await press(page, "Rename My iPhone");
      await page.keyboard.type("Old iPhone");
      await press(page, "Save");
    },
    sends: [{ type: "rename-passkey", id: "cGFzc2tleS0y", passkeyName: "Old iPhone" }],
  },
  "remove-passkey": {
    screen: "staff-account",
    act: pressing("Remove My iPhone", "Remove it"),
    sends: [{ type: "remove-passkey", id: "cGFzc2tleS0y" }],
  },
  "end-login": {
    screen: "staff-account",
    act: pressing("Sign out Safari on iPhone"),
    sends: [{ type: "end-login", id: "BBBBBBBBBBBBBBBBBBBBBA" }],
  },
  "end-all-logins": {
    screen: "staff-account",
    act: async (page) => {
      await press(page, "Sign out everywhere");
      await (await page.waitForSelector("dialog[open] .button-stop"))?.click();
    },
    sends: [{ type: "end-all-logins" }],
  },
  "new-recovery-code": {
    screen: "staff-account",
    act: async (page) => {
      await press(page, "Make a new code");
      await (await page.waitForSelector("dialog[open] .button-stop"))?.click();
    },
    sends: [{ type: "new-recovery-code" }],
  },
  "new-passphrase": {
    screen: "staff-account",
    act: async (page) => {
      await press(page, "Change the passphrase");
      await fill(page, "New passphrase", PASSPHRASE);
      await press(page, "Change it");
      await waitForIntent(page);
    },
    sends: [{ type: "new-passphrase", passphrase: PASSPHRASE }],
  },
  "dismiss-account-problem": {
    screen: "staff-account-problem",
    act: pressing("Got it"),
    sends: [{ type: "dismiss-account-problem" }],
  },
  admin: {
    screen: "staff-desk",
    act: pressing("Admin"),
    sends: [{ type: "admin", intent: { type: "open", page: "people" } }],
  },
  audit: {
    screen: "staff-desk",
    act: pressing("Audit log"),
    sends: [{ type: "audit", intent: { type: "open-page", page: "events" } }],
  },
  introduce: {
    screen: "staff-introduce",
    act: async (page) => {
      await fill(page, "Your name", " Dr.  Ada Okafor ");
      await press(page, "Go to my desk");
    },
    sends: [{ type: "introduce", name: "Dr. Ada Okafor" }],
  },
  go: {
    screen: "staff-desk",
    act: pressing("New invite", "Devices", "Desk"),
    sends: [
      { type: "go", to: "new-invite" },
      { type: "go", to: "devices" },
      { type: "go", to: "desk" },
    ],
  },
  "open-invite": {
    screen: "staff-desk",
    act: pressing("Maria, Tuesday"),
    sends: [{ type: "open-invite", room: INVITE }],
  },
  "create-invite": {
    screen: "staff-new-invite",
    act: async (page) => {
      await fill(page, "Who is it for?", "Maria");
      await pressing("Ask for a passcode", "Hide internet addresses")(page);
      await fill(page, "The passcode", "Plum Otter");
      await press(page, "Make the invite");
    },
    sends: [
      {
        type: "create-invite",
        form: {
          label: "Maria",
          passcode: "plumotter",
          relayOnly: true,
          use: "single",
          notBefore: NOW - 900_000,
          expires: NOW + 7_200_000,
        },
      },
    ],
  },
  "revoke-invite": {
    screen: "staff-invite",
    act: pressing("Revoke this invite", "Revoke it"),
    sends: [{ type: "revoke-invite", room: INVITE }],
  },
  "rename-invite": {
    screen: "staff-invite-burnt",
    act: async (page) => {
      await press(page, "Change the note");
      await fill(page, "Who is it for?", " Peter ");
      await press(page, "Save the note");
    },
    sends: [{ type: "rename-invite", room: BURNT, label: "Peter" }],
  },
  "renew-invite": {
    screen: "staff-invite-used",
    act: pressing("Make a new link"),
    sends: [
      {
        type: "renew-invite",
        form: {
          label: "Last week",
          passcode: null,
          relayOnly: true,
          use: "single",
          notBefore: NOW - 900_000,
          expires: NOW + 10_800_000,
        },
      },
    ],
  },
  "rotate-invite": {
    screen: "staff-invite-room",
    act: pressing("New link for this room", "Make a new link"),
    sends: [
      {
        type: "rotate-invite",
        room: ROOM,
        form: {
          label: "Personal room",
          passcode: null,
          relayOnly: true,
          use: "reusable",
          notBefore: NOW - 900_000,
          expires: NOW + 80 * 86_400_000 + 3_600_000,
        },
      },
    ],
  },
  "pause-invite": {
    screen: "staff-invite-room",
    act: pressing("Pause"),
    sends: [{ type: "pause-invite", room: ROOM, paused: true }],
  },
  admit: {
    screen: "staff-desk",
    act: pressing("Admit Maria Lindqvist"),
    sends: [{ type: "admit", session: MARIA }],
  },
  decline: {
    screen: "staff-desk",
    act: pressing("Decline Maria Lindqvist", "Turn away"),
    sends: [{ type: "decline", session: MARIA }],
  },
  "acknowledge-alarm": {
    screen: "staff-desk-alarm",
    act: pressing("I have reported it"),
    sends: [{ type: "acknowledge-alarm" }],
  },
  "take-over": { screen: "staff-stopped", act: pressing("Use it here"), sends: [{ type: "take-over" }] },
  dismiss: {
    screen: "staff-desk-notices",
    act: async (page) => {
      for (const button of await page.$$(".staff-notices button")) await button.click();
    },
    sends: [
      { type: "dismiss", what: "problem" },
      { type: "dismiss", what: "strike" },
    ],
  },
  "ask-devices": {
    screen: "call-patient-quiet",
    act: pressing("More", "Turn on camera and microphone"),
    sends: [{ type: "ask-devices" }],
  },
  "go-without-camera": {
    screen: "staff-devices",
    act: pressing("Use sound only"),
    sends: [{ type: "go-without-camera" }],
  },
  "choose-device": {
    screen: "staff-devices",
    act: async (page) => {
      await choosing("Microphone", "m2")(page);
      await choosing("Camera", "c2")(page);
      await choosing("Speaker", "s2")(page);
    },
    sends: [
      { type: "choose-device", kind: "microphone", id: "m2" },
      { type: "choose-device", kind: "camera", id: "c2" },
      { type: "choose-device", kind: "speaker", id: "s2" },
    ],
  },
  "toggle-microphone": {
    screen: "call-staff",
    act: pressing("Microphone"),
    sends: [{ type: "toggle-microphone" }],
  },
  "toggle-camera": { screen: "call-staff", act: pressing("Camera"), sends: [{ type: "toggle-camera" }] },
  "toggle-self-view": {
    screen: "call-staff",
    act: pressing("Hide my picture"),
    sends: [{ type: "toggle-self-view" }],
  },
  "words-match": {
    screen: "call-staff",
    act: pressing("Private", "Show the words", "They match"),
    sends: [{ type: "words-match" }],
  },
  "words-differ": {
    screen: "call-staff",
    act: pressing("Words", "They don’t match", "End the session now"),
    sends: [{ type: "words-differ" }],
  },
  "end-call": {
    screen: "call-staff",
    act: pressing("End", "End the session"),
    sends: [{ type: "end-call" }],
  },
};

const PATIENT: { readonly [Type in PatientIntent["type"]]: Way<PatientIntent> } = {
  begin: { screen: "patient-welcome", act: pressing("Get ready"), sends: [{ type: "begin" }] },
  back: { screen: "patient-devices", act: pressing("Back"), sends: [{ type: "back" }] },
  "devices-done": { screen: "patient-devices", act: pressing("Continue"), sends: [{ type: "devices-done" }] },
  knock: {
    screen: "patient-introduce-passcode",
    act: async (page) => {
      await fill(page, "Your name", "Maria  Lindqvist");
      await fill(page, "Passcode", "482 913");
      await press(page, "Go to the waiting room");
    },
    sends: [{ type: "knock", name: "Maria Lindqvist", passcode: "482913" }],
  },
  leave: {
    screen: "patient-waiting",
    act: pressing("Leave the waiting room", "Leave now"),
    sends: [{ type: "leave" }],
  },
  "try-again": {
    screen: "patient-problem-offline",
    act: pressing("Try again"),
    sends: [{ type: "try-again" }],
  },
  forget: {
    screen: "patient-ended",
    act: pressing("Forget everything on this device"),
    sends: [{ type: "forget" }],
  },
  "ask-devices": {
    screen: "patient-devices-denied",
    act: pressing("Try again"),
    sends: [{ type: "ask-devices" }],
  },
  "go-without-camera": {
    screen: "patient-devices-asking",
    act: pressing("Continue with sound only"),
    sends: [{ type: "go-without-camera" }, { type: "devices-done" }],
  },
  "choose-device": {
    screen: "call-patient",
    act: async (page) => {
      await press(page, "More");
      await choosing("Camera", "c2")(page);
    },
    sends: [{ type: "choose-device", kind: "camera", id: "c2" }],
  },
  "toggle-microphone": {
    screen: "call-patient",
    act: pressing("Microphone"),
    sends: [{ type: "toggle-microphone" }],
  },
  "toggle-camera": { screen: "call-patient", act: pressing("Camera"), sends: [{ type: "toggle-camera" }] },
  "toggle-self-view": {
    screen: "call-patient",
    act: pressing("More", "Hide my picture"),
    sends: [{ type: "toggle-self-view" }],
  },
  "words-match": {
    screen: "call-patient-nudged",
    act: pressing("Show the words", "They match"),
    sends: [{ type: "words-match" }],
  },
  "words-differ": {
    screen: "call-patient-verified",
    act: pressing("Words", "They don’t match", "End the session now"),
    sends: [{ type: "words-differ" }],
  },
  "end-call": {
    screen: "call-patient-away",
    act: pressing("End", "End the session"),
    sends: [{ type: "end-call" }],
  },
};

let browser: TestBrowser;
let gallery: Gallery;
let page: Page;
visitGallery((visit) => {
  ({ browser, gallery, page } = visit);
});

for (const [side, ways] of [
  ["staff", STAFF],
  ["patient", PATIENT],
] as const)
  for (const [type, { screen, act, sends }] of Object.entries<Way<StaffIntent | PatientIntent>>(ways))
    test(`${side}: ${type}`, async () => {
      await openScreen(page, gallery, screen);
      await act(page);
      assert.deepEqual(await sent(page), sends);
    });

test("what cannot be undone is asked first, and not done when the answer is no", async () => {
  for (const [screen, opener, no] of [
    ["staff-desk", "Decline Maria Lindqvist", "Keep waiting"],
    ["staff-invite", "Revoke this invite", "Keep it"],
    ["staff-account", "Remove My iPhone", "Keep it"],
    ["staff-account", "Make a new code", "Keep my code"],
    ["staff-account", "Sign out everywhere", "Stay signed in"],
    ["call-patient", "End", "Stay"],
    ["patient-waiting", "Leave the waiting room", "Keep waiting"],
  ] as const) {
    await openScreen(page, gallery, screen);
    await press(page, opener);
    await press(page, no);
    await page.waitForFunction(() => document.querySelector("dialog[open]") === null);
    assert.deepEqual(await sent(page), [], screen);
  }
});

test("a form with something missing sends nothing, says what is missing, and puts the cursor there", async () => {
  for (const [screen, submit, message] of [
    ["staff-introduce", "Go to my desk", "Please type a name."],
    ["staff-enrol-setup", "Make my passkey", "Please type your name."],
    ["staff-passphrase", "Use this passphrase", "Please type a passphrase."],
    ["staff-unlock", "Unlock", "Please type your passphrase."],
    ["staff-unlock-code", "Unlock", "Please type your recovery code."],
    ["staff-new-invite", "Make the invite", "Please type a name or a note."],
    ["patient-introduce-passcode", "Go to the waiting room", "Please type your name."],
  ] as const) {
    await openScreen(page, gallery, screen);
    await press(page, submit);
    const alert = await page.waitForSelector('[role="alert"]');
    assert.equal(await alert?.evaluate((element) => element.textContent), message);
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
    assert.deepEqual(await sent(page), [], screen);
  }
});

test("the link and the passcode are copied each by their own button, and it says so", async () => {
  await openScreen(page, gallery, "staff-invite");
  await pressing("Copy the link", "Copy the passcode")(page);
  await page.waitForFunction(() => document.querySelectorAll('[role="status"].visually-hidden').length >= 2);
  const copied = await page.evaluate(() => window.gallery.copied);
  assert.match(copied[0] ?? "", /^https:\/\/room\.example\.org\/j#/);
  assert.equal(copied[1], "482913");
  assert.deepEqual(
    await page.$$eval('[role="status"]', (all) =>
      all.map((one) => one.textContent).filter((text) => text === "Copied"),
    ),
    ["Copied", "Copied"],
  );
});

test("link and passcode go out in two mails, and neither holds what the other does, nor the note", async () => {
  await openScreen(page, gallery, "staff-invite");
  const mails = await page.$$eval('a[href^="mailto:"]', (all) =>
    all.map((each) => decodeURIComponent(each.getAttribute("href") ?? "")),
  );
  assert.equal(mails.length, 2);
  const [link = "", passcode = ""] = mails;
  assert.ok(link.includes("/j#") && !link.includes("482 913") && !link.includes("482913"));
  assert.ok(passcode.includes("482 913") && !passcode.includes("/j#"));
  for (const mail of mails) assert.doesNotMatch(mail, /Maria|Okafor|Tuesday/);
  await press(page, "Message with the passcode");
  await press(page, "Copy this message");
  const copied = await page.evaluate(() => window.gallery.copied);
  assert.equal(copied.length, 1);
  assert.ok(passcode.includes((copied[0] ?? "").replaceAll("\n", "\r\n")), "the same text");
});

test("a session to come can be put in a calendar: time and nothing else; one that is open now cannot", async () => {
  const ids: (string | undefined)[] = [];
  let saved: (typeof window.gallery.saved)[number][] = [];
  for (const _ of ["first", "again, on another visit"]) {
    await openScreen(page, gallery, "staff-invite-later");
    await press(page, "Save a calendar file");
    await page.waitForFunction(() => window.gallery.saved.length > 0);
    saved = await page.evaluate(() => [...window.gallery.saved]);
    assert.deepEqual(
      saved.map(({ name, type }) => [name, type]),
      [["video-session.ics", "text/calendar;charset=utf-8"]],
    );
    ids.push(/^UID:([0-9a-f-]{36})\r$/m.exec(saved[0]?.text ?? "")?.[1]);
  }
  assert.ok(ids[0] !== undefined && ids[0] === ids[1], "one entry, however often it is saved");
  const text = saved[0]?.text ?? "";
  assert.match(text, /DTSTART:20261125T163500Z\r\n/);
  assert.doesNotMatch(text, /First talk|Okafor|https?:|#|DDDDDD/);
  await openScreen(page, gallery, "staff-invite");
  await assert.rejects(control(page, "Save a calendar file"), /nothing on the screen/);
});

test("what the clinic has decided cannot be switched off, and is said with its reason", async () => {
  await openScreen(page, gallery, "staff-new-invite-rules");
  for (const name of ["Ask for a passcode", "Hide internet addresses"])
    await assert.rejects(control(page, name), /nothing on the screen/);
  const text = await page.evaluate(() => document.body.innerText);
  assert.match(text, /rules ask for a passcode/);
  await fill(page, "Who is it for?", "Maria");
  await press(page, "As a personal room");
  await press(page, "Make the invite");
  const [intent] = (await sent(page)) as StaffIntent[];
  assert.ok(intent?.type === "create-invite");
  const { passcode, relayOnly, notBefore, expires } = intent.form;
  assert.match(passcode ?? "", /^\d{9}$/);
  assert.deepEqual([relayOnly, expires - notBefore], [true, 45 * 86_400_000]);
});

test("a guest who is not connected cannot be admitted by mistake", async () => {
  await openScreen(page, gallery, "staff-desk");
  assert.equal(
    await (await control(page, "Admit Peter")).evaluate((button) => button.matches(":disabled")),
    true,
  );
});

test("hiding addresses is not offered without a TURN server", async () => {
  await openScreen(page, gallery, "staff-new-invite-direct");
  const box = await (await control(page, "Hide internet addresses")).$("input");
  assert.equal(await box?.evaluate((input) => input.disabled), true);
});

test("a room whose code did not load says so, and offers to load the page again", async () => {
  const person = await browser.person({ viewport: SIZES.phone });
  person.expectProblems(/ERR_FAILED|Failed to fetch/);
  await person.page.setRequestInterception(true);
  person.page.on("request", (request) => {
    void (/\/call-\w+\.js$/.test(request.url()) ? request.abort() : request.continue());
  });
  await person.page.goto(gallery.url("call-patient"));
  await press(person.page, "Reload this page");
  assert.deepEqual(await sent(person.page), [{ type: "service-reload" }]);
  assert.match(
    await person.page.$eval("main", (main) => main.textContent),
    /You keep your place\. \(PAGE-INCOMPLETE\)/,
  );
});

test("where the browser waits for a tap before it plays sound, a tap is asked for", async () => {
  const person = await browser.person({
    viewport: SIZES.phone,
    // Every call of the test tools counts as a gesture for the browser, so the gesture is noticed by hand.
    before: `{
      let tapped = false;
      addEventListener("click", () => { tapped = true; }, true);
      const { play } = HTMLMediaElement.prototype;
      HTMLMediaElement.prototype.play = function () {
        if (this.muted || tapped) return play.call(this);
        return Promise.reject(new DOMException("no gesture", "NotAllowedError"));
      };
      const { setAttribute } = Element.prototype;
      Element.prototype.setAttribute = function (name, value) {
        if (name.toLowerCase() !== "autoplay") setAttribute.call(this, name, value);
      };
    }`,
  });
  await person.page.goto(gallery.url("call-patient"));
  const remote = () =>
    person.page.$eval(".remote > video", (video) => video instanceof HTMLVideoElement && video.paused);
  await control(person.page, "Turn the sound on");
  assert.equal(await remote(), true);
  await press(person.page, "Turn the sound on");
  await person.page.waitForFunction(() => document.querySelector(".sound-blocked") === null);
  assert.equal(await remote(), false);
});
