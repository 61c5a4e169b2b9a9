/**
 * A relay that tries to get between two people before they know each other: with handshakes of its own, with those of
 * others, and with words that anybody can write. Every try ends in a word on the patient's screen and nothing on hers.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { GuestRefusal } from "../../client/transport/types.ts";
import { linkSecret, sessionId } from "../../crypto/brands.ts";
import { startPatient } from "../../crypto/handshake-patient.ts";
import { startTherapist } from "../../crypto/handshake-therapist.ts";
import { encodeInvite, type Invite, parseInvite } from "../../crypto/invite.ts";
import {
  KIND_ENVELOPE,
  KIND_MESSAGE_1,
  KIND_MESSAGE_2,
  KIND_MESSAGE_3,
  KIND_MESSAGE_4,
  KIND_REFUSAL,
} from "../../crypto/kinds.ts";
import { encodeRefusal, type RefusalHint } from "../../crypto/refusal.ts";
import { encodeForward, HEADER_BYTES } from "../../relay/wire/frames.ts";
import { kindIn } from "../client/support/hop.ts";
import { FAST, sodium, type Visit } from "../client/support/people.ts";
import { type Frame, HONEST, type Line } from "../support/hostile-relay.ts";
import {
  knocks,
  type Met,
  meet,
  openScene,
  PROFILE,
  type Scene,
  saw,
  stillTalk,
  visit,
} from "./support/scene.ts";

const PASSCODE = "482913";
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const HURRIED = { ...FAST, handshakeMs: 30, silenceMs: 10_000 };
/** For the patient who is answered nothing at all. */
const IMPATIENT = { ...FAST, handshakeMs: 30, silenceMs: 500 };
/** Mostly they wait: her desk begins few handshakes of one session in a row. */
const SIDE_BY_SIDE = { concurrency: 8 };

const refusalOf = ({ log }: Visit): Promise<GuestRefusal> =>
  log.until("a refusal", (event) => event.type === "refused" && event.refusal);

/** Nothing of it came to her desk, and the patient was never in a session. */
function nothingHappened({ desk }: Scene, { log }: Visit): void {
  assert.equal(saw(desk, "knock") || saw(desk, "strike") || saw(desk, "message"), false);
  assert.ok(log.events.every(({ type }) => type !== "established" && type !== "message"));
}

const idIn = (frame: Frame) => frame.slice(1, HEADER_BYTES);
const payloadOf = (frame: Frame) => frame.slice(HEADER_BYTES);
const instead = (frame: Frame, payload: Uint8Array) => [encodeForward(idIn(frame), payload)];

/** The link with all that the relay may know of it or find out, and a secret and a key of the relay's own. */
function ownLink(fragment: string): { readonly invite: Invite; readonly privateKey: Uint8Array } {
  const keys = sodium.crypto_box_keypair();
  const invite = parseInvite(sodium, fragment);
  return {
    invite: { ...invite, secret: linkSecret(random(32)), therapistKey: new Uint8Array(keys.publicKey) },
    privateKey: keys.privateKey,
  };
}

describe("between two people who do not know each other yet", SIDE_BY_SIDE, () => {
  // ---- messages of its own -----------------------------------------------------------------------------------------

  describe("without the link's secret, no message of the relay's own making is taken", SIDE_BY_SIDE, () => {
    test("message 1, made for her very key: her desk shows nothing", async (t) => {
      const scene = await openScene(t);
      const { invite } = ownLink(scene.fragment);
      const { therapistKey } = parseInvite(sodium, scene.fragment);
      scene.hostile.lies.frame = (frame) => {
        if (kindIn(frame) !== KIND_MESSAGE_1) return [frame];
        const forged = { ...invite, therapistKey };
        return instead(
          frame,
          startPatient(sodium, random, { invite: forged, session: sessionId(idIn(frame)) }).message,
        );
      };
      const patient = visit(t, scene, { timings: HURRIED });
      assert.deepEqual(await refusalOf(patient), { code: "HANDSHAKE-FAILED" });
      nothingHappened(scene, patient);
    });

    test("message 2, made with a key of its own: the patient is told", async (t) => {
      const scene = await openScene(t);
      const { invite, privateKey } = ownLink(scene.fragment);
      scene.hostile.lies.frame = (frame) => {
        if (kindIn(frame) !== KIND_MESSAGE_2) return [frame];
        // The relay cannot read the patient's message 1, so it begins with one that it can.
        const session = sessionId(idIn(frame));
        const { message } = startPatient(sodium, random, { invite, session });
        return instead(
          frame,
          startTherapist(sodium, random, { invite, privateKey, session }, message).message,
        );
      };
      const patient = visit(t, scene, { timings: HURRIED });
      assert.deepEqual(await refusalOf(patient), { code: "HANDSHAKE-FAILED" });
      nothingHappened(scene, patient);
    });

    for (const [what, kind, length] of [
      ["message 3", KIND_MESSAGE_3, 82],
      ["message 4", KIND_MESSAGE_4, 50],
    ] as const)
      test(`${what}, of the right length: the patient is told`, async (t) => {
        const scene = await openScene(t, { invite: { passcode: PASSCODE } });
        scene.hostile.lies.frame = (frame) => {
          if (kindIn(frame) !== kind) return [frame];
          const forged = random(length);
          forged.set([kind, 1]);
          return instead(frame, forged);
        };
        const patient = visit(t, scene, { timings: HURRIED, passcode: PASSCODE });
        assert.deepEqual(await refusalOf(patient), { code: "HANDSHAKE-FAILED" });
        // Her desk may have the session by then: message 3 was good. It shows somebody who never speaks.
        assert.equal(saw(scene.desk, "message") || saw(scene.desk, "strike"), false);
        assert.ok(patient.log.events.every(({ type }) => type !== "established"));
      });
  });

  describe("a key changed on the way, every time it passes: no call, and words", SIDE_BY_SIDE, () => {
    /** Where the relay would find them, if it could read what is around them: offset in the payload. */
    const FIELDS: readonly (readonly [what: string, kind: number, at: number])[] = [
      ["the patient's ephemeral key", KIND_MESSAGE_1, 2 + 7],
      ["the list of suites", KIND_MESSAGE_1, 34 + 1],
      ["the patient's X-Wing key", KIND_MESSAGE_1, 34 + 3 + 600],
      ["the commitment to the words", KIND_MESSAGE_1, 34 + 3 + 1216 + 5],
      ["the patient's passcode share", KIND_MESSAGE_1, 34 + 3 + 1216 + 32 + 5],
      ["the version", KIND_MESSAGE_1, 1],
      ["the therapist's ephemeral key", KIND_MESSAGE_2, 2 + 7],
      ["the suite", KIND_MESSAGE_2, 34 + 1],
      ["the X-Wing ciphertext", KIND_MESSAGE_2, 34 + 2 + 600],
      ["the therapist's nonce", KIND_MESSAGE_2, 34 + 2 + 1120 + 5],
      ["the therapist's passcode share", KIND_MESSAGE_2, 34 + 2 + 1120 + 32 + 5],
      ["the version of the answer", KIND_MESSAGE_2, 1],
      ["the patient's nonce", KIND_MESSAGE_3, 2 + 5],
      ["the patient's confirmation", KIND_MESSAGE_3, 2 + 32 + 5],
      ["the therapist's confirmation", KIND_MESSAGE_4, 2 + 5],
    ];
    for (const [what, kind, at] of FIELDS)
      test(what, async (t) => {
        const scene = await openScene(t, { invite: { passcode: PASSCODE } });
        scene.hostile.lies.frame = (frame) => {
          if (kindIn(frame) !== kind) return [frame];
          const payload = payloadOf(frame);
          assert.ok(payload.length > at);
          payload[at] = (payload[at] ?? 0) ^ 1;
          return instead(frame, payload);
        };
        const patient = visit(t, scene, { timings: HURRIED, passcode: PASSCODE });
        const { code } = await refusalOf(patient);
        // Who changes the version of what nobody can read gets the words for another version.
        assert.equal(code, at === 1 ? "VERSION-UNKNOWN" : "HANDSHAKE-FAILED");
        assert.equal(saw(scene.desk, "message") || saw(scene.desk, "strike"), false, "no guess was counted");
        assert.ok(patient.log.events.every(({ type }) => type !== "established"));
      });
  });

  // ---- a weaker session --------------------------------------------------------------------------------------------

  describe("a link with less in it than she made", SIDE_BY_SIDE, () => {
    // Its other fields: tests/client/transport-refusals.test.ts.
    test("its passcode flag stripped: the handshake fails, and she is shown nothing", async (t) => {
      const scene = await openScene(t, { invite: { passcode: PASSCODE } });
      const invite = parseInvite(sodium, scene.fragment);
      const stripped = encodeInvite(sodium, { ...invite, passcode: false });
      const patient = visit(t, { ...scene, fragment: stripped }, { timings: HURRIED });
      assert.deepEqual(await refusalOf(patient), { code: "HANDSHAKE-FAILED" });
      nothingHappened(scene, patient);
    });
  });

  describe("nothing but plain refusals: words, and never a question for the passcode", SIDE_BY_SIDE, () => {
    const TOLD: Readonly<Record<RefusalHint, GuestRefusal["code"]>> = {
      "version-unknown": "VERSION-UNKNOWN",
      "suite-unknown": "VERSION-UNKNOWN",
      "handshake-failed": "HANDSHAKE-FAILED",
      busy: "NO-ANSWER",
      restart: "NO-ANSWER",
      "session-used": "SESSION-UNKNOWN",
      "invite-elsewhere": "INVITE-ELSEWHERE",
    };
    for (const [hint, code] of Object.entries(TOLD) as [RefusalHint, GuestRefusal["code"]][])
      test(`${hint} instead of message 2: ${code}`, async (t) => {
        const scene = await openScene(t, { invite: { passcode: PASSCODE, use: "reusable" } });
        scene.hostile.lies.frame = (frame) => {
          const kind = kindIn(frame);
          return kind === KIND_MESSAGE_2 || kind === KIND_REFUSAL
            ? instead(frame, encodeRefusal(hint))
            : [frame];
        };
        const timings = code === "NO-ANSWER" ? IMPATIENT : HURRIED;
        const patient = visit(t, scene, { timings, passcode: PASSCODE });
        assert.deepEqual(await refusalOf(patient), { code });
        nothingHappened(scene, patient);
      });

    test("a sealed one of the relay's own making: the passcode is not doubted", async (t) => {
      const scene = await openScene(t, { invite: { passcode: PASSCODE } });
      scene.hostile.lies.frame = (frame) => {
        if (kindIn(frame) !== KIND_MESSAGE_4) return [frame];
        const forged = random(20);
        forged.set([KIND_REFUSAL, 0]);
        return instead(frame, forged);
      };
      const patient = visit(t, scene, { timings: HURRIED, passcode: PASSCODE });
      assert.deepEqual(await refusalOf(patient), { code: "HANDSHAKE-FAILED" });
      assert.equal(saw(scene.desk, "strike"), false);
    });

    test("silence: NO-ANSWER", async (t) => {
      const scene = await openScene(t);
      scene.hostile.lies.frame = () => [];
      const patient = visit(t, scene, { timings: IMPATIENT });
      assert.deepEqual(await refusalOf(patient), { code: "NO-ANSWER" });
      nothingHappened(scene, patient);
    });
  });

  // ---- other people's sessions, and old ones -----------------------------------------------------------------------

  const REUSABLE = { invite: { use: "reusable" } } as const;

  test("the messages of an earlier session are no answer in a later one", async (t) => {
    const first = await meet(t, REUSABLE);
    const recorded = first.hostile.guest().received.map(payloadOf);
    first.visit.transport.close();
    let answered = 0;
    first.hostile.lies.frame = (frame, to) => {
      if (to.role !== "guest") return [frame];
      answered += 1;
      return recorded.map((payload) => encodeForward(idIn(frame), payload));
    };
    const again = visit(t, first, { timings: HURRIED });
    assert.deepEqual(await refusalOf(again), { code: "HANDSHAKE-FAILED" });
    assert.ok(answered > 0 && recorded.length > 2);
    assert.equal(knocks(first.desk), 1);
  });

  test("an earlier session's id and its messages: the same, and its secrets are of no use", async (t) => {
    const first = await meet(t, REUSABLE);
    const recorded = first.hostile.guest().received.slice();
    const place = { session: first.session, resume: Buffer.alloc(32, 1).toString("base64url") };
    first.visit.transport.close();
    first.hostile.lies.answer = async ({ path }, honest) => {
      const answer = await honest();
      return path === "/api/join" ? { ...answer, body: { ...Object(answer.body), ...place } } : answer;
    };
    first.hostile.lies.say = (message) =>
      message.t === "welcome" ? [{ ...message, session: first.session }] : [message];
    // Her desk knows the session as done and says nothing to another handshake in it; the relay answers for her.
    first.hostile.lies.sent = (frame, from) => {
      if (from.role === "guest") for (const old of recorded) from.pass(old);
      return from.role === "guest" ? [] : [frame];
    };
    const again = visit(t, first, { timings: HURRIED });
    assert.deepEqual(await refusalOf(again), { code: "HANDSHAKE-FAILED" });
    assert.equal(knocks(first.desk), 1);
  });

  test("one session for two patients of one link: the second is answered nothing, the first notices nothing", async (t) => {
    const first = await meet(t, REUSABLE);
    const own = first.hostile.guest();
    first.hostile.lies.answer = async ({ path }, honest) => {
      const answer = await honest();
      return path === "/api/join"
        ? { ...answer, body: { ...Object(answer.body), session: first.session } }
        : answer;
    };
    first.hostile.lies.say = (message, to) =>
      message.t === "welcome" && to !== own ? [{ ...message, session: first.session }] : [message];
    // What the second sends goes to her desk as the first one's; what she answers goes to both.
    first.hostile.lies.sent = (frame, from) => {
      if (from === own || from.role !== "guest") return [frame];
      first.hostile.desk().pass(frame);
      return [];
    };
    const others = (): Line[] => first.hostile.lines.filter((line) => line.open && line !== own);
    first.hostile.lies.frame = (frame, to) => {
      if (to === own) for (const line of others()) if (line.role === "guest") line.pass(frame);
      return [frame];
    };
    const second = visit(t, first, { timings: IMPATIENT });
    assert.deepEqual(await refusalOf(second), { code: "NO-ANSWER" });
    assert.ok(second.log.events.every(({ type }) => type !== "established"));
    Object.assign(first.hostile.lies, HONEST);
    await stillTalk(first);
    assert.equal(knocks(first.desk), 1);
  });

  /** Two patients of one link, both in session with her. */
  async function two(scope: Parameters<typeof meet>[0]): Promise<readonly [Met, Met]> {
    const first = await meet(scope, REUSABLE);
    const opened = visit(scope, first);
    const { session } = await opened.log.until(
      "the handshake",
      (event) => event.type === "established" && event,
    );
    const second: Met = { ...first, visit: opened, session };
    opened.transport.send(PROFILE);
    await stillTalk(second);
    return [first, second];
  }

  test("one patient's frames in another's session, both ways: as if they had never come", async (t) => {
    const [first, second] = await two(t);
    const { hostile } = first;
    const id = (met: Met) => Buffer.from(met.session, "base64url");
    for (const [mine, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const line = hostile.guest(mine.session);
      for (const frame of hostile.guest(other.session).received.slice()) {
        line.pass(frame);
        line.pass(encodeForward(id(mine), payloadOf(frame)));
      }
      for (const frame of hostile.guest(other.session).sent)
        hostile.desk().pass(encodeForward(id(mine), payloadOf(frame)));
    }
    const told = () => first.desk.log.events.filter(({ type }) => type === "message").length;
    const before = told();
    await stillTalk(first);
    await stillTalk(second);
    assert.equal(told(), before + 2);
    assert.equal(knocks(first.desk), 2);
  });

  test("two patients exchanged on the way: neither hears a word of the other's", async (t) => {
    const [first, second] = await two(t);
    const { hostile } = first;
    const other = new Map([
      [first.session, second.session],
      [second.session, first.session],
    ]);
    const swapped = (frame: Frame): Frame => {
      const to = other.get(Buffer.from(idIn(frame)).toString("base64url"));
      return encodeForward(Buffer.from(to ?? "", "base64url"), payloadOf(frame));
    };
    let passed = 0;
    hostile.lies.frame = (frame, to) => {
      if (to.role !== "host") return [frame];
      passed += kindIn(frame) === KIND_ENVELOPE ? 1 : 0;
      return [swapped(frame)];
    };
    const before = first.desk.log.mark();
    first.visit.transport.send({ t: "devices", microphone: false, camera: true });
    second.visit.transport.send({ t: "devices", microphone: true, camera: false });
    // Sent again and again; now whole again, each arrives where it belongs.
    await new Promise<void>((resolve) => {
      const look = () => (passed >= 4 ? resolve() : setTimeout(look, 10));
      look();
    });
    assert.ok(first.desk.log.events.slice(before).every(({ type }) => type !== "message"));
    hostile.lies.frame = HONEST.frame;
    for (const [met, microphone] of [
      [first, false],
      [second, true],
    ] as const) {
      const message = await first.desk.log.until(
        "what was said",
        (event) => event.type === "message" && event.session === met.session && event.message,
        before,
      );
      assert.deepEqual(message, { t: "devices", microphone, camera: !microphone });
    }
  });

  describe("a patient who is said to have come with another link: the handshake fails", SIDE_BY_SIDE, () => {
    // With the link that has no passcode, to the one that has: no way around it; and the reverse.
    for (const [what, theirs] of [
      ["without a passcode", 0],
      ["with a passcode", 1],
    ] as const)
      test(what, async (t) => {
        const scene = await openScene(t);
        const fragments = [scene.fragment, await scene.therapist.invite({ passcode: PASSCODE })];
        scene.desk.transport.refreshInvites();
        const rooms = (await scene.therapist.invites.list()).map(({ room }) => room);
        scene.hostile.lies.say = (message) => {
          if (message.t !== "guest" || !message.here) return [message];
          const room = rooms.find((each) => each !== message.guest.room);
          return [{ ...message, guest: { ...message.guest, room } }];
        };
        const fragment = fragments[theirs] ?? "";
        const patient = visit(
          t,
          { ...scene, fragment },
          theirs === 0 ? { timings: HURRIED } : { timings: HURRIED, passcode: PASSCODE },
        );
        assert.deepEqual(await refusalOf(patient), { code: "HANDSHAKE-FAILED" });
        nothingHappened(scene, patient);
      });
  });
});
