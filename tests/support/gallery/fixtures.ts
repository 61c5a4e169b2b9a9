/** Every screen with made-up state, by name. The tests walk all of them. */

import type {
  CallState,
  DeviceKindState,
  DevicesState,
  EndReason,
  InviteCard,
  JoinProblem,
  PatientScreen,
  PatientState,
  StaffScreen,
  StaffState,
  WaitingGuest,
} from "../../../client/state/model.ts";
import { INITIAL_ADMIN } from "../../../client/state/staff-admin.ts";
import type { Sas } from "../../../crypto/sas.ts";
import { DEFAULT_POLICY } from "../../../relay/wire/policy.ts";
import type { Streams } from "./streams.ts";

/** Tuesday 24 November 2026, 14:20 UTC. */
export const NOW = Date.UTC(2026, 10, 24, 14, 20);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export type Fixture =
  | { readonly side: "staff"; readonly state: StaffState }
  | { readonly side: "patient"; readonly state: PatientState };

const WORDS: Sas = {
  indices: [0, 31, 41, 7, 52, 63, 23],
  emoji: [
    { symbol: "🐘", word: "elephant" },
    { symbol: "🔔", word: "bell" },
    { symbol: "🧭", word: "compass" },
    { symbol: "🦔", word: "hedgehog" },
    { symbol: "🌵", word: "cactus" },
    { symbol: "🔭", word: "telescope" },
    { symbol: "⛄", word: "snowman" },
  ],
  digits: "0036209118427",
};

export function fixtures(streams: Streams): Readonly<Record<string, Fixture>> {
  return {
    ...patientFixtures(streams),
    ...staffFixtures(streams),
    ...callFixtures(streams),
  };
}

// ---- devices ---------------------------------------------------------------------------------------------------

const microphone: DeviceKindState = {
  state: "on",
  failure: null,
  chosen: "m1",
  choices: [
    { id: "m1", label: "Built-in microphone" },
    { id: "m2", label: "USB headset (Jabra Evolve2 40 stereo)" },
  ],
};
const camera: DeviceKindState = {
  state: "on",
  failure: null,
  chosen: "c1",
  choices: [
    { id: "c1", label: "Front camera" },
    { id: "c2", label: "Back camera" },
  ],
};
const NOTHING: DeviceKindState = { state: "none", failure: null, chosen: null, choices: [] };

function devices(stream: MediaStream, part: Partial<DevicesState> = {}): DevicesState {
  return {
    microphone,
    camera,
    speakers: [
      { id: "default", label: "Default speaker" },
      { id: "s2", label: "USB headset" },
    ],
    speaker: "default",
    stream,
    ...part,
  };
}

const UNTOUCHED: DevicesState = {
  microphone: NOTHING,
  camera: NOTHING,
  speakers: [],
  speaker: null,
  stream: null,
};

// ---- the patient's page ----------------------------------------------------------------------------------------

function patientFixtures(streams: Streams): Record<string, Fixture> {
  const ready = devices(streams.patientSelf);
  const base: PatientState = {
    screen: { name: "loading" },
    relay: "online",
    hostHere: true,
    established: true,
    shared: false,
    therapist: "Dr. Ada Okafor",
    passcodeNeeded: false,
    name: "",
    devices: ready,
    call: null,
    waitingSince: NOW - 4 * MINUTE,
  };
  const show = (screen: PatientScreen, part: Partial<PatientState> = {}): Fixture => ({
    side: "patient",
    state: { ...base, screen, ...part },
  });
  const problem = (given: JoinProblem): Fixture => show({ name: "problem", problem: given });
  const ended = (reason: EndReason, forgotten = false): Fixture =>
    show({
      name: "ended",
      ended: { reason, remoteName: "Dr. Ada Okafor", duration: 48 * MINUTE },
      forgotten,
    });
  const denied = devices(streams.patientSelf, {
    microphone: { ...NOTHING, failure: "MIC-DENIED" },
    camera: { ...NOTHING, failure: "CAM-DENIED" },
    stream: null,
  });
  return {
    "patient-loading": show({ name: "loading" }),
    "patient-unsupported": show({ name: "unsupported", missing: ["frame-encryption"] }),
    "patient-unsupported-insecure": show({ name: "unsupported", missing: ["secure-context", "web-crypto"] }),
    "patient-problem-missing": problem({ code: "LINK-MISSING" }),
    "patient-problem-malformed": problem({ code: "LINK-MALFORMED" }),
    "patient-problem-not-yet": problem({ code: "INVITE-NOT-YET", opens: NOW + 26 * HOUR }),
    "patient-problem-expired": problem({ code: "INVITE-EXPIRED" }),
    "patient-problem-burnt": problem({ code: "INVITE-BURNT" }),
    "patient-problem-elsewhere": problem({ code: "INVITE-ELSEWHERE" }),
    "patient-problem-handshake": problem({ code: "HANDSHAKE-FAILED" }),
    "patient-problem-version": problem({ code: "VERSION-UNKNOWN" }),
    "patient-problem-open-elsewhere": problem({ code: "OPEN-ELSEWHERE" }),
    "patient-problem-offline": problem({ code: "OFFLINE" }),
    "patient-welcome": show({ name: "welcome" }),
    "patient-devices": show({ name: "devices" }),
    "patient-devices-asking": show(
      { name: "devices" },
      {
        devices: {
          ...UNTOUCHED,
          microphone: { ...NOTHING, state: "asking" },
          camera: { ...NOTHING, state: "asking" },
        },
      },
    ),
    "patient-devices-untouched": show({ name: "devices" }, { devices: UNTOUCHED }),
    "patient-devices-busy": show(
      { name: "devices" },
      { devices: devices(streams.patientSelf, { camera: { ...NOTHING, failure: "CAM-BUSY" } }) },
    ),
    "patient-devices-denied": show({ name: "devices" }, { devices: denied }),
    "patient-introduce": show({ name: "introduce", tries: null }, { name: "Maria Lindqvist" }),
    "patient-introduce-passcode": show({ name: "introduce", tries: null }, { passcodeNeeded: true }),
    "patient-introduce-wrong": show(
      { name: "introduce", tries: 2 },
      { passcodeNeeded: true, name: "Maria Lindqvist" },
    ),
    "patient-waiting": show({ name: "waiting" }),
    "patient-waiting-alone": show({ name: "waiting" }, { hostHere: false, established: false }),
    "patient-waiting-shared": show({ name: "waiting" }, { shared: true }),
    "patient-waiting-lost": show(
      { name: "waiting" },
      { relay: "offline", devices: devices(streams.patientSelf, { camera: NOTHING }) },
    ),
    "patient-ended": ended("ended-there"),
    "patient-ended-left": show({
      name: "ended",
      ended: { reason: "left", remoteName: "", duration: null },
      forgotten: false,
    }),
    "patient-ended-mismatch": ended("mismatch-here"),
    "patient-ended-taken": show({
      name: "ended",
      ended: { reason: "taken", remoteName: "", duration: null },
      forgotten: false,
    }),
    "patient-ended-flood": ended("PEER-FLOOD"),
    "patient-ended-path": ended("MEDIA-PATH"),
    "patient-ended-version": ended("VERSION-UNKNOWN"),
    "patient-ended-forgotten": ended("ended-there", true),
  };
}

// ---- the therapist's pages -------------------------------------------------------------------------------------

const MARIA: WaitingGuest = {
  session: "AAAAAAAAAAAAAAAAAAAAAA",
  name: "Maria Lindqvist",
  label: "Maria, Tuesday",
  since: NOW - 4 * MINUTE,
  here: true,
  microphone: true,
  camera: true,
  passcode: true,
  use: "single",
  sameLink: 0,
  first: true,
  admitting: false,
};
const PETER: WaitingGuest = {
  session: "BBBBBBBBBBBBBBBBBBBBBA",
  name: "Peter",
  label: "Personal room",
  since: NOW - 11 * MINUTE,
  here: false,
  microphone: true,
  camera: false,
  passcode: false,
  use: "reusable",
  sameLink: 1,
  first: false,
  admitting: false,
};
/** As wide, as tall and as far from left to right as a name may be. */
const ODD_NAMES = [
  "W".repeat(64),
  "Z\u0351\u036b\u0343a\u0351\u036b\u0343l",
  "שלום (3) עולם",
  "<b>Maria</b> & 🦔🦔",
];
const LINK = `https://room.example.org/j#AQB${"q5XvZ0aRk3mTnYdL9hWcJ7sEoPu2B8iGf1VxKz4t".repeat(3)}`;

function invite(part: Partial<InviteCard>): InviteCard {
  return {
    room: "CCCCCCCCCCCCCCCCCCCCCA",
    label: "Maria, Tuesday",
    link: LINK,
    passcode: "482913",
    relayOnly: true,
    use: "single",
    created: NOW - HOUR,
    notBefore: NOW - HOUR - 10 * MINUTE,
    expires: NOW + 2 * HOUR,
    strikes: 0,
    state: "active",
    here: true,
    ...part,
  };
}

const INVITES: readonly InviteCard[] = [
  invite({}),
  invite({
    room: "DDDDDDDDDDDDDDDDDDDDDA",
    label: "First talk with J.",
    state: "not-yet",
    notBefore: NOW + 26 * HOUR,
    expires: NOW + 28 * HOUR,
    passcode: null,
    relayOnly: false,
  }),
  invite({
    room: "EEEEEEEEEEEEEEEEEEEEEA",
    label: "Personal room",
    use: "reusable",
    expires: NOW + 80 * 24 * HOUR,
    passcode: null,
    strikes: 1,
  }),
  invite({ room: "FFFFFFFFFFFFFFFFFFFFFA", label: "Made on my other computer", here: false, link: "" }),
  invite({ room: "GGGGGGGGGGGGGGGGGGGGGA", label: "Last week", state: "used" }),
  invite({ room: "HHHHHHHHHHHHHHHHHHHHHA", label: "Wrong number", state: "burnt", strikes: 3 }),
];

function staffBase(streams: Streams): StaffState {
  return {
    screen: { name: "loading" },
    account: {
      id: "AAAAAAAAAAAAAAAAAAAAAA",
      name: "Ada Okafor",
      roles: ["admin", "practitioner"],
      passkeys: null,
      logins: null,
      passphrase: false,
      busy: null,
      problem: null,
    },
    admin: INITIAL_ADMIN,
    relay: "online",
    name: "Dr. Ada Okafor",
    turn: true,
    guests: [],
    invites: INVITES,
    devices: devices(streams.staffSelf),
    call: null,
    problem: null,
    strike: null,
    elsewhere: { knocked: false, call: false },
    policy: DEFAULT_POLICY,
  };
}

function staffFixtures(streams: Streams): Record<string, Fixture> {
  const base = staffBase(streams);
  const show = (screen: StaffScreen, part: Partial<StaffState> = {}): Fixture => ({
    side: "staff",
    state: { ...base, screen, ...part },
  });
  const desk = (part: Partial<StaffState>): Fixture => show({ name: "desk" }, part);
  const open = (room: string): Fixture => show({ name: "invite", room });
  const form: StaffScreen = { name: "new-invite", busy: false, problem: null };
  return {
    "staff-loading": show({ name: "loading" }),
    "staff-unsupported": show({ name: "unsupported", missing: ["frame-encryption", "storage"] }),
    "staff-sign-in": show({ name: "sign-in", busy: false, problem: null, why: null }),
    "staff-sign-in-refused": show({ name: "sign-in", busy: false, problem: "SIGN-IN-REFUSED", why: null }),
    "staff-introduce": show({ name: "introduce", busy: false }, { name: "" }),
    "staff-desk": desk({ guests: [MARIA, PETER] }),
    "staff-desk-admitting": desk({ guests: [{ ...MARIA, admitting: true }] }),
    "staff-desk-quiet": desk({}),
    "staff-desk-empty": desk({ invites: [], turn: false }),
    "staff-desk-loading": desk({ invites: null, relay: "connecting" }),
    "staff-desk-offline": desk({ relay: "offline", guests: [{ ...MARIA, name: null }] }),
    "staff-desk-notices": desk({
      problem: "SESSION-UNKNOWN",
      strike: { label: "Maria, Tuesday", strikes: 1, burnt: false },
      turn: false,
    }),
    "staff-desk-shared": desk({
      guests: [
        { ...MARIA, passcode: false, sameLink: 1 },
        { ...MARIA, session: PETER.session, since: NOW - MINUTE, passcode: false, sameLink: 1, first: false },
      ],
    }),
    "staff-desk-elsewhere": desk({ elsewhere: { knocked: true, call: true } }),
    "staff-desk-removed": desk({ problem: "GUEST-REMOVED" }),
    "staff-desk-odd-names": desk({
      guests: ODD_NAMES.map((name, index) => ({ ...MARIA, session: `${index}`, name })),
    }),
    "staff-desk-burnt": desk({ strike: { label: "Wrong number", strikes: 3, burnt: true } }),
    "staff-new-invite": show(form),
    "staff-new-invite-direct": show({ ...form, problem: "INVITE-LIMIT" }, { turn: false, guests: [MARIA] }),
    "staff-invite": open("CCCCCCCCCCCCCCCCCCCCCA"),
    "staff-invite-later": open("DDDDDDDDDDDDDDDDDDDDDA"),
    "staff-invite-elsewhere": open("FFFFFFFFFFFFFFFFFFFFFA"),
    "staff-invite-burnt": open("HHHHHHHHHHHHHHHHHHHHHA"),
    "staff-invite-gone": open("IIIIIIIIIIIIIIIIIIIIIA"),
    "staff-devices": show({ name: "devices" }),
    "staff-ended": show(
      {
        name: "ended",
        ended: { reason: "ended-here", remoteName: "Maria Lindqvist", duration: 48 * MINUTE },
      },
      { guests: [PETER] },
    ),
    "staff-ended-mismatch": show({
      name: "ended",
      ended: { reason: "mismatch-there", remoteName: "Maria Lindqvist", duration: 2 * MINUTE },
    }),
    "staff-ended-flood": show({
      name: "ended",
      ended: { reason: "PEER-FLOOD", remoteName: "Maria Lindqvist", duration: 2 * MINUTE },
    }),
    "staff-ended-version": show({
      name: "ended",
      ended: { reason: "VERSION-UNKNOWN", remoteName: "Maria Lindqvist", duration: null },
    }),
    "staff-stopped": show({ name: "stopped", reason: "REPLACED" }),
    "staff-stopped-version": show({ name: "stopped", reason: "VERSION-UNKNOWN" }),
  };
}

// ---- the session -----------------------------------------------------------------------------------------------

function callFixtures(streams: Streams): Record<string, Fixture> {
  const call: CallState = {
    session: MARIA.session,
    number: 1,
    phase: "live",
    remoteName: "Maria Lindqvist",
    remoteStream: streams.patient,
    remoteMicrophone: true,
    remoteCamera: true,
    selfViewHidden: false,
    startedAt: NOW - 24 * MINUTE,
    words: WORDS,
    matchedHere: false,
    matchedThere: false,
    security: {
      path: { kind: "relayed", server: "turn.example.org", protocol: "tls" },
      videoCodec: "VP9",
      suite: 1,
      epoch: 2,
      keysSince: NOW - 4 * MINUTE,
      dtls: "DTLS 1.3, certificate checked",
    },
    lostSince: null,
    broken: false,
    framesRefused: false,
    signalsRefused: false,
  };
  const staff = (part: Partial<CallState> = {}, more: Partial<StaffState> = {}): Fixture => ({
    side: "staff",
    state: { ...staffBase(streams), screen: { name: "call" }, call: { ...call, ...part }, ...more },
  });
  const patient = (part: Partial<CallState> = {}, more: Partial<PatientState> = {}): Fixture => ({
    side: "patient",
    state: {
      screen: { name: "call" },
      relay: "online",
      hostHere: true,
      established: true,
      shared: false,
      therapist: "Dr. Ada Okafor",
      passcodeNeeded: false,
      name: "Maria Lindqvist",
      devices: devices(streams.patientSelf),
      call: { ...call, remoteName: "Dr. Ada Okafor", remoteStream: streams.therapist, ...part },
      waitingSince: null,
      ...more,
    },
  });
  const quiet = devices(streams.patientSelf, {
    microphone: { ...microphone, state: "off" },
    camera: { ...NOTHING, failure: "CAM-BUSY" },
  });
  return {
    "call-patient": patient(),
    "call-patient-verified": patient({
      matchedHere: true,
      matchedThere: true,
      security: { ...call.security, path: { kind: "direct" } },
    }),
    "call-patient-connecting": patient({ phase: "connecting", remoteStream: null, startedAt: null }),
    "call-patient-away": patient({ phase: "away" }),
    "call-patient-quiet": patient({ remoteMicrophone: false, remoteCamera: false }, { devices: quiet }),
    "call-patient-hidden": patient({ selfViewHidden: true }),
    "call-patient-nudged": patient({ matchedThere: true }),
    "call-staff": staff(),
    "call-staff-verified": staff({ matchedHere: true, matchedThere: true }),
    "call-staff-waiting-for-match": staff({ matchedHere: true }),
    "call-staff-knock": staff({}, { guests: [MARIA, PETER] }),
    "call-staff-repairing": staff({ phase: "repairing", framesRefused: true }),
    "call-staff-elsewhere": staff({}, { relay: "elsewhere" }),
    "call-staff-meddled": staff({ framesRefused: true, signalsRefused: true }),
    "call-staff-odd-name": staff({ remoteName: ODD_NAMES[0] ?? "", signalsRefused: true }),
    "call-staff-relay-lost": staff({ selfViewHidden: true }, { relay: "offline" }),
  };
}
