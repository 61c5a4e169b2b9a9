/** Every layout that a later version must still read, made from fixed values. */
import sodium from "libsodium-wrappers";
import { encodeInviteRecord, type InviteRecord } from "../../../client/identity/invite-record.ts";
import { parseBody } from "../../../client/transport/body.ts";
import {
  applyEpochMessage,
  EpochMessage,
  sealEpochMessage,
  startEpoch,
} from "../../../client/transport/epochs.ts";
import {
  type Confirming,
  encodeConfirming,
  encodeEstablished,
  encodeJoined,
  type Facts,
  type Place,
} from "../../../client/transport/guest-record.ts";
import {
  encodeEnded,
  encodeOpen,
  encodeStruck,
  type HandshakeDone,
  type HostFacts,
  type Struck,
} from "../../../client/transport/host-record.ts";
import { rootKey, sessionId } from "../../../crypto/brands.ts";
import type { Bytes } from "../../../crypto/bytes.ts";
import { open, pending } from "../../../crypto/envelope.ts";
import { encodeEnvelopeState } from "../../../crypto/envelope-codec.ts";
import { createEnvelopeState, type EnvelopeState } from "../../../crypto/envelope-state.ts";
import { showSas } from "../../../crypto/sas.ts";

await sodium.ready;

export const filled = (length: number, value: number): Bytes => new Uint8Array(length).fill(value);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Counts up from call to call. */
function countingRandom(): (length: number) => Bytes {
  let next = 0;
  return (length) => {
    next += 1;
    return filled(length, next);
  };
}

const SESSION = sessionId(filled(16, 5));
export const KEY = "BQUFBQUFBQUFBQUFBQUFBQ";
export const PLACE: Place = { session: KEY, resume: `${"B".repeat(42)}E` };
export const FACTS: Facts = { sas: showSas(1_234_567_890_123n), suite: 1, note: "a note" };
export const stateOf = (role: "patient" | "therapist"): EnvelopeState =>
  createEnvelopeState(sodium, { role, session: SESSION, root: rootKey(filled(32, 6)) });

export const CONFIRMING: Confirming = {
  step: "awaiting-message-4",
  session: SESSION,
  message2: filled(40, 1),
  message3: filled(50, 2),
  keys: {
    root: rootKey(filled(32, 3)),
    message3: filled(32, 4),
    message4: filled(32, 5),
    refusal: filled(32, 6),
  },
  sas: { handshakeHash: filled(64, 7), patientNonce: filled(32, 8), therapistNonce: filled(32, 9) },
  suite: 1,
};
export const HOST_FACTS: HostFacts = {
  session: KEY,
  room: "BwcHBwcHBwcHBwcHBwcHBw",
  passcode: true,
  relayOnly: false,
  since: 1_700_000_000_000,
  established: 1_700_000_000_001,
  sas: FACTS.sas,
  suite: 1,
  admitted: true,
  ending: false,
  note: null,
};
export const DONE: HandshakeDone = {
  step: "done",
  session: SESSION,
  message3: filled(50, 2),
  message4: filled(60, 3),
};
export const STRUCK: Struck = { sessions: [{ session: KEY, reported: true }], lockedUntil: null };
export const LOCKED: Struck = { ...STRUCK, lockedUntil: 1_700_000_000_000 };
export const INVITE: InviteRecord = {
  label: "Ada, Tuesdays",
  use: "reusable",
  created: 1,
  expires: 2,
  relayOnly: true,
  registered: true,
  fragment: "AQIDBA",
  passcode: "482913",
};

export const CLOSED_INVITE: InviteRecord = {
  ...INVITE,
  paused: true,
  asked: true,
  fragment: null,
  passcode: null,
};

/** The four messages of one rekeying, as they are inside their envelopes. */
function rekeying(): EpochMessage[] {
  const sealing = { sodium, random: countingRandom() };
  let [host, guest] = [stateOf("therapist"), stateOf("patient")];
  const said: EpochMessage[] = [];
  const carry = (from: EnvelopeState, to: EnvelopeState): EnvelopeState => {
    const opened = open(sodium, to, pending(from).at(-1) ?? filled(0, 0));
    const message = opened.kind === "message" ? parseBody(EpochMessage, opened.body) : null;
    if (message === null) throw new Error("no epoch message");
    said.push(message);
    return applyEpochMessage(sealing, opened.state, message).state;
  };
  host = startEpoch(sealing, host);
  guest = carry(host, guest);
  host = carry(guest, host);
  guest = carry(host, guest);
  host = carry(guest, host);
  carry(sealEpochMessage(sealing, guest, { t: "epoch-please" }), host);
  return said;
}

export interface Frozen {
  readonly rekeying: readonly string[];
  readonly records: Readonly<Record<string, string>>;
}

export function makeFrozen(): Frozen {
  return {
    rekeying: rekeying().map((message) => JSON.stringify(message)),
    records: {
      guestJoined: hex(encodeJoined(PLACE)),
      guestConfirming: hex(encodeConfirming(PLACE, CONFIRMING)),
      guestEstablished: hex(encodeEstablished(PLACE, FACTS, encodeEnvelopeState(sodium, stateOf("patient")))),
      hostOpen: hex(encodeOpen(HOST_FACTS, DONE, encodeEnvelopeState(sodium, stateOf("therapist")))),
      hostEnded: hex(encodeEnded(KEY)),
      struck: hex(encodeStruck(STRUCK)),
      struckLocked: hex(encodeStruck(LOCKED)),
      invite: hex(encodeInviteRecord(INVITE)),
      inviteClosed: hex(encodeInviteRecord(CLOSED_INVITE)),
    },
  };
}
