/**
 * A session and some media frames with randomness that repeats, down to the last byte: what tests/vectors/session.json
 * and sframe.json hold. A second implementation can be checked against those files alone.
 */

import { mediaKey } from "../../../crypto/brands.ts";
import { type Bytes, concat, uintBe, utf8 } from "../../../crypto/bytes.ts";
import { callKey } from "../../../crypto/call-key.ts";
import { acknowledgement, open, seal } from "../../../crypto/envelope.ts";
import { encodeEnvelopeState } from "../../../crypto/envelope-codec.ts";
import type { EnvelopeState } from "../../../crypto/envelope-state.ts";
import { acceptAnswer, answerEpoch, completeEpoch, confirmEpoch, offerEpoch } from "../../../crypto/epoch.ts";
import { deriveEnvelopeKey, mediaKeys } from "../../../crypto/key-schedule.ts";
import { createFrameSealer, type FrameSealer } from "../../../crypto/sframe/frame.ts";
import type { Track } from "../../../crypto/sframe/kid.ts";
import { padAudio } from "../../../crypto/sframe/padding.ts";
import { NO_PREFIX, prefixFor } from "../../../crypto/sframe/prefix.ts";
import { MEDIA_SUITE } from "../../../crypto/sframe/suites.ts";
import { createFrameCrypto, type FrameCrypto } from "../../../crypto/sframe/webcrypto.ts";
import { patientAtStart, rootZero, SESSION, sodium, therapistAtStart } from "./envelopes.ts";
import { counting, hex, seededRandom } from "./session.ts";

interface Said {
  readonly by: string;
  readonly body: string;
  readonly envelope: string;
}

/** A message each way, one new epoch, a bare acknowledgement, and what both sides would store at the end. */
export function sessionTranscript() {
  const random = seededRandom("session transcript");
  const said: Said[] = [];
  const say = (
    by: string,
    from: EnvelopeState,
    to: EnvelopeState,
    body: Bytes,
  ): [EnvelopeState, EnvelopeState] => {
    const sealed = seal(sodium, random, from, body);
    said.push({ by, body: hex(body), envelope: hex(sealed.frame) });
    return [sealed.state, open(sodium, to, sealed.frame).state];
  };
  let [patient, therapist] = [patientAtStart(), therapistAtStart()];
  [patient, therapist] = say("patient", patient, therapist, utf8("knock"));
  [therapist, patient] = say("therapist", therapist, patient, utf8("welcome"));

  // The bodies of these four are the client's own (JSON); here they are the fields one after the other.
  const offered = offerEpoch(sodium, random, therapist);
  const offerBody = concat(uintBe(offered.offer.epoch, 4), offered.offer.key);
  [therapist, patient] = say("therapist", offered.state, patient, offerBody);
  const answered = answerEpoch(sodium, random, patient, offered.offer);
  const answerBody = concat(uintBe(1, 4), answered.answer.offer, answered.answer.key);
  [patient, therapist] = say("patient", answered.state, therapist, answerBody);
  const accepted = acceptAnswer(sodium, therapist, answered.answer);
  [therapist, patient] = say("therapist", accepted.state, patient, uintBe(1, 4));
  const completed = completeEpoch(sodium, patient, accepted.done);
  [patient, therapist] = say("patient", completed.state, therapist, uintBe(1, 4));
  therapist = confirmEpoch(therapist, completed.done).state;
  const bare = acknowledgement(sodium, random, therapist);

  const { rekey } = offered.state.epochs;
  return {
    session: hex(SESSION),
    epochs: [epochKeys(0, rootZero()), epochKeys(1, patient.epochs.root)],
    offerSecret: rekey.step === "offered" ? hex(rekey.secret) : "",
    said,
    acknowledgement: hex(bare),
    stored: {
      patient: hex(encodeEnvelopeState(sodium, patient)),
      therapist: hex(encodeEnvelopeState(sodium, therapist)),
    },
  };
}

function epochKeys(epoch: number, root: EnvelopeState["epochs"]["root"]) {
  const media = mediaKeys(sodium, root, epoch, "patient");
  const keys = {
    epoch,
    root: hex(root),
    envelopePatientToTherapist: hex(deriveEnvelopeKey(sodium, root, epoch, "patient->therapist")),
    envelopeTherapistToPatient: hex(deriveEnvelopeKey(sodium, root, epoch, "therapist->patient")),
  };
  if (epoch === 0) return keys;
  return {
    ...keys,
    mediaPatientToTherapist: hex(media.send),
    mediaTherapistToPatient: hex(media.receive),
    firstCallPatientToTherapist: hex(callKey(sodium, media.send, 1)),
  };
}

interface Clip {
  readonly track: Track;
  readonly epoch: number;
  readonly frame: Bytes;
  readonly codec: "Opus" | "VP8" | "VP9";
}

const CLIPS: readonly Clip[] = [
  { track: "audio", epoch: 1, codec: "Opus", frame: counting(83) },
  { track: "audio", epoch: 1, codec: "Opus", frame: counting(3) },
  { track: "video", epoch: 1, codec: "VP8", frame: concat(Uint8Array.of(0x50), counting(40)) },
  { track: "video", epoch: 1, codec: "VP8", frame: concat(Uint8Array.of(0x31), counting(20)) },
  { track: "video", epoch: 300, codec: "VP9", frame: counting(30) },
  { track: "screen-video", epoch: 300, codec: "VP9", frame: counting(30) },
  { track: "screen-audio", epoch: 300, codec: "Opus", frame: counting(199) },
];

/** Frames of every track and codec. Each track has sealed seven before, so that both forms of counter are seen. */
export async function sframeTranscript() {
  const frameCrypto = createFrameCrypto(crypto.subtle);
  const baseKey = mediaKey(counting(32, 0x20));
  const sealers = new Map<string, FrameSealer>();
  const frames = [];
  for (const { track, epoch, codec, frame } of CLIPS) {
    const place = `${epoch} ${track}`;
    const sealer = sealers.get(place) ?? (await sealerAtSeven(frameCrypto, baseKey, epoch, track));
    sealers.set(place, sealer);
    const plaintext = codec === "Opus" ? padAudio(frame) : frame;
    const prefix = codec === "Opus" ? NO_PREFIX : prefixFor(codec, frame);
    const sealed = await sealer.seal(plaintext, prefix);
    frames.push({ track, epoch, codec, frame: hex(frame), sealed: hex(sealed) });
  }
  return { baseKey: hex(baseKey), frames };
}

async function sealerAtSeven(
  frameCrypto: FrameCrypto,
  baseKey: Bytes,
  epoch: number,
  track: Track,
): Promise<FrameSealer> {
  const sealer = await createFrameSealer(frameCrypto, MEDIA_SUITE, baseKey, epoch, track);
  for (let ctr = 0; ctr < 7; ctr++) await sealer.seal(counting(1));
  return sealer;
}
