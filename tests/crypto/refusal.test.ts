import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CryptoError } from "../../crypto/errors.ts";
import { forgetPatient, patientReceive, patientRefused } from "../../crypto/handshake-patient.ts";
import { refusePasscode, therapistReceive } from "../../crypto/handshake-therapist.ts";
import {
  KIND_ENVELOPE,
  KIND_MESSAGE_1,
  KIND_MESSAGE_2,
  KIND_MESSAGE_3,
  KIND_MESSAGE_4,
  KIND_REFUSAL,
  kindOf,
} from "../../crypto/kinds.ts";
import { encodeRefusal, type RefusalHint, readRefusal } from "../../crypto/refusal.ts";
import {
  lying,
  PLAIN,
  run,
  start,
  sumo,
  untilMessage3,
  WITH_PASSCODE,
  WRONG_PASSCODE,
} from "./support/handshake.ts";
import { hex, singleBitMutations, throwsCode } from "./support/session.ts";

const HINTS: Record<RefusalHint, string> = {
  "version-unknown": "0501",
  "suite-unknown": "0502",
  "handshake-failed": "0503",
  busy: "0504",
  restart: "0505",
  "session-used": "0506",
  "invite-elsewhere": "0507",
};

test("plain refusals: their bytes, and that nothing else is one", () => {
  const known = new Map(Object.entries(HINTS).map(([code, bytes]) => [bytes, code]));
  for (const [code, bytes] of Object.entries(HINTS)) {
    assert.equal(hex(encodeRefusal(code as RefusalHint)), bytes);
  }
  for (let code = 1; code < 256; code++) {
    const message = Uint8Array.of(KIND_REFUSAL, code);
    const expected = known.get(hex(message));
    if (expected === undefined) throwsCode(() => readRefusal(sumo, null, message), "MESSAGE-MALFORMED");
    else assert.deepEqual(readRefusal(sumo, null, message), { authenticated: false, code: expected });
    throwsCode(() => readRefusal(sumo, null, Uint8Array.of(KIND_REFUSAL, code, 0)), "MESSAGE-MALFORMED");
  }
  throwsCode(() => readRefusal(sumo, null, Uint8Array.of(KIND_REFUSAL)), "MESSAGE-MALFORMED");
  throwsCode(() => readRefusal(sumo, null, new Uint8Array(0)), "MESSAGE-MALFORMED");
  throwsCode(() => readRefusal(sumo, null, Uint8Array.of(KIND_MESSAGE_1, 1)), "MESSAGE-MALFORMED");
});

test("the wrong passcode is told sealed, with the tries that are left", () => {
  for (const triesLeft of [2, 1, 0, 255]) {
    const { patient, therapist, message3 } = untilMessage3(WRONG_PASSCODE);
    const { message, state } = refusePasscode(sumo, therapist, message3, triesLeft);
    assert.equal(message.length, 20);
    assert.deepEqual([message[0], message[1]], [KIND_REFUSAL, 0]);
    assert.equal(state.step, "refused");
    const told = { authenticated: true, code: "passcode-wrong", triesLeft };
    assert.deepEqual(patientRefused(sumo, patient, message), told);
    assert.deepEqual(patientRefused(sumo, patient, message), told);
  }
});

test("a number of tries that does not fit uses nothing up", () => {
  const { therapist, message3 } = untilMessage3(WRONG_PASSCODE);
  throwsCode(() => refusePasscode(sumo, therapist, message3, 256), "ARGUMENT-INVALID");
  throwsCode(() => refusePasscode(sumo, therapist, message3, -1), "ARGUMENT-INVALID");
  assert.equal(refusePasscode(sumo, therapist, message3, 2).state.step, "refused");
});

test("nobody else can say that a passcode was wrong", () => {
  const { patient, therapist, message3 } = untilMessage3(WRONG_PASSCODE);
  const { message } = refusePasscode(sumo, therapist, message3, 2);
  for (const forged of singleBitMutations(message)) {
    throwsCode(
      () => {
        const refusal = patientRefused(sumo, patient, forged);
        // The form byte alone may turn it into something that still parses: then it must be a mere hint.
        if (!refusal.authenticated) throw new CryptoError("MESSAGE-FORGED");
      },
      "MESSAGE-FORGED",
      "MESSAGE-MALFORMED",
    );
  }
  for (let length = 2; length < message.length; length++) {
    throwsCode(() => patientRefused(sumo, patient, message.subarray(0, length)), "MESSAGE-FORGED");
  }
  const other = untilMessage3({ ...WRONG_PASSCODE, seed: "other" });
  throwsCode(() => patientRefused(sumo, other.patient, message), "MESSAGE-FORGED");
});

test("a sealed refusal with other contents is malformed", () => {
  for (const contents of [[], [1], [0, 2], [2, 2], [1, 2, 3]]) {
    const { patient, therapist, message3 } = untilMessage3(WRONG_PASSCODE);
    const { message } = refusePasscode(
      lying(() => Uint8Array.from(contents)),
      therapist,
      message3,
      2,
    );
    throwsCode(() => patientRefused(sumo, patient, message), "MESSAGE-MALFORMED");
  }
});

test("a sealed refusal before message 2, or after the end, is not read", () => {
  const { therapist, message3 } = untilMessage3(WRONG_PASSCODE);
  const { message } = refusePasscode(sumo, therapist, message3, 2);
  throwsCode(() => patientRefused(sumo, start(WRONG_PASSCODE).state, message), "KEY-MISSING");
  throwsCode(() => patientRefused(sumo, run(WITH_PASSCODE).patientState, message), "KEY-MISSING");
  const { patient } = untilMessage3(WRONG_PASSCODE);
  forgetPatient(sumo, patient);
  throwsCode(() => patientRefused(sumo, patient, message), "ARGUMENT-INVALID");
});

test("a refusal changes no state: the handshake goes on if the real message comes", () => {
  const { patient, therapist, message3 } = untilMessage3(PLAIN);
  const before = structuredClone(patient);
  for (const code of Object.keys(HINTS)) patientRefused(sumo, patient, encodeRefusal(code as RefusalHint));
  assert.deepEqual(patient, before);
  const fourth = therapistReceive(sumo, therapist, message3);
  assert.ok(patientReceive(sumo, patient, fourth.message).established !== null);
});

test("every first byte is a known kind or refused", () => {
  const known: readonly number[] = [
    KIND_MESSAGE_1,
    KIND_MESSAGE_2,
    KIND_MESSAGE_3,
    KIND_MESSAGE_4,
    KIND_REFUSAL,
    KIND_ENVELOPE,
  ];
  assert.deepEqual(known, [1, 2, 3, 4, 5, 0x10]);
  for (let kind = 0; kind < 256; kind++) {
    const message = Uint8Array.of(kind, 1);
    if (known.includes(kind)) assert.equal(kindOf(message), kind);
    else throwsCode(() => kindOf(message), "MESSAGE-MALFORMED");
  }
  throwsCode(() => kindOf(new Uint8Array(0)), "MESSAGE-MALFORMED");
});

test("no bytes make a refusal throw anything but its codes", () => {
  const { patient } = untilMessage3(WRONG_PASSCODE);
  const message = fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.of(KIND_REFUSAL, ...bytes));
  fc.assert(
    fc.property(message, (bytes) => {
      try {
        assert.equal(patientRefused(sumo, patient, bytes).authenticated, false);
      } catch (error) {
        assert.ok(error instanceof CryptoError, String(error));
        assert.ok(["MESSAGE-MALFORMED", "MESSAGE-FORGED"].includes(error.code));
      }
    }),
  );
});
