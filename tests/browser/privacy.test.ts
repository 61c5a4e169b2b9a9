/** What a curious relay learns: its traffic, its log and its database, searched for what is none of its business. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { canonicalPasscode } from "../../client/ui/passcode.ts";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  press,
  sees,
  suiteScope,
  THERAPIST,
  waits,
} from "../support/app.ts";
import { launchChromium, type TestBrowser } from "../support/browsers.ts";
import { type Recorder, startRecorder } from "../support/recorder.ts";
import { type SpawnedRelay, spawnRelay } from "../support/relay.ts";
import { contains } from "../support/search.ts";

const PATIENT = "Zebedee Quux";
const LABEL = "grief, second session";
/** Letters: six digits are found by chance, in some time or other. */
const PASSCODE = "Gull Lantern 7";
const WRONG = "wrongcode77";

const scope = suiteScope();
let browser: TestBrowser;
let recorder: Recorder;
let relay: SpawnedRelay;
let fragment: Buffer;
let passcode: string;
let room: string;

/** A whole session, with a wrong passcode on the way, and its end. */
before(async () => {
  await builtClient();
  recorder = await startRecorder(scope);
  relay = await spawnRelay(scope, { env: { PUBLIC_URL: recorder.url, LOG_LEVEL: "debug" } });
  recorder.relayPort = relay.port;
  browser = await launchChromium();
  scope.after(() => browser.close());
  const [therapist, patient] = [await browser.person(), await browser.person()];
  await openDesk(therapist, { url: recorder.url, setupToken: relay.setupToken });
  const invite = await makeInvite(therapist, { label: LABEL, passcode: PASSCODE });
  passcode = invite.passcode;
  fragment = Buffer.from(invite.link.split("#")[1] ?? "", "base64url");
  await arrive(patient, invite.link, { name: PATIENT, passcode: WRONG });
  await sees(patient, /PASSCODE-WRONG/);
  await press(patient, /^back$/);
  await press(patient, /^continue$/);
  const { introduce } = await import("../support/app.ts");
  await introduce(patient, { name: PATIENT, passcode });
  await waits(patient);
  await admit(therapist, PATIENT);
  await inCall(therapist, patient);
  await press(therapist, /^end/);
  await press(therapist, /^end the session$/);
  await sees(patient, /ended the session/);
  room = /"room":"([\w-]{22})"/.exec(recorder.heard().toString("latin1"))?.[1] ?? "";
});
after(scope.clean);

function secrets(): [what: string, secret: Buffer][] {
  return [
    ["the patient's name", Buffer.from(PATIENT)],
    ["the patient's first name", Buffer.from("Zebedee")],
    ["the therapist's name", Buffer.from(THERAPIST)],
    ["the invite's label", Buffer.from(LABEL)],
    ["the passcode as typed", Buffer.from(PASSCODE)],
    ["the passcode as shown", Buffer.from(passcode)],
    ["the passcode as agreed", Buffer.from(canonicalPasscode(PASSCODE))],
    ["the wrong passcode", Buffer.from(WRONG)],
    ["the link's secret", fragment.subarray(2, 34)],
    ["half of the link's secret", fragment.subarray(2, 18)],
    ["the therapist's public key", fragment.subarray(34, 66)],
    ...[
      "a=fingerprint",
      "a=ice-ufrag",
      "ice-pwd",
      "candidate:",
      "m=audio",
      "UDP/TLS/RTP/SAVPF",
      "typ host",
      "sdpMid",
      '"profile"',
    ].map((sdp): [string, Buffer] => [`a piece of a session description (${sdp})`, Buffer.from(sdp)]),
  ];
}

function database(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
  assert.ok(files.length > 0);
  return Buffer.concat(files.map((path) => readFileSync(path)));
}

test("the search finds what is there, in every disguise", () => {
  const secret = Buffer.from("a secret of the test");
  for (const text of [
    secret.toString("latin1"),
    secret.toString("hex"),
    secret.toString("base64"),
    secret.toString("base64url"),
  ])
    assert.ok(contains(Buffer.from(`before ${text} after`), secret));
  assert.ok(contains(Buffer.from(`before ${secret} after`, "utf16le"), secret));
  assert.ok(contains(Buffer.from(Buffer.from(`x${secret.toString("latin1")}y`).toString("base64")), secret));
  // And in the real places: what the relay has to know is found in all of them.
  assert.equal(room.length, 22);
  assert.ok(recorder.heard().includes(room));
  assert.ok(database(relay.dataDir).includes(room));
  assert.match(relay.output(), /"event":"listening"/);
  // Session descriptions did travel, sealed: some kilobytes in each direction.
  assert.ok(recorder.frames.some((frame) => frame.length > 2_000));
});

test("nothing in the relay's traffic", () => {
  for (const [what, secret] of secrets()) assert.ok(!contains(recorder.heard(), secret), what);
});

test("nothing in its log, at its most talkative", () => {
  for (const [what, secret] of secrets()) assert.ok(!contains(Buffer.from(relay.output()), secret), what);
  assert.doesNotMatch(relay.output(), /127\.0\.0\.1|::1/, "no address");
});

test("nothing in its database", () => {
  for (const [what, secret] of secrets()) assert.ok(!contains(database(relay.dataDir), secret), what);
});
