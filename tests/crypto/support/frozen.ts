/**
 * The frozen vectors' shapes, and how each is computed from its own inputs. freeze-vectors.ts writes what these
 * functions return; the tests hold the files against them.
 */
import * as v from "valibot";
import { linkSecret, psk, sessionId } from "../../../crypto/brands.ts";
import { adopt, type Bytes, utf8 } from "../../../crypto/bytes.ts";
import {
  calculateGenerator,
  cpaceFinish,
  cpaceStart,
  passcodeBytes,
  passcodeInputs,
} from "../../../crypto/cpace.ts";
import type { Established } from "../../../crypto/handshake.ts";
import { patientReceive, startPatient } from "../../../crypto/handshake-patient.ts";
import { refusePasscode, startTherapist, therapistReceive } from "../../../crypto/handshake-therapist.ts";
import { deriveRoom, encodeInvite, parseInvite } from "../../../crypto/invite.ts";
import {
  newEphemeral,
  readMessage1,
  readMessage2,
  writeMessage1,
  writeMessage2,
} from "../../../crypto/noise.ts";
import { encryptWithAd } from "../../../crypto/noise-symmetric.ts";
import type { Random } from "../../../crypto/sodium.ts";
import { base, sumo } from "./handshake.ts";
import { hex, unhex } from "./session.ts";

const Text = v.string();

/** Randomness from a list, in order. @throws when it runs out */
export function listedRandom(stream: string): { readonly random: Random; readonly left: () => number } {
  let rest = unhex(stream);
  const random: Random = (length) => {
    if (rest.length < length) throw new Error("the listed randomness ran out");
    const taken = rest.slice(0, length);
    rest = rest.slice(length);
    return taken;
  };
  return { random, left: () => rest.length };
}

// ---- invite --------------------------------------------------------------------------------------------------

export const InviteVector = v.strictObject({
  passcode: v.boolean(),
  relay_only: v.boolean(),
  secret: Text,
  therapist_public_key: Text,
  name: Text,
  fragment: Text,
  room: Text,
  join_token: Text,
  psk: Text,
});
export type InviteVector = v.InferOutput<typeof InviteVector>;

export function inviteVector(
  input: Omit<InviteVector, "fragment" | "room" | "join_token" | "psk">,
): InviteVector {
  const secret = linkSecret(unhex(input.secret));
  const derived = deriveRoom(base, secret);
  const fragment = encodeInvite(base, {
    version: 1,
    passcode: input.passcode,
    relayOnly: input.relay_only,
    secret,
    therapistKey: unhex(input.therapist_public_key),
    name: input.name,
  });
  const { passcode, relay_only, therapist_public_key, name } = input;
  return {
    passcode,
    relay_only,
    secret: input.secret,
    therapist_public_key,
    name,
    fragment,
    room: hex(derived.room),
    join_token: hex(derived.token),
    psk: hex(derived.psk),
  };
}

// ---- X-Wing --------------------------------------------------------------------------------------------------

export const XWingVector = v.strictObject({
  seed: Text,
  encapsulation_seed: Text,
  public_key: Text,
  ciphertext: Text,
  shared_secret: Text,
});
export type XWingVector = v.InferOutput<typeof XWingVector>;

export function xwingVector(input: Pick<XWingVector, "seed" | "encapsulation_seed">): XWingVector {
  const { seed, encapsulation_seed } = input;
  const keys = base.crypto_kem_xwing_seed_keypair(unhex(seed));
  const sent = base.crypto_kem_xwing_enc_deterministic(keys.publicKey, unhex(encapsulation_seed));
  const received = base.crypto_kem_xwing_dec(sent.ciphertext, keys.privateKey);
  if (hex(received) !== hex(sent.sharedSecret)) throw new Error("X-Wing does not agree with itself");
  return {
    seed,
    encapsulation_seed,
    public_key: hex(keys.publicKey),
    ciphertext: hex(sent.ciphertext),
    shared_secret: hex(received),
  };
}

// ---- CPace ---------------------------------------------------------------------------------------------------

export const CpaceVector = v.strictObject({
  link_secret: Text,
  passcode: Text,
  sid: Text,
  initiator_random: Text,
  responder_random: Text,
  generator: Text,
  ya: Text,
  yb: Text,
  isk_ir: Text,
});
export type CpaceVector = v.InferOutput<typeof CpaceVector>;
type CpaceInput = Omit<CpaceVector, "generator" | "ya" | "yb" | "isk_ir">;

export function cpaceVector(input: CpaceInput): CpaceVector {
  const { link_secret, passcode, sid, initiator_random, responder_random } = input;
  const inputs = passcodeInputs(linkSecret(unhex(link_secret)), passcodeBytes(passcode), unhex(sid));
  const a = cpaceStart(sumo, listedRandom(initiator_random).random, inputs);
  const b = cpaceStart(sumo, listedRandom(responder_random).random, inputs);
  const none = new Uint8Array(0);
  const shares = { initiator: { share: a.share, ad: none }, responder: { share: b.share, ad: none } };
  const key = hex(cpaceFinish(sumo, inputs.sid, a.scalar, b.share, shares));
  if (key !== hex(cpaceFinish(sumo, inputs.sid, b.scalar, a.share, shares)))
    throw new Error("CPace disagrees");
  return {
    link_secret,
    passcode,
    sid,
    initiator_random,
    responder_random,
    generator: hex(calculateGenerator(sumo, inputs)),
    ya: hex(a.share),
    yb: hex(b.share),
    isk_ir: key,
  };
}

// ---- Noise ---------------------------------------------------------------------------------------------------

/** The shape of the official file's vectors, so that one test reads both. */
export interface NoiseVector {
  readonly protocol_name: "Noise_NKpsk0_25519_ChaChaPoly_BLAKE2b";
  readonly init_prologue: string;
  readonly init_psks: readonly [string];
  readonly init_ephemeral: string;
  readonly init_remote_static: string;
  readonly resp_prologue: string;
  readonly resp_psks: readonly [string];
  readonly resp_static: string;
  readonly resp_ephemeral: string;
  readonly handshake_hash: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

export function noiseVector(
  prologueText: string,
  pskBytes: Bytes,
  random: Random,
  payloads: readonly string[],
): NoiseVector {
  const prologue = utf8(prologueText);
  const [s, a, b] = [random(32), random(32), random(32)];
  const responderKey = adopt(base.crypto_scalarmult_base(s));
  const setup = { prologue, psk: psk(pskBytes), responderKey };
  const [one = "", two = "", ...rest] = payloads;
  const first = writeMessage1(
    base,
    setup,
    newEphemeral(base, () => a.slice()),
    utf8(one),
  );
  const received = readMessage1(base, setup, s, first.message);
  const second = writeMessage2(
    base,
    received.state,
    newEphemeral(base, () => b.slice()),
    utf8(two),
  );
  const { result } = readMessage2(base, first.state, second.message);
  const ciphers = [
    { k: result.initiatorKey, n: 0n },
    { k: result.responderKey, n: 0n },
  ] as const;
  const transport = rest.map((payload, i) => ({
    payload: hex(utf8(payload)),
    ciphertext: hex(encryptWithAd(base, ciphers[i % 2 === 0 ? 0 : 1], new Uint8Array(0), utf8(payload))),
  }));
  return {
    protocol_name: "Noise_NKpsk0_25519_ChaChaPoly_BLAKE2b",
    init_prologue: hex(prologue),
    init_psks: [hex(pskBytes)],
    init_ephemeral: hex(a),
    init_remote_static: hex(responderKey),
    resp_prologue: hex(prologue),
    resp_psks: [hex(pskBytes)],
    resp_static: hex(s),
    resp_ephemeral: hex(b),
    handshake_hash: hex(result.handshakeHash),
    messages: [
      { payload: hex(utf8(one)), ciphertext: hex(first.message) },
      { payload: hex(utf8(two)), ciphertext: hex(second.message) },
      ...transport,
    ],
  };
}

// ---- the joined handshake -----------------------------------------------------------------------------------

const Inputs = {
  name: Text,
  fragment: Text,
  therapist_private_key: Text,
  session: Text,
  patient_passcode: v.nullable(Text),
  therapist_passcode: v.nullable(Text),
  patient_random: Text,
  therapist_random: Text,
};
const HandshakeInput = v.strictObject(Inputs);
export type HandshakeInput = v.InferOutput<typeof HandshakeInput>;

export const HandshakeVector = v.strictObject({
  ...Inputs,
  message1: Text,
  message2: Text,
  message3: Text,
  end: v.variant("outcome", [
    v.strictObject({
      outcome: v.literal("established"),
      message4: Text,
      handshake_hash: Text,
      root: Text,
      suite: v.number(),
      sas_indices: v.array(v.number()),
      sas_words: v.array(Text),
      sas_digits: Text,
    }),
    v.strictObject({ outcome: v.literal("passcode-wrong"), tries_left: v.number(), refusal: Text }),
  ]),
});
export type HandshakeVector = v.InferOutput<typeof HandshakeVector>;

export const TRIES_LEFT = 2;

export function handshakeVector(input: HandshakeInput): HandshakeVector {
  const invite = parseInvite(base, input.fragment);
  const session = sessionId(unhex(input.session));
  const patientRandom = listedRandom(input.patient_random);
  const therapistRandom = listedRandom(input.therapist_random);
  const one = startPatient(sumo, patientRandom.random, {
    invite,
    session,
    passcode: input.patient_passcode ?? undefined,
  });
  const two = startTherapist(
    sumo,
    therapistRandom.random,
    {
      invite,
      privateKey: unhex(input.therapist_private_key),
      session,
      passcode: input.therapist_passcode ?? undefined,
    },
    one.message,
  );
  const three = patientReceive(sumo, one.state, two.message);
  if (three.message === null) throw new Error("no message 3");
  if (patientRandom.left() + therapistRandom.left() !== 0) throw new Error("randomness is left over");
  const sent = { message1: hex(one.message), message2: hex(two.message), message3: hex(three.message) };
  if (input.patient_passcode !== input.therapist_passcode) {
    const refused = refusePasscode(sumo, two.state, three.message, TRIES_LEFT);
    const end = { outcome: "passcode-wrong", tries_left: TRIES_LEFT, refusal: hex(refused.message) } as const;
    return { ...input, ...sent, end };
  }
  const four = therapistReceive(sumo, two.state, three.message);
  const five = patientReceive(sumo, three.state, four.message);
  if (four.established === null || five.established === null) throw new Error("not established");
  const patient = outcome(four.message, five.established);
  if (JSON.stringify(patient) !== JSON.stringify(outcome(four.message, four.established))) {
    throw new Error("the two sides differ");
  }
  return { ...input, ...sent, end: patient };
}

function outcome(message4: Bytes, { handshakeHash, root, suite, sas }: Established): HandshakeVector["end"] {
  return {
    outcome: "established",
    message4: hex(message4),
    handshake_hash: hex(handshakeHash),
    root: hex(root),
    suite,
    sas_indices: [...sas.indices],
    sas_words: sas.emoji.map(({ word }) => word),
    sas_digits: sas.digits,
  };
}
