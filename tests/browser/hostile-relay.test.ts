/** What two people see while the relay between them lies: the attacks for which the screen matters. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { KIND_ENVELOPE, KIND_MESSAGE_1 } from "../../crypto/kinds.ts";
import { encodeRefusal, type RefusalHint } from "../../crypto/refusal.ts";
import { CLOSE, encodeForward, HEADER_BYTES } from "../../relay/wire/frames.ts";
import { kindIn } from "../client/support/hop.ts";
import { networkTo, openVisit, patientWith, signInTherapist } from "../client/support/people.ts";
import { ENDLESS } from "../hostile/support/answers.ts";
import { limits } from "../hostile/support/limits.ts";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  PATIENT,
  press,
  readWords,
  sees,
  shown,
  suiteScope,
  THERAPIST,
  toDesk,
  waits,
} from "../support/app.ts";
import { decodesFurther, launch, type Person, received, type TestBrowser } from "../support/browsers.ts";
import { HONEST, type HostileRelay, startHostileRelay } from "../support/hostile-relay.ts";

const everything = suiteScope();
let chromium: TestBrowser;

before(async () => {
  await builtClient();
  chromium = await launch("chromium");
  everything.after(() => chromium.close());
});
after(everything.clean);

interface Scene {
  readonly hostile: HostileRelay;
  readonly therapist: Person;
  readonly patient: Person;
}

/** A desk, and somebody with an empty page. */
async function scene(): Promise<Scene> {
  const hostile = await startHostileRelay(everything, { limits });
  const [therapist, patient] = await Promise.all([chromium.person(), chromium.person()]);
  await openDesk(therapist, hostile);
  return { hostile, therapist, patient };
}

async function closeAll({ therapist, patient }: Scene): Promise<void> {
  await Promise.all([therapist.close(), patient.close()]);
}

async function meet(s: Scene): Promise<void> {
  const { link } = await makeInvite(s.therapist);
  await arrive(s.patient, link);
  await waits(s.patient);
}

/** Both see new pictures. */
async function goesOn({ therapist, patient }: Scene): Promise<void> {
  const people = [therapist, patient];
  try {
    await Promise.all(people.map(({ page }) => decodesFurther(page, 15)));
  } catch (error) {
    const screens = await Promise.all(people.map(({ page }) => shown(page)));
    throw new Error(`${String(error)}\nshown instead:\n${screens.join("\n----\n")}`);
  }
}

const HINTS: readonly RefusalHint[] = [
  "restart",
  "session-used",
  "invite-elsewhere",
  "busy",
  "handshake-failed",
];

function idOf(hostile: HostileRelay): Buffer {
  return Buffer.from(hostile.guest().session ?? "", "base64url");
}

/** Everything again that was ever said to either, and everything that can be said without a key. */
function torment({ hostile }: Scene): void {
  const [guest, desk] = [hostile.guest(), hostile.desk()];
  const id = idOf(hostile);
  const { session } = guest;
  const junk = new Uint8Array(200);
  junk.set([KIND_ENVELOPE, 0, 0, 0, 99]);
  for (const line of [guest, desk]) {
    for (const frame of line.received.slice()) line.pass(frame);
    for (let times = 0; times < 10; times++) {
      for (const hint of HINTS) line.pass(encodeForward(id, encodeRefusal(hint)));
      line.pass(encodeForward(id, junk));
    }
  }
  const room = Buffer.alloc(16).toString("base64url");
  for (let times = 0; times < 50; times++) {
    guest.say({ t: "host", here: times % 2 === 1 });
    desk.say({ t: "guest", here: false, session });
    desk.say({ t: "guest", here: true, guest: { session, room, admitted: true, since: 0 } });
  }
}

describe("each at a relay of its own, side by side, since all are mostly waiting", { concurrency: 3 }, () => {
  test("descriptions bent and lost on the way, and every lie in the call: the same call, the same words", async () => {
    const s = await scene();
    const { hostile, therapist, patient } = s;
    const bent = new Map<unknown, number>();
    hostile.lies.frame = (frame, to) => {
      const count = bent.get(to) ?? 0;
      // The first long envelopes each way: a description with a fingerprint in it, then candidates.
      if (kindIn(frame) !== KIND_ENVELOPE || frame.length < 300 || count >= 2) return [frame];
      bent.set(to, count + 1);
      if (count === 1) return [];
      const altered = frame.slice();
      altered[HEADER_BYTES + 100] = (altered[HEADER_BYTES + 100] ?? 0) ^ 1;
      return [altered];
    };
    await meet(s);
    await admit(therapist);
    await inCall(therapist, patient);
    assert.ok([...bent.values()].reduce((sum, count) => sum + count, 0) >= 2);
    const words = await readWords(therapist);
    assert.deepEqual(await readWords(patient), words);

    torment(s);
    await goesOn(s);
    assert.deepEqual(await readWords(patient), words);
    assert.equal(await patient.page.evaluate(() => globalThis.quietroomConnections.length), 1);

    // Its last lie: both are told to go away. The call does not.
    hostile.lies.frame = () => [];
    hostile.desk().close(CLOSE.version);
    hostile.guest().close(CLOSE.ended);
    for (const each of [therapist, patient])
      await sees(each, /server cannot be reached\. Your session goes on/);
    await goesOn(s);

    await press(therapist, /^end/);
    await press(therapist, /^end the session$/);
    await sees(patient, /the session is over/i);
    await press(therapist, /back to the desk/);
    await sees(therapist, /code for support: VERSION-UNKNOWN/i);
    await closeAll(s);
  });

  test("everything after the admission swallowed: both are told that it takes too long, and it comes when it may", async () => {
    const s = await scene();
    const { hostile, therapist, patient } = s;
    await meet(s);
    // Her name is said before the admission.
    await sees(therapist, new RegExp(PATIENT));
    hostile.lies.frame = (frame, to) => (to.role === "host" ? [] : [frame]);
    await admit(therapist);
    await sees(patient, /connecting you with/i);
    for (const each of [therapist, patient]) await sees(each, /takes longer than usual/, 25_000);
    hostile.lies.frame = HONEST.frame;
    // What was lost is sent again at once on a new connection, else within 15 seconds.
    hostile.desk().close(CLOSE.restarting);
    await inCall(therapist, patient);

    // And the goodbye swallowed: no frozen picture.
    hostile.lies.frame = () => [];
    await press(therapist, /^end/);
    await press(therapist, /^end the session$/);
    await sees(patient, new RegExp(`${THERAPIST} is away for a moment|the session is over`, "i"));
    await closeAll(s);
  });

  test("somebody with a link of her own in the place of the therapist's: no picture, and other words", async () => {
    const s = await scene();
    const { hostile, therapist, patient } = s;
    const { link } = await makeInvite(therapist);
    // Each is told of the other's log, and asks for a proof that there cannot be.
    for (const each of [patient, therapist]) each.expectProblems(/404/);
    // The whole of it: a page, a relay and a key of her own towards the patient, the stolen link towards the therapist.
    const own = await startHostileRelay(everything, { limits });
    const mallory = await signInTherapist(own);
    const bait = await mallory.invite();
    const fragment = link.split("#")[1] ?? "";
    let session = "";
    const known = Promise.withResolvers<void>();
    // One after the other: an admission is told to her own relay before it goes on.
    let onwards = Promise.resolve();
    const inward = patientWith(hostile, fragment).open(networkTo(hostile), null, (event) => {
      if (event.type === "established") known.resolve();
      if (event.type !== "message" || event.message.t === "mismatch" || event.message.t === "end") return;
      const { message } = event;
      onwards = onwards.then(async () => {
        if (message.t === "admit") await outward.admit(session);
        outward.send(session, message);
      });
    });
    const outward = await mallory.open(networkTo(own), (event) => {
      if (event.type === "knock") session = event.knock.session;
      if (event.type === "message" && event.message.t !== "leave" && event.message.t !== "mismatch")
        inward.send(event.message);
    });
    for (const each of [inward, outward]) everything.after(() => each.close());
    await known.promise;
    await arrive(patient, `${own.url}/j#${bait}`);
    await waits(patient);
    await admit(therapist);
    const [hers, his] = [await readWords(patient), await readWords(therapist)];
    assert.notEqual(hers.digits, his.digits);
    // She passes the descriptions on as they are, so they are connected; but she has no key for what they see.
    for (const each of [patient, therapist]) await sees(each, /did not belong to this session/i);
    for (const each of [patient, therapist]) assert.equal((await received(each.page)).framesDecoded, 0);
    const revoked = Promise.withResolvers<void>();
    hostile.lies.answer = async ({ path }, honest) => {
      const answer = await honest();
      if (path.endsWith("/revoke")) revoked.resolve();
      return answer;
    };
    // Neither hears it of the other: she keeps that to herself.
    for (const each of [patient, therapist]) await press(each, /don.t match$/);
    for (const each of [patient, therapist]) {
      await press(each, /end the session now/);
      await sees(each, /code for support: SESSION-MISMATCH-HERE/i);
    }
    await revoked.promise;
    const late = openVisit(everything, patientWith(hostile, fragment), networkTo(hostile));
    assert.deepEqual(await late.log.until("it", (event) => event.type === "refused" && event.refusal), {
      code: "INVITE-REVOKED",
    });
    await closeAll(s);
  });

  test("a third party's STUN server, and dates that no calendar has: neither page asks it or breaks", async () => {
    const s = await scene();
    const { hostile, therapist, patient } = s;
    const stranger = createSocket("udp4");
    stranger.bind(0, "127.0.0.1");
    await once(stranger, "listening");
    everything.after(() => void stranger.close());
    let asked = 0;
    stranger.on("message", () => {
      asked += 1;
    });
    const urls = [`stun:127.0.0.1:${stranger.address().port}`];
    let told = 0;
    hostile.lies.answer = async ({ path }, honest) => {
      if (path !== "/api/ice") return honest();
      told += 1;
      return { status: 200, body: { ...ENDLESS, iceServers: [{ urls, username: "", credential: "" }] } };
    };
    await meet(s);
    await admit(therapist);
    await inCall(therapist, patient);
    assert.ok(told >= 1);
    assert.equal(asked, 0);
    for (const { page } of [therapist, patient])
      assert.deepEqual(
        await page.evaluate(() =>
          globalThis.quietroomConnections.map((each) => each.getConfiguration().iceServers),
        ),
        [[]],
      );
    await press(therapist, /^end/);
    await press(therapist, /^end the session$/);
    await sees(patient, /ended the session/);

    hostile.lies.answer = async ({ path, method }, honest) => {
      const answer = await honest();
      if (path !== "/api/invites" || method !== "GET") return answer;
      const { invites } = answer.body as { invites: object[] };
      const never = 8_640_000_000_000_001;
      return {
        ...answer,
        body: { invites: invites.map((each) => ({ ...each, created: never })), now: never },
      };
    };
    await toDesk(therapist);
    await sees(therapist, /UNEXPECTED/);
    await closeAll(s);
  });

  for (const [hint, words] of [
    ["handshake-failed", /a private connection was not possible[\s\S]*HANDSHAKE-FAILED/i],
    ["invite-elsewhere", /cannot open this link here[\s\S]*INVITE-ELSEWHERE/i],
  ] as const)
    test(`${hint}, said by the relay to a patient who knocks: words, and no card`, async () => {
      const s = await scene();
      const { hostile, therapist, patient } = s;
      hostile.lies.sent = (frame, from) => {
        if (kindIn(frame) !== KIND_MESSAGE_1) return [frame];
        for (let times = 0; times < 5; times++)
          from.pass(encodeForward(frame.subarray(1, HEADER_BYTES), encodeRefusal(hint)));
        return [];
      };
      const { link } = await makeInvite(therapist);
      await arrive(patient, link);
      await sees(patient, words);
      assert.doesNotMatch(await therapist.page.evaluate(() => document.body.innerText), /Admit/);
      await closeAll(s);
    });
});
