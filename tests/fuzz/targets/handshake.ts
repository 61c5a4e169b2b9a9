/**
 * The handshake: whole messages against the real cryptography, their contents, and refusals. What was altered on the
 * way must never be taken: the only message that a state accepts is the one that was made for it.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Bytes, concat, equal } from "../../../crypto/bytes.ts";
import { noiseSetup, sealOnce } from "../../../crypto/handshake.ts";
import { patientReceive, patientRefused } from "../../../crypto/handshake-patient.ts";
import { header } from "../../../crypto/handshake-payload.ts";
import { refusePasscode, therapistReceive } from "../../../crypto/handshake-therapist.ts";
import { KIND_MESSAGE_1, KIND_MESSAGE_2, KIND_REFUSAL } from "../../../crypto/kinds.ts";
import {
  newEphemeral,
  readMessage1,
  readMessage2,
  writeMessage1,
  writeMessage2,
} from "../../../crypto/noise.ts";
import { encodeRefusal, readRefusal } from "../../../crypto/refusal.ts";
import {
  answer,
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
} from "../../crypto/support/handshake.ts";
import { counting, seededRandom } from "../../crypto/support/session.ts";
import { codes, judged, refusalOf, sameBytes } from "../judge.ts";
import { mutatedBytes } from "../mutate.ts";
import { ACCEPTED, bytesTarget } from "../target.ts";

const WIRE_CODES = codes("MESSAGE-MALFORMED", "VERSION-UNKNOWN", "MESSAGE-FORGED", "POINT-INVALID");

/**
 * A state takes the one message that was made for it, and refuses every other without a change.
 * @param take gives a message to a state that all inputs share
 */
function authentic(message: Bytes, only: Bytes, take: () => unknown, takeAnew: () => unknown): string {
  if (equal(message, only)) {
    takeAnew();
    return ACCEPTED;
  }
  try {
    take();
  } catch (error) {
    return refusalOf(error, WIRE_CODES);
  }
  return assert.fail("a message that nobody made was taken");
}

const runs = [PLAIN, WITH_PASSCODE].map((sides) => ({
  sides,
  first: start(sides),
  full: untilMessage3(sides),
  done: run(sides),
}));
/** The first byte of an input says which of the two runs it is for. */
const tagged = (messages: readonly Bytes[]) =>
  messages.map((message, index) => concat(Uint8Array.of(index), message));
const runFor = (input: Bytes) => runs[(input[0] ?? 0) % runs.length] ?? assert.fail();

/** Points of small order on Curve25519, and encodings that are not reduced (RFC 7748 §6.1). */
const LOW_ORDER = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
  "ff".repeat(32),
].map((hex) => new Uint8Array(Buffer.from(hex, "hex")));

/** The ephemeral key of a message is one that gives no secret. */
const lowOrder = (samples: readonly Bytes[]) =>
  fc.tuple(fc.constantFrom(...samples), fc.constantFrom(...LOW_ORDER)).map(([message, point]) => {
    const copy = message.slice();
    copy.set(point, 3);
    return copy;
  });

const messages1 = tagged(runs.map(({ full }) => full.message1));
const messages2 = tagged(runs.map(({ full }) => full.message2));

const message1 = bytesTarget({
  name: "handshake-message-1",
  covers: ["crypto/noise.ts readMessage1"],
  samples: messages1,
  wrong: fc.oneof({ arbitrary: mutatedBytes(messages1), weight: 9 }, lowOrder(messages1)),
  share: 0.2,
  check: (input) => {
    const { sides, full } = runFor(input);
    const message = input.slice(1);
    const take = () => answer(sides, message);
    return authentic(message, full.message1, take, take);
  },
});

const message2 = bytesTarget({
  name: "handshake-message-2",
  covers: ["crypto/noise.ts readMessage2"],
  samples: messages2,
  wrong: fc.oneof({ arbitrary: mutatedBytes(messages2), weight: 9 }, lowOrder(messages2)),
  share: 0.2,
  check: (input) => {
    const { sides, first, full } = runFor(input);
    const message = input.slice(1);
    return authentic(
      message,
      full.message2,
      () => patientReceive(sumo, first.state, message),
      () => patientReceive(sumo, start(sides).state, message),
    );
  },
});

const message3 = bytesTarget({
  name: "handshake-message-3",
  covers: ["crypto/handshake.ts openOnce"],
  samples: tagged(runs.map(({ full }) => full.message3)),
  check: (input) => {
    const { sides, full } = runFor(input);
    const message = input.slice(1);
    return authentic(
      message,
      full.message3,
      () => therapistReceive(sumo, full.therapist, message),
      () => therapistReceive(sumo, untilMessage3(sides).therapist, message),
    );
  },
});

const message4 = bytesTarget({
  name: "handshake-message-4",
  covers: ["crypto/handshake.ts openOnce"],
  samples: tagged(runs.map(({ done }) => done.message4)),
  check: (input) => {
    const { sides, full, done } = runFor(input);
    const message = input.slice(1);
    return authentic(
      message,
      done.message4,
      () => patientReceive(sumo, full.patient, message),
      () => patientReceive(sumo, untilMessage3(sides).patient, message),
    );
  },
});

// ---- hostile contents under the right keys --------------------------------------------------------------------

const random = seededRandom("fuzz");
const noiseOf = ({ invite }: Sides) => noiseSetup(sumo, invite, session);

/** From a patient who has the link, and puts into message 1 what he likes. */
const hostileOffer = bytesTarget({
  name: "handshake-contents-1",
  covers: [],
  samples: tagged(
    runs.map(
      ({ sides }) =>
        readMessage1(sumo, noiseOf(sides), therapistPrivateKey, start(sides).message.slice(2)).payload,
    ),
  ),
  share: 0.05,
  check: (input) => {
    const { sides } = runFor(input);
    const { message } = writeMessage1(sumo, noiseOf(sides), newEphemeral(sumo, random), input.slice(1));
    return judged(
      () => answer(sides, concat(header(KIND_MESSAGE_1), message)),
      codes("MESSAGE-MALFORMED", "SUITE-UNKNOWN", "POINT-INVALID"),
      ({ state }) => assert.equal(state.step, "awaiting-message-3"),
    );
  },
});

/** A refusal leaves the patient's state as it was; what was taken uses it up. */
const waiting = runs.map(({ sides }) => start(sides).state);

/** From whoever has the link and the therapist's private key. */
const hostileAnswer = bytesTarget({
  name: "handshake-contents-2",
  covers: [],
  samples: tagged(
    runs.map(({ first, full }) => {
      if (first.state.step !== "awaiting-message-2") return assert.fail();
      return readMessage2(sumo, first.state.noise, full.message2.slice(2)).payload;
    }),
  ),
  share: 0.05,
  check: (input) => {
    const { sides, full } = runFor(input);
    const index = (input[0] ?? 0) % runs.length;
    const { state } = readMessage1(sumo, noiseOf(sides), therapistPrivateKey, full.message1.slice(2));
    const { message } = writeMessage2(sumo, state, newEphemeral(sumo, random), input.slice(1));
    return judged(
      () => patientReceive(sumo, waiting[index] ?? assert.fail(), concat(header(KIND_MESSAGE_2), message)),
      codes("MESSAGE-MALFORMED", "SUITE-UNKNOWN", "POINT-INVALID"),
      ({ state: next, established }) => {
        waiting[index] = start(sides).state;
        assert.equal(next.step, "awaiting-message-4");
        assert.equal(established, null);
      },
    );
  },
});

// ---- refusals ------------------------------------------------------------------------------------------------

const wrongPasscode = untilMessage3(WRONG_PASSCODE);
const { message: sealed } = refusePasscode(sumo, wrongPasscode.therapist, wrongPasscode.message3, 2);
const hints = [
  "version-unknown",
  "suite-unknown",
  "handshake-failed",
  "busy",
  "restart",
  "session-used",
  "invite-elsewhere",
] as const;

const refusal = bytesTarget({
  name: "refusal",
  covers: ["crypto/refusal.ts readRefusal"],
  samples: [...hints.map(encodeRefusal), sealed],
  check: (bytes) => {
    for (const keyless of [
      () => readRefusal(sumo, null, bytes),
      () => patientRefused(sumo, runs[0]?.first.state ?? assert.fail(), bytes),
    ])
      judged(keyless, codes("MESSAGE-MALFORMED", "KEY-MISSING"), (value) =>
        assert.equal(value.authenticated, false),
      );
    return judged(
      () => patientRefused(sumo, wrongPasscode.patient, bytes),
      codes("MESSAGE-MALFORMED", "MESSAGE-FORGED"),
      (value) => {
        if (value.authenticated)
          return sameBytes(bytes, sealed, "a refusal that the therapist did not write");
        sameBytes(encodeRefusal(value.code), bytes);
      },
    );
  },
});

/** What the therapist's own key may seal as a refusal. */
const key = counting(32, 9);
const sealedRefusal = bytesTarget({
  name: "refusal-contents",
  covers: ["crypto/refusal.ts readRefusal"],
  samples: [Uint8Array.of(1, 0), Uint8Array.of(1, 255)],
  check: (bytes) =>
    judged(
      () => readRefusal(sumo, { refusal: key }, sealOnce(sumo, key, Uint8Array.of(KIND_REFUSAL, 0), bytes)),
      codes("MESSAGE-MALFORMED"),
      (value) => {
        assert.ok(value.authenticated);
        sameBytes(Uint8Array.of(1, value.triesLeft), bytes);
      },
    ),
});

export const HANDSHAKE = [
  message1,
  message2,
  message3,
  message4,
  hostileOffer,
  hostileAnswer,
  refusal,
  sealedRefusal,
] as const;
