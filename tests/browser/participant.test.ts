/**
 * A hostile participant with the real link and the real keys against the product's pages: whatever it says or sends, the
 * other person's page answers to the mouse, says what happens, and ends the session when its person wants.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { loadIdentity } from "../../client/identity/keys.ts";
import type { PeerSignal } from "../../client/media/types.ts";
import { systemRandom } from "../../client/transport/sodium.ts";
import type { Limits } from "../../relay/limits.ts";
import { signInTherapist, sodium } from "../client/support/people.ts";
import { type Heard, type Rogue, rogueGuest, rogueHost } from "../client/support/rogue.ts";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  press,
  pressable,
  sees,
  shown,
  suiteScope,
  toDesk,
  waits,
} from "../support/app.ts";
import { decodesFurther, eventually, launch, type Person, type TestBrowser } from "../support/browsers.ts";
import { CALL_PAGE, deliver, start, withOtherFingerprint } from "../support/calls.ts";
import { clickWhile, type InputDelay, watchInput } from "../support/input-delay.ts";
import { type PageServer, servePage } from "../support/page-server.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";

const NAME = "Mallory";
/** A relay that lets everything through: what the pages bear must not depend on it. */
const VAST = {
  frames: { burst: 1_000_000, perSecond: 1_000_000 },
  bytes: { burst: 1e9, perSecond: 1e9 },
};
const LIMITS: Partial<Limits> = {
  guestFlow: VAST,
  hostFlow: VAST,
  queueBytes: 1e9,
  joinsPerAddress: { points: 10_000, seconds: 60 },
  requestsPerAddress: { points: 100_000, seconds: 60 },
};

const everything = suiteScope();
let scope: ReturnType<typeof suiteScope>;
let browser: TestBrowser;
let server: PageServer;
let relay: TestRelay;
let therapist: Person;

before(async () => {
  const clientDir = await builtClient();
  server = await servePage({ entry: CALL_PAGE, worker: "tests/support/pages/hostile-worker.ts" });
  everything.after(() => server.close());
  browser = await launch("chromium");
  everything.after(() => browser.close());
  relay = await startTestRelay(everything, { clientDir, limits: LIMITS });
  therapist = await browser.person();
  // The relay ends a session that its own guest is not told of; a closed socket is no news here.
  therapist.expectProblems(/40[0-9]|ICE|WebSocket/);
  await openDesk(therapist, relay);
});
after(everything.clean);
beforeEach(() => {
  scope = suiteScope();
});
afterEach(() => scope.clean());

// ---- the two who attack ----------------------------------------------------------------------------------------

const PROFILE = { t: "profile", name: NAME, microphone: true, camera: true, call: 0, matched: false };
const ADMIT = {
  t: "admit",
  call: 1,
  relayOnly: false,
  therapist: NAME,
  matched: false,
  microphone: true,
  camera: true,
};

/** In the therapist's waiting room, with a card. */
async function knocked(): Promise<Rogue> {
  // Whatever an attack left on the screen, the next test begins at the desk.
  if ((await pressable(therapist.page, /^(new invite|make your first invite)$/)) === null)
    await therapist.page.goto(relay.url);
  const { link } = await makeInvite(therapist);
  const rogue = await rogueGuest(scope, relay, link);
  rogue.say(PROFILE);
  await sees(therapist, new RegExp(NAME));
  return rogue;
}

/** In a session with the therapist; no peer connection on this side yet. */
async function admitted(): Promise<Rogue> {
  const rogue = await knocked();
  await admit(therapist, NAME);
  await rogue.log.until("admission", ({ t }) => t === "admit");
  await pressable(therapist.page, /^end/);
  return rogue;
}

interface Accomplice {
  readonly person: Person;
  /** From now on no frame can be opened, and every description names a certificate that is not its own. */
  spoil(): Promise<void>;
}

/** A page with a real peer connection, whose signals the rogue seals. */
async function joinCall(rogue: Rogue, role: "guest" | "host"): Promise<Accomplice> {
  const person = await browser.person();
  scope.after(() => person.close());
  let lying = false;
  await person.page.exposeFunction("carrySignal", (signal: PeerSignal) =>
    rogue.say({ t: "signal", call: 1, signal: lying ? withOtherCertificate(signal) : signal }),
  );
  await person.page.evaluateOnNewDocument(stealChannel);
  await person.page.goto(server.url);
  const { epoch, send, receive } = await rogue.keys(1);
  await start(person, { role, capture: "both", keys: { epoch, send: [...send], receive: [...receive] } });
  let order = Promise.resolve();
  rogue.listen((heard) => {
    if (heard.t !== "signal") return;
    const { signal } = heard as Heard & { readonly signal: PeerSignal };
    order = order.then(() => deliver(person, signal)).catch(() => undefined);
  });
  return {
    person,
    async spoil() {
      lying = true;
      await person.page.evaluate(() => new BroadcastChannel("spoil").postMessage("spoil"));
    },
  };
}

const withOtherCertificate = (signal: PeerSignal): PeerSignal =>
  "sdp" in signal ? { ...signal, sdp: withOtherFingerprint(signal.sdp) } : signal;

declare global {
  var stolenChannel: RTCDataChannel;
}

/** simple-peer keeps its data channel to itself. */
function stealChannel(): void {
  const setter = Object.getOwnPropertyDescriptor(RTCDataChannel.prototype, "onmessage");
  if (setter?.set === undefined) return;
  const { set } = setter;
  Object.defineProperty(RTCDataChannel.prototype, "onmessage", {
    ...setter,
    set(this: RTCDataChannel, value: unknown) {
      globalThis.stolenChannel = this;
      set.call(this, value);
    },
  });
}

/** Addresses that no call of ours needs checked, of every kind that a candidate may name. */
const ODD_ADDRESSES = [
  "127.0.0.1",
  "0.0.0.0",
  "169.254.169.254",
  "224.0.0.251",
  "192.168.1.1",
  "::",
  "::1",
  "ff02::fb",
  "::ffff:127.0.0.1",
  "999.999.999.999",
  "evil.example",
  "printer.local",
  "4d406f11-e7dd-4963-93a8-88468935ac30.local",
];
const candidate = (index: number): PeerSignal => ({
  type: "candidate",
  candidate: {
    candidate: `candidate:${index} 1 ${index % 3 === 0 ? "tcp" : "udp"} ${index} ${ODD_ADDRESSES[index % ODD_ADDRESSES.length]} ${(index * 7) % 65_536} typ host`,
    sdpMid: "0",
    sdpMLineIndex: 0,
  },
});

/**
 * Everything at once, each kind just below what ends a session, for so long; and beside it what is dropped for free:
 * noise, envelopes ahead of their turn and behind it. `more` is what this side alone can say.
 */
async function harass(
  rogue: Rogue,
  seconds: number,
  more: (tick: number) => readonly unknown[],
): Promise<void> {
  const TICK_MS = 50;
  const signal = (value: PeerSignal) => ({ t: "signal", call: 1, signal: value });
  for (let tick = 0; tick < (seconds * 1_000) / TICK_MS; tick++) {
    rogue.say(signal(candidate(tick)));
    if (tick % 2 === 0) rogue.say({ t: "devices", microphone: tick % 4 === 0, camera: tick % 8 === 0 });
    if (tick % 48 === 0) rogue.say({ t: "verified" });
    for (const message of more(tick)) rogue.say(message);
    rogue.sayAt(100, { t: "mismatch" });
    rogue.sayAt(-3, { t: "mismatch" });
    rogue.raw(crypto.getRandomValues(new Uint8Array(4_000)));
    rogue.raw(Uint8Array.of(0x10, ...new Uint8Array(80)));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}

// ---- the one who is attacked -----------------------------------------------------------------------------------

/** Clicks on "More" until it is over, and ends the session like anybody would. */
async function bears(person: Person, attack: Promise<unknown>): Promise<InputDelay> {
  const more = await eventually("the button", () => pressable(person.page, /^more/));
  const delay = await clickWhile(person, more, attack);
  assert.ok(delay.clicks >= 10, `${delay.clicks} clicks`);
  assert.ok(delay.median < 100, `median input delay ${delay.median} ms`);
  assert.ok(delay.freeze < 2_000, `a freeze of ${delay.freeze} ms`);
  return delay;
}

async function assertNoFreeze({ page }: Person): Promise<number> {
  const { freeze } = await page.evaluate(() => globalThis.quietroomInput);
  assert.ok(freeze < 2_000, `a freeze of ${freeze} ms`);
  return freeze;
}

async function ends(person: Person): Promise<void> {
  await press(person, /^end/);
  await press(person, /^end the session$/);
  await sees(person, /you ended the session/i);
}

const report = (who: string, { clicks, median, worst, painted, freeze }: InputDelay) =>
  `${who}: ${clicks} clicks, handled after ${median.toFixed(1)} ms (worst ${worst.toFixed(0)}), painted after ${painted.toFixed(0)} ms, longest freeze ${freeze.toFixed(0)} ms`;

const BAD_MEDIA_SECONDS = 20;

test("frames that cannot be opened, and every message just below its rate, for long: both pages bear it, say so, and end", {
  timeout: 120_000,
}, async (context) => {
  const [guest, host] = await Promise.all([attackTherapist(), attackPatient()]);
  const [first, second] = await Promise.all([
    bears(therapist, guest.attack()),
    bears(host.patient, host.attack()),
  ]);
  context.diagnostic(report("the therapist's page", first));
  context.diagnostic(report("the patient's page", second));
  for (const victim of [therapist, host.patient]) {
    await sees(victim, /did not belong to this session/i);
    await sees(victim, /asked for a change that does not belong/i);
    await sees(victim, new RegExp(`^${NAME}$`, "m"));
    assert.doesNotMatch(await shown(victim.page), /being repaired|away for a moment/i);
  }
  await Promise.all([ends(therapist), ends(host.patient)]);
  await guest.rogue.log.until("the goodbye", ({ t }) => t === "end");
  await host.rogue.log.until("the goodbye", ({ t }) => t === "leave");
  await toDesk(therapist);
});

async function attackTherapist() {
  const rogue = await admitted();
  const page = await joinCall(rogue, "guest");
  await inCall(therapist);
  await watchInput(therapist);
  return {
    rogue,
    async attack() {
      await page.spoil();
      await harass(rogue, BAD_MEDIA_SECONDS, (tick) => [
        ...(tick % 48 === 0 ? [{ ...PROFILE, name: `${NAME} ${tick}`, call: 1, matched: true }] : []),
        ...(tick % 24 === 0
          ? [{ t: "signal", call: 1, signal: { type: "renegotiate", restart: true } }]
          : []),
        ...(tick % 48 === 24 ? [{ t: "epoch-please" }] : []),
        ...(tick % 30 === 0
          ? [{ t: "signal", call: 1, signal: { type: "offer", sdp: "m=".repeat(16_000) } }]
          : []),
      ]);
    },
  };
}

/** A patient's page in a session whose other side is the rogue; no peer connection there yet. */
async function hostedByRogue(): Promise<{ readonly rogue: Rogue; readonly patient: Person }> {
  const place = await startTestRelay(scope, { clientDir: await builtClient(), limits: LIMITS });
  const mallory = await signInTherapist(place);
  const fragment = await mallory.invite();
  const { privateKey } = await loadIdentity(sodium, systemRandom, mallory.store);
  const desk = await rogueHost(scope, place, mallory, privateKey);
  const patient = await browser.person();
  scope.after(() => patient.close());
  patient.expectProblems(/40[0-9]|ICE|WebSocket/);
  await arrive(patient, `${place.url}/j#${fragment}`);
  const rogue = await desk.session;
  rogue.say({ t: "waiting", therapist: NAME });
  await waits(patient);
  await desk.admit(rogue);
  await rogue.keys(1);
  rogue.say(ADMIT);
  await sees(patient, /connecting you with/i);
  await watchInput(patient);
  return { rogue, patient };
}

async function attackPatient() {
  const { rogue, patient } = await hostedByRogue();
  const page = await joinCall(rogue, "host");
  await inCall(patient);
  return {
    rogue,
    patient,
    page,
    async attack() {
      await page.spoil();
      await page.person.page.evaluate(() => globalThis.callPage.restart());
      await harass(rogue, BAD_MEDIA_SECONDS, (tick) => [
        ...(tick % 48 === 0 ? [{ t: "waiting", therapist: `${NAME} ${tick}` }] : []),
        ...(tick % 48 === 24 ? [{ t: "link-shared" }] : []),
        ...(tick % 30 === 0
          ? [{ t: "signal", call: 1, signal: { type: "offer", sdp: "m=".repeat(16_000) } }]
          : []),
        ...(tick % 24 === 0
          ? [{ t: "signal", call: 1, signal: { type: "renegotiate", restart: true } }]
          : []),
      ]);
    },
  };
}

const ANSWER = readFileSync(join(import.meta.dirname, "../vectors/sdp/chromium-answer.sdp"), "utf8");
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const signalled = (signal: unknown) => ({ t: "signal", call: 1, signal });
/** What no page of ours says, or says so often: the code that ends it. */
const OUTRAGES: Readonly<Record<string, readonly [attack: (rogue: Rogue) => void, code: RegExp]>> = {
  "a message of no kind": [(rogue) => rogue.say({ t: "teleport" }), /PEER-VIOLATION/],
  "JSON of depth 10,000": [
    (rogue) => rogue.sayBytes(text("[".repeat(10_000) + "]".repeat(10_000))),
    /PEER-VIOLATION/,
  ],
  "the longest envelope there is": [
    (rogue) => rogue.sayBytes(new Uint8Array(61_440).fill(0x20)),
    /PEER-VIOLATION/,
  ],
  "a giant name": [(rogue) => rogue.say({ ...PROFILE, name: "W".repeat(40_000) }), /PEER-VIOLATION/],
  "thousands of candidates": [
    (rogue) => {
      for (let index = 0; index < 3_000; index++) rogue.say(signalled(candidate(index)));
    },
    /PEER-FLOOD/,
  ],
  "wishes for a new description without end": [
    (rogue) => {
      for (let index = 0; index < 300; index++) rogue.say(signalled({ type: "renegotiate", restart: true }));
    },
    /PEER-FLOOD/,
  ],
  "profiles without end": [
    (rogue) => {
      for (let index = 0; index < 300; index++) rogue.say(PROFILE);
    },
    /PEER-FLOOD/,
  ],
  "an answer that names no way to reach it": [
    (rogue) =>
      rogue.say(signalled({ type: "answer", sdp: ANSWER.replace(/^a=ice-(ufrag|pwd):.*\r\n/gm, "") })),
    /MEDIA-SIGNAL/,
  ],
  "an answer with two certificates": [
    (rogue) =>
      rogue.say(signalled({ type: "answer", sdp: ANSWER.replace(/(a=fingerprint:sha-256 )../, "$1AA") })),
    /MEDIA-SIGNAL/,
  ],
  "an answer of thousands of sections": [
    (rogue) => rogue.say(signalled({ type: "answer", sdp: `v=0\r\n${"m=audio 9 X 0\r\n".repeat(2_000)}` })),
    /MEDIA-SIGNAL/,
  ],
};

test("what no page of ours would say ends the session at once, with its reason on the screen", async (context) => {
  for (const [what, [attack, code]] of Object.entries(OUTRAGES))
    await context.test(what, async (each) => {
      const rogue = await admitted();
      await sees(therapist, /connecting you with/i);
      await rogue.log.until("the offer", (heard) => heard.t === "signal");
      await watchInput(therapist);
      attack(rogue);
      await sees(therapist, code);
      await rogue.closed;
      each.diagnostic(`longest freeze ${(await assertNoFreeze(therapist)).toFixed(0)} ms`);
      await toDesk(therapist);
    });
});

test("somebody who waits and breaks the rules is taken out of the waiting room, and she is told", async () => {
  const rogue = await knocked();
  rogue.sayBytes(text("not even JSON"));
  await sees(therapist, /GUEST-REMOVED/);
  assert.equal(await pressable(therapist.page, new RegExp(`^admit ${NAME}$`)), null);
  await press(therapist, /^got it$/);
});

test("asked for new peer connections in a heap, she keeps her session and can end it", async () => {
  const rogue = await admitted();
  await watchInput(therapist);
  for (let index = 0; index < 25; index++) rogue.say(PROFILE);
  await rogue.log.until("the next number", (heard) => heard.t === "admit" && heard["call"] === 2);
  await sees(therapist, /connecting you with/i);
  await ends(therapist);
  await toDesk(therapist);
});

test("a data channel flooded with messages ends the call, with words", async () => {
  const rogue = await admitted();
  const page = await joinCall(rogue, "guest");
  await decodesFurther(therapist.page, 3);
  await watchInput(therapist);
  await page.person.page.evaluate(() => {
    for (let index = 0; index < 5_000; index++) globalThis.stolenChannel.send("x");
  });
  await sees(therapist, /MEDIA-FLOOD/);
  await assertNoFreeze(therapist);
  await toDesk(therapist);
});

test("a patient's page ends a call whose other side opens data channels without end", async () => {
  const { rogue, patient } = await hostedByRogue();
  const page = await joinCall(rogue, "host");
  await decodesFurther(patient.page, 3);
  await page.person.page.evaluate(() => {
    const [connection] = globalThis.quietroomConnections;
    for (let index = 0; index < 200; index++) connection?.createDataChannel(String(index));
  });
  await sees(patient, /MEDIA-FLOOD/);
  await assertNoFreeze(patient);
});

test("a patient's page ends a session whose other side admits without end", async () => {
  const { patient, rogue } = await hostedByRogue();
  for (let call = 2; call < 100; call++) rogue.say({ ...ADMIT, call });
  await sees(patient, /PEER-FLOOD/);
  await assertNoFreeze(patient);
});
