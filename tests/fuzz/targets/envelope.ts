/** Envelopes: on the wire, as they are stored, and what the other side may put into them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import * as v from "valibot";
import { encodeBody, parseBody } from "../../../client/transport/body.ts";
import {
  applyEpochMessage,
  type EpochMessage,
  FromGuest,
  FromHost,
  isEpochMessage,
  startEpoch,
} from "../../../client/transport/epochs.ts";
import { MAX_MESSAGE_BYTES } from "../../../client/transport/messages.ts";
import { step } from "../../../client/transport/step.ts";
import { type Bytes, concat, fromUtf8, utf8 } from "../../../crypto/bytes.ts";
import {
  acknowledgement,
  MAX_BODY_BYTES,
  open,
  parseEnvelopeHeader,
  pending,
  seal,
} from "../../../crypto/envelope.ts";
import { decodeEnvelopeState, encodeEnvelopeState } from "../../../crypto/envelope-codec.ts";
import type { EnvelopeState } from "../../../crypto/envelope-state.ts";
import { CryptoError } from "../../../crypto/errors.ts";
import { hash } from "../../../crypto/kdf.ts";
import { LABEL } from "../../../crypto/labels.ts";
import { patientAtStart, sodium, therapistAtStart } from "../../crypto/support/envelopes.ts";
import { counting, seededRandom } from "../../crypto/support/session.ts";
import { wrongJson } from "../json.ts";
import { codes, judged, nothing, refusalOf, sameBytes, sameJson, wholesome } from "../judge.ts";
import { mutatedBytes } from "../mutate.ts";
import { ACCEPTED, bytesTarget, textTarget } from "../target.ts";

const random = seededRandom("fuzz");

/** What the therapist says first, and a patient who has heard nothing yet. */
function spoken(bodies: readonly Bytes[]): EnvelopeState {
  return bodies.reduce((state, body) => seal(sodium, random, state, body).state, therapistAtStart());
}
const listener = patientAtStart();
const speaker = spoken([utf8('{"t":"verified"}'), counting(200), new Uint8Array(0)]);
const onTheWire = [...pending(speaker), acknowledgement(sodium, random, speaker)];
const isReal = new Set(onTheWire.map((frame) => Buffer.from(frame).toString("hex")));

const envelopeHeader = bytesTarget({
  name: "envelope-header",
  covers: ["crypto/envelope.ts parseEnvelopeHeader"],
  samples: onTheWire,
  wrong: fc
    .tuple(fc.constantFrom(0x0f, 0x10, 0x11), fc.constantFrom(0, 60, 61, 62, 61_500, 61_501, 61_502, 70_000))
    .map(([kind, length]) => new Uint8Array(length).fill(kind)),
  check: (bytes) =>
    judged(
      () => parseEnvelopeHeader(bytes),
      codes("MESSAGE-MALFORMED"),
      ({ epoch, seq }) => {
        const text = Buffer.from(bytes).toString("hex");
        assert.equal(
          epoch.toString(16).padStart(8, "0") + seq.toString(16).padStart(16, "0"),
          text.slice(2, 26),
        );
      },
    ),
});

const envelope = bytesTarget({
  name: "envelope",
  covers: ["crypto/envelope.ts open"],
  samples: onTheWire,
  check: (bytes) =>
    judged(
      () => open(sodium, listener, bytes),
      codes("MESSAGE-MALFORMED", "KEY-MISSING", "MESSAGE-FORGED"),
      () =>
        assert.ok(
          isReal.has(Buffer.from(bytes).toString("hex")),
          "an envelope that nobody sealed was opened",
        ),
    ),
});

// ---- the stored state ----------------------------------------------------------------------------------------

function everyState(): EnvelopeState[] {
  const sealing = { sodium, random };
  const said = (from: EnvelopeState): Bytes => pending(from).at(-1) ?? assert.fail();
  const heard = (state: EnvelopeState, frame: Bytes): { state: EnvelopeState; message: EpochMessage } => {
    const opened = open(sodium, state, frame);
    const message = opened.kind === "message" ? parseBody(v.union([FromHost, FromGuest]), opened.body) : null;
    assert.ok(message !== null && isEpochMessage(message));
    return { state: opened.state, message };
  };
  const offered = startEpoch(sealing, therapistAtStart());
  const atPatient = heard(patientAtStart(), said(offered));
  const answered = applyEpochMessage(sealing, atPatient.state, atPatient.message).state;
  const atTherapist = heard(offered, said(answered));
  const accepted = applyEpochMessage(sealing, atTherapist.state, atTherapist.message).state;
  const done = heard(answered, said(accepted));
  const completed = applyEpochMessage(sealing, done.state, done.message).state;
  return [patientAtStart(), therapistAtStart(), speaker, offered, answered, accepted, completed];
}
const states = everyState();
const stored = states.map((state) => encodeEnvelopeState(sodium, state));

const CHECKSUM_BYTES = 16;
const resealed = (fields: Bytes) => concat(fields, hash(sodium, LABEL.envelopeState, CHECKSUM_BYTES, fields));

const storedState = bytesTarget({
  name: "envelope-state",
  covers: ["crypto/envelope-codec.ts decodeEnvelopeState"],
  samples: stored,
  wrong: mutatedBytes(stored.map((bytes) => bytes.slice(0, -CHECKSUM_BYTES))).map(resealed),
  check: (bytes) =>
    judged(
      () => decodeEnvelopeState(sodium, bytes),
      codes("VERSION-UNKNOWN", "MESSAGE-MALFORMED"),
      (state) => {
        sameBytes(encodeEnvelopeState(sodium, state), bytes);
        wholesome({ ...state, sent: String(state.sent), received: String(state.received) }, bytes.length);
      },
    ),
});

// ---- what is inside ------------------------------------------------------------------------------------------

const key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
const candidate = {
  candidate: "candidate:1 1 udp 2122194687 192.0.2.2 56956 typ host generation 0 ufrag mgbe",
  sdpMid: "0",
  sdpMLineIndex: 0,
  usernameFragment: "mgbe",
};
const fromBoth = [
  { t: "signal", call: 1, signal: { type: "offer", sdp: "v=0\r\n" } },
  { t: "signal", call: 2, signal: { type: "answer", sdp: "v=0\r\n" } },
  { t: "signal", call: 2, signal: { type: "candidate", candidate } },
  {
    t: "signal",
    call: 2,
    signal: { type: "candidate", candidate: { candidate: "", sdpMid: null, sdpMLineIndex: null } },
  },
  { t: "signal", call: 3, signal: { type: "renegotiate", restart: true } },
  { t: "devices", microphone: true, camera: false },
  { t: "verified" },
  { t: "mismatch" },
  { t: "epoch-done", epoch: 1 },
];
const fromGuest = [
  ...fromBoth,
  { t: "profile", name: "Zoë", microphone: true, camera: true, call: 0, matched: false },
  { t: "leave" },
  { t: "epoch-answer", epoch: 1, offer: key, key },
  { t: "epoch-please" },
];
const fromHost = [
  ...fromBoth,
  { t: "waiting", therapist: "Dr. Ada" },
  {
    t: "admit",
    call: 1,
    relayOnly: false,
    therapist: "Dr. Ada",
    matched: true,
    microphone: true,
    camera: true,
  },
  { t: "end", reason: "declined" },
  { t: "epoch-offer", epoch: 1, key },
];

function inner<T>(name: string, schema: v.GenericSchema<unknown, T>, values: readonly unknown[]) {
  return bytesTarget({
    name,
    covers: ["client/transport/body.ts parseBody"],
    samples: values.map((value) => utf8(JSON.stringify(value))),
    wrong: fc.oneof(
      wrongJson(values).map((text) => new Uint8Array(Buffer.from(text))),
      fc.constantFrom(0, 1).map((more) => new Uint8Array(MAX_MESSAGE_BYTES + more).fill(0x20)),
    ),
    check: (body) =>
      judged(
        () => parseBody(schema, body),
        nothing,
        (message) => {
          const text = fromUtf8(body) ?? assert.fail("not UTF-8");
          sameJson(message, text);
          sameJson(parseBody(schema, encodeBody(schema, message)), text);
          wholesome(message, body.length);
        },
      ),
  });
}

/** A peer that holds the keys and seals any body at all; one line is one envelope. */
const course = textTarget({
  name: "session-step",
  covers: ["client/transport/step.ts step"],
  share: 0.4,
  samples: [fromHost.slice(0, 8), fromHost.slice(9, 11)].map((list) =>
    list.map((value) => JSON.stringify(value)).join("\n"),
  ),
  wrong: fc
    .array(
      fc.oneof(wrongJson(fromHost), fc.constantFrom(...fromHost.map((value) => JSON.stringify(value)))),
      { minLength: 1, maxLength: 4 },
    )
    .map((list) => list.join("\n")),
  check: (text) => {
    const context = { sodium, random, incoming: FromHost };
    let host = therapistAtStart();
    let guest = patientAtStart();
    for (const line of text
      .slice(0, MAX_BODY_BYTES / 3)
      .split("\n")
      .slice(0, 16)) {
      const sealed = seal(sodium, random, host, new Uint8Array(Buffer.from(line)));
      host = sealed.state;
      const taken = step(context, guest, { type: "frame", frame: sealed.frame });
      if (taken.type === "failed") {
        assert.equal(taken.failure, "violation");
        return taken.failure;
      }
      assert.equal(taken.type, "step");
      if (taken.type === "step") guest = taken.state;
    }
    sameBytes(
      encodeEnvelopeState(sodium, decodeEnvelopeState(sodium, encodeEnvelopeState(sodium, guest))),
      encodeEnvelopeState(sodium, guest),
      "a state that cannot be stored",
    );
    return ACCEPTED;
  },
});

/** Rekeying messages in any state, of any content that the schema lets through. */
const epochText = fc
  .tuple(
    fc.nat(states.length - 1),
    fc.constantFrom(0, 1, 2, 3, 0xffff_fffe, 0xffff_ffff),
    fc.constantFrom(key, "A".repeat(43), `${"A".repeat(42)}E`, `AQ${"A".repeat(41)}`, `${"_".repeat(42)}8`),
    fc.constantFrom("epoch-offer", "epoch-answer", "epoch-done", "epoch-please"),
  )
  .map(([index, epoch, point, t]) => {
    const message =
      t === "epoch-please"
        ? { t }
        : t === "epoch-done"
          ? { t, epoch }
          : t === "epoch-offer"
            ? { t, epoch, key: point }
            : { t, epoch, offer: key, key: point };
    return `${index}${JSON.stringify(message)}`;
  });
const EPOCH_CODES = codes("MESSAGE-MALFORMED", "POINT-INVALID", "EXHAUSTED", "ARGUMENT-INVALID");

const rekeying = textTarget({
  name: "epoch-message",
  covers: ["client/transport/epochs.ts applyEpochMessage"],
  samples: [
    `0${JSON.stringify({ t: "epoch-offer", epoch: 1, key })}`,
    `5${JSON.stringify({ t: "epoch-please" })}`,
  ],
  wrong: epochText,
  check: (text) => {
    const state = states[Number(text.slice(0, 1))];
    // A patient hears the therapist, and the other way round.
    const schema = state?.role === "patient" ? FromHost : FromGuest;
    const message = parseBody<v.InferOutput<typeof FromGuest> | v.InferOutput<typeof FromHost>>(
      schema,
      new Uint8Array(Buffer.from(text.slice(1))),
    );
    if (state === undefined || message === null || !isEpochMessage(message)) return "refused";
    const before = encodeEnvelopeState(sodium, state);
    try {
      const { state: next } = applyEpochMessage({ sodium, random }, state, message);
      const after = encodeEnvelopeState(sodium, next);
      sameBytes(
        encodeEnvelopeState(sodium, decodeEnvelopeState(sodium, after)),
        after,
        "a state that cannot be stored",
      );
      assert.ok(next.epochs.epoch === state.epochs.epoch || next.epochs.epoch === state.epochs.epoch + 1);
      return ACCEPTED;
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      return refusalOf(error, EPOCH_CODES);
    } finally {
      sameBytes(encodeEnvelopeState(sodium, state), before, "the state before was changed");
    }
  },
});

export const ENVELOPE = [
  envelopeHeader,
  envelope,
  storedState,
  inner("message-from-guest", FromGuest, fromGuest),
  inner("message-from-host", FromHost, fromHost),
  course,
  rekeying,
] as const;
