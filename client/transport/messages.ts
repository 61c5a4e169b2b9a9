/**
 * The inner messages: what the two browsers say to each other inside sealed envelopes, as UTF-8 JSON of at most
 * MAX_MESSAGE_BYTES. Parsed strictly before anything acts on them; unknown types and fields are refused. Rekeying
 * messages are the transport's own (epochs.ts) and never leave it.
 */
import * as v from "valibot";
import { Bytes32Text } from "../../relay/wire/requests.ts";
import { isPersonName } from "./person-name.ts";

export const MAX_MESSAGE_BYTES = 49_152;

const MAX_SDP = 32_768;
const MAX_CANDIDATE = 1_024;

/** What a person may be called: see person-name.ts. */
export const PersonName = v.pipe(v.string(), v.check(isPersonName));

/** See PeerSignal in media/types.ts, which is the type of what this lets through. */
export const Signal = v.variant("type", [
  v.strictObject({ type: v.literal("offer"), sdp: v.pipe(v.string(), v.maxLength(MAX_SDP)) }),
  v.strictObject({ type: v.literal("answer"), sdp: v.pipe(v.string(), v.maxLength(MAX_SDP)) }),
  v.strictObject({
    type: v.literal("candidate"),
    candidate: v.strictObject({
      candidate: v.pipe(v.string(), v.maxLength(MAX_CANDIDATE)),
      sdpMid: v.nullable(v.pipe(v.string(), v.maxLength(64))),
      sdpMLineIndex: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(16))),
      usernameFragment: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(256)))),
    }),
  }),
  v.strictObject({ type: v.literal("renegotiate"), restart: v.boolean() }),
]);

/**
 * Counts the RTCPeerConnections of a session, so that signals of an older one are dropped. A session lasts 12 hours and
 * cannot have so many; the host's next number stays in bounds, whatever number a guest says that it knows.
 */
const CallNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2_000_000));
const KnownCall = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000));

const Devices = { microphone: v.boolean(), camera: v.boolean() };

/** "They match" has been pressed here in this session. Said again, since a page may have gone before it kept it. */
const Matched = v.boolean();

const LogText = v.nullable(v.pipe(v.string(), v.maxLength(1_024)));

const Common = [
  v.strictObject({ t: v.literal("signal"), call: CallNumber, signal: Signal }),
  /** What is switched on right now. */
  v.strictObject({ t: v.literal("devices"), ...Devices }),
  /** "They match" was pressed here. */
  v.strictObject({ t: v.literal("verified") }),
  /** "They don't match" was pressed here: a hard stop on both sides. */
  v.strictObject({ t: v.literal("mismatch") }),
  /**
   * What this page was shown of the audit log: a signed checkpoint, to be held against what the other one was shown. Said
   * once both are known to each other, and again for newer ones. The keys are for the guest: those that the host's vault
   * knows count, and not what the relay says. What a guest says of keys is not looked at.
   */
  v.strictObject({
    t: v.literal("log"),
    checkpoint: LogText,
    key: LogText,
    audit: v.nullable(Bytes32Text),
  }),
] as const;

export const GuestMessage = v.variant("t", [
  ...Common,
  /**
   * First message of every session and after every reload; `call` is the last one this page knows, 0 for none. `again`:
   * said to a page that may be new, by one that has been here all along. Since it has missed nothing, whatever it does
   * not know yet is still on its way to it.
   */
  v.strictObject({
    t: v.literal("profile"),
    name: PersonName,
    ...Devices,
    call: KnownCall,
    matched: Matched,
    again: v.exactOptional(v.literal(true)),
  }),
  v.strictObject({ t: v.literal("leave") }),
]);
export type GuestMessage = v.InferOutput<typeof GuestMessage>;

export const HostMessage = v.variant("t", [
  ...Common,
  /** Where the guest stands; sent after every profile, so that a reload on either side finds its place again. */
  v.strictObject({ t: v.literal("waiting"), therapist: PersonName }),
  /**
   * Somebody else knocked with this link too, which is for one person. Never said of a personal room: it would tell one
   * patient of another.
   */
  v.strictObject({ t: v.literal("link-shared") }),
  /** Admitted: a peer connection numbered `call` starts now, replacing any older one. */
  v.strictObject({
    t: v.literal("admit"),
    call: CallNumber,
    relayOnly: v.boolean(),
    therapist: PersonName,
    matched: Matched,
    ...Devices,
  }),
  v.strictObject({ t: v.literal("end"), reason: v.picklist(["ended", "declined", "mismatch", "failed"]) }),
]);
export type HostMessage = v.InferOutput<typeof HostMessage>;
