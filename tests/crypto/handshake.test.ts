import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import { linkSecret, sessionId } from "../../crypto/brands.ts";
import { adopt } from "../../crypto/bytes.ts";
import { patientReceive, patientResend, startPatient } from "../../crypto/handshake-patient.ts";
import { refusePasscode, startTherapist, therapistReceive } from "../../crypto/handshake-therapist.ts";
import { isDisplayName } from "../../crypto/invite.ts";
import { HandshakeVector, handshakeVector } from "./support/frozen.ts";
import {
  answer,
  base,
  inviteWith,
  PLAIN,
  run,
  type Sides,
  session,
  start,
  sumo,
  therapistPrivateKey,
  untilMessage3,
  WITH_PASSCODE,
  WRONG_PASSCODE,
} from "./support/handshake.ts";
import { hex, seededRandom, throwsCode } from "./support/session.ts";
import { frozenVectors } from "./support/vectors.ts";

test("the frozen transcripts: all messages, keys and words", () => {
  const transcripts = v.parse(v.array(HandshakeVector), frozenVectors("handshake.json"));
  const outcomes = transcripts.map(
    ({ therapist_passcode, end }) => `${therapist_passcode !== null} ${end.outcome}`,
  );
  for (const needed of ["false established", "true established", "true passcode-wrong"]) {
    assert.ok(outcomes.includes(needed), needed);
  }
  for (const transcript of transcripts) {
    const { message1, message2, message3, end, ...input } = transcript;
    assert.deepEqual(handshakeVector(input), transcript);
  }
});

test("both sides end with the same root, words, suite and hash", () => {
  const passcode = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) => {
    return text.normalize("NFKC").trim().length > 0;
  });
  const name = fc.string({ unit: "grapheme", maxLength: 15 }).filter(isDisplayName);
  fc.assert(
    fc.property(fc.option(passcode), name, fc.boolean(), fc.string(), (text, therapist, relayOnly, seed) => {
      const invite = inviteWith({ passcode: text !== null, name: therapist, relayOnly });
      const words = text === null ? {} : { patientPasscode: text, therapistPasscode: text };
      const { patient, therapist: other } = run({ invite, seed, ...words });
      assert.deepEqual({ ...patient, role: null }, { ...other, role: null });
      assert.deepEqual([patient.role, other.role, patient.suite], ["patient", "therapist", 1]);
      assert.deepEqual([patient.root.length, patient.handshakeHash.length], [32, 64]);
      assert.deepEqual(patient.session, session);
      assert.equal(base.is_zero(patient.root), false);
    }),
    { numRuns: 40 },
  );
});

test("no two runs share a root, a hash or words", () => {
  const runs = ["a", "b", "c"].flatMap((seed) => [run({ ...PLAIN, seed }), run({ ...WITH_PASSCODE, seed })]);
  for (const pick of [
    (made: (typeof runs)[number]) => hex(made.patient.root),
    (made: (typeof runs)[number]) => hex(made.patient.handshakeHash),
    (made: (typeof runs)[number]) => made.patient.sas.digits,
  ]) {
    assert.equal(new Set(runs.map(pick)).size, runs.length);
  }
});

test("without a passcode the base build is enough; with one it is not", () => {
  const made = run({ ...PLAIN, patientSodium: base, therapistSodium: base });
  assert.deepEqual(made.patient.root, run(PLAIN).patient.root);
  throwsCode(() => start({ ...WITH_PASSCODE, patientSodium: base }), "ARGUMENT-INVALID");
  const { state, message } = start(WITH_PASSCODE);
  throwsCode(() => answer({ ...WITH_PASSCODE, therapistSodium: base }, message), "ARGUMENT-INVALID");
  const second = answer(WITH_PASSCODE, message);
  throwsCode(() => patientReceive(base, state, second.message), "ARGUMENT-INVALID");
});

test("a passcode where there is none to give, or none where there is", () => {
  throwsCode(() => start({ ...PLAIN, patientPasscode: "1234" }), "PASSCODE-MISMATCH");
  throwsCode(() => start({ invite: WITH_PASSCODE.invite }), "PASSCODE-MISMATCH");
  const { message } = start(PLAIN);
  throwsCode(() => answer({ ...PLAIN, therapistPasscode: "1234" }, message), "PASSCODE-MISMATCH");
  throwsCode(() => answer({ invite: WITH_PASSCODE.invite }, message), "PASSCODE-MISMATCH");
});

test("a wrong passcode fails the confirmation, and establishes nothing on either side", () => {
  const { therapist, patient, message3 } = untilMessage3(WRONG_PASSCODE);
  throwsCode(() => therapistReceive(sumo, therapist, message3), "CONFIRMATION-FAILED");
  assert.equal(patient.step, "awaiting-message-4");
});

test("spelling differences that nobody can see do not matter", () => {
  const sides = { ...WITH_PASSCODE, patientPasscode: " ｂlue river ４２\n" };
  assert.ok(run(sides).patient.root.length === 32);
});

test("a link that differs in any field never gets past message 1", () => {
  const { message } = start(PLAIN);
  const other = seededRandom("another link");
  const links: Record<string, Sides> = {
    name: { invite: inviteWith({ name: "Dr. Ada Lindqvista" }) },
    "relay only": { invite: inviteWith({ relayOnly: true }) },
    passcode: { invite: inviteWith({ passcode: true }), therapistPasscode: "1234" },
    secret: { invite: inviteWith({ secret: linkSecret(other(32)) }) },
  };
  for (const sides of Object.values(links)) throwsCode(() => answer(sides, message), "MESSAGE-FORGED");
  const privateKey = other(32);
  const invite = inviteWith({ therapistKey: adopt(base.crypto_scalarmult_base(privateKey)) });
  throwsCode(
    () => startTherapist(sumo, seededRandom("t"), { invite, privateKey, session }, message),
    "MESSAGE-FORGED",
  );
  const elsewhere = { invite: inviteWith(), privateKey: therapistPrivateKey, session: sessionId(other(16)) };
  throwsCode(() => startTherapist(sumo, seededRandom("t"), elsewhere, message), "MESSAGE-FORGED");
});

test("a link whose key is no key starts nothing", () => {
  const invite = inviteWith({ therapistKey: new Uint8Array(32) });
  throwsCode(() => startPatient(base, seededRandom("p"), { invite, session }), "POINT-INVALID");
});

test("a private key that is not the invite's is the caller's mistake, and said so", () => {
  const { message } = start(PLAIN);
  const wrong = { invite: inviteWith(), privateKey: seededRandom("wrong")(32), session };
  throwsCode(() => startTherapist(sumo, seededRandom("t"), wrong, message), "ARGUMENT-INVALID");
});

test("every repeated message gets the same answer, and establishes nothing twice", () => {
  for (const sides of [PLAIN, WITH_PASSCODE]) {
    const { message1, message2, message3, patient, therapist } = untilMessage3(sides);
    assert.deepEqual(therapistReceive(sumo, therapist, message1), {
      state: therapist,
      message: message2,
      established: null,
    });
    assert.deepEqual(patientReceive(sumo, patient, message2), {
      state: patient,
      message: message3,
      established: null,
    });
    const fourth = therapistReceive(sumo, therapist, message3);
    assert.ok(fourth.established !== null);
    const again = therapistReceive(sumo, fourth.state, message3);
    assert.deepEqual(again, { state: fourth.state, message: fourth.message, established: null });
    const end = patientReceive(sumo, patient, fourth.message);
    assert.ok(end.established !== null);
    for (const late of [message2, fourth.message]) {
      assert.deepEqual(patientReceive(sumo, end.state, late), {
        state: end.state,
        message: null,
        established: null,
      });
    }
  }
});

test("what is sent again is what was sent", () => {
  const first = start(PLAIN);
  assert.deepEqual(patientResend(first.state), first.message);
  const { message3, patient } = untilMessage3(PLAIN);
  assert.deepEqual(patientResend(patient), message3);
  assert.equal(patientResend(run(PLAIN).patientState), null);
});

test("a refused patient gets the same refusal again, and the session no second handshake", () => {
  const { message1, message3, therapist } = untilMessage3(WRONG_PASSCODE);
  throwsCode(() => therapistReceive(sumo, therapist, message3), "CONFIRMATION-FAILED");
  const refused = refusePasscode(sumo, therapist, message3, 2);
  const again = therapistReceive(sumo, refused.state, message3);
  assert.deepEqual(again, { state: refused.state, message: refused.message, established: null });
  throwsCode(() => therapistReceive(sumo, refused.state, message1), "REPLAYED");
  throwsCode(() => therapistReceive(sumo, refused.state, refused.message), "MESSAGE-MALFORMED");
  throwsCode(() => refusePasscode(sumo, refused.state, message3, 1), "ARGUMENT-INVALID");
  throwsCode(() => refusePasscode(sumo, therapist, message3, 1), "ARGUMENT-INVALID");
});

test("a patient whose page was reloaded begins again; the old message 3 is then no guess", () => {
  const old = untilMessage3(WITH_PASSCODE);
  const fresh = start({ ...WITH_PASSCODE, seed: "reloaded" });
  throwsCode(() => therapistReceive(sumo, old.therapist, fresh.message), "MESSAGE-MALFORMED");
  const second = answer({ ...WITH_PASSCODE, seed: "reloaded" }, fresh.message);
  throwsCode(() => therapistReceive(sumo, second.state, old.message3), "MESSAGE-FORGED");
  const third = patientReceive(sumo, fresh.state, second.message);
  assert.ok(third.message !== null);
  const fourth = therapistReceive(sumo, second.state, third.message);
  assert.ok(fourth.established !== null);
  assert.ok(patientReceive(sumo, third.state, fourth.message).established !== null);
});

test("a session has one handshake: a first message after it is refused", () => {
  const made = run(PLAIN);
  throwsCode(() => therapistReceive(sumo, made.therapistState, made.message1), "REPLAYED");
  throwsCode(
    () => therapistReceive(sumo, made.therapistState, start({ ...PLAIN, seed: "x" }).message),
    "REPLAYED",
  );
});

test("messages of another handshake are forgeries in this one, and no guess at the passcode", () => {
  const mine = untilMessage3(WITH_PASSCODE);
  const other = run({ ...WITH_PASSCODE, seed: "other" });
  const { state } = start(WITH_PASSCODE);
  throwsCode(() => patientReceive(sumo, state, other.message2), "MESSAGE-FORGED");
  throwsCode(() => therapistReceive(sumo, mine.therapist, other.message3), "MESSAGE-FORGED");
  throwsCode(() => patientReceive(sumo, mine.patient, other.message4), "MESSAGE-FORGED");
});

test("what a state does not wait for is refused, and disturbs nothing", () => {
  const made = run(WITH_PASSCODE);
  const messages = [made.message1, made.message2, made.message3, made.message4];
  const waiting = start(WITH_PASSCODE);
  const { patient, therapist } = untilMessage3(WITH_PASSCODE);
  const before = structuredClone([waiting.state, patient, therapist]);
  const unexpected: [() => unknown, number][] = [];
  for (const [i, message] of messages.entries()) {
    if (i !== 1) unexpected.push([() => patientReceive(sumo, waiting.state, message), i]);
    if (i !== 1 && i !== 3) unexpected.push([() => patientReceive(sumo, patient, message), i]);
    if (i !== 0 && i !== 2) unexpected.push([() => therapistReceive(sumo, therapist, message), i]);
    if (i !== 1 && i !== 3) unexpected.push([() => patientReceive(sumo, made.patientState, message), i]);
    if (i !== 0 && i !== 2) unexpected.push([() => therapistReceive(sumo, made.therapistState, message), i]);
    if (i !== 0) unexpected.push([() => answer(WITH_PASSCODE, message), i]);
  }
  for (const junk of [new Uint8Array(0), Uint8Array.of(5, 1), Uint8Array.of(0x10), new Uint8Array(3000)]) {
    for (const state of [waiting.state, patient, made.patientState]) {
      unexpected.push([() => patientReceive(sumo, state, junk), -1]);
    }
    for (const state of [therapist, made.therapistState]) {
      unexpected.push([() => therapistReceive(sumo, state, junk), -1]);
    }
    unexpected.push([() => answer(WITH_PASSCODE, junk), -1]);
  }
  for (const [work] of unexpected) throwsCode(work, "MESSAGE-MALFORMED");
  assert.deepEqual([waiting.state, patient, therapist], before);

  const third = patientReceive(sumo, waiting.state, made.message2);
  assert.deepEqual(third.message, made.message3);
  assert.deepEqual(therapistReceive(sumo, therapist, made.message3).established, made.therapist);
  assert.deepEqual(patientReceive(sumo, patient, made.message4).established, made.patient);
});

test("a version nobody knows is called that, in every message, and disturbs nothing", () => {
  const made = run(PLAIN);
  const { state } = start(PLAIN);
  const { patient, therapist } = untilMessage3(PLAIN);
  for (const version of [0, 2, 255]) {
    const as = (message: Uint8Array): Uint8Array =>
      Uint8Array.of(message[0] ?? 0, version, ...message.subarray(2));
    throwsCode(() => answer(PLAIN, as(made.message1)), "VERSION-UNKNOWN");
    throwsCode(() => patientReceive(sumo, state, as(made.message2)), "VERSION-UNKNOWN");
    throwsCode(() => therapistReceive(sumo, therapist, as(made.message3)), "VERSION-UNKNOWN");
    throwsCode(() => patientReceive(sumo, patient, as(made.message4)), "VERSION-UNKNOWN");
  }
  assert.ok(therapistReceive(sumo, therapist, made.message3).established !== null);
});

test("an absurdly long message is refused before any work", () => {
  const long = new Uint8Array(2049);
  long.set([1, 1]);
  throwsCode(() => answer(PLAIN, long), "MESSAGE-MALFORMED");
});
