/** Every code has words, the words have their three parts, and no view holds a sentence of its own. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { DeviceFailure } from "../../client/media/devices.ts";
import type { MediaPath } from "../../client/media/types.ts";
import type { AccountProblem, LockReason } from "../../client/state/account-model.ts";
import type {
  CallPhase,
  EndReason,
  JoinProblem,
  MissingFeature,
  StaffProblem,
} from "../../client/state/model.ts";
import type { RelayState } from "../../client/transport/types.ts";
import { freeName, loginFacts, passkeyFacts, roleWords } from "../../client/ui/words/account.ts";
import { accountProblem, lockWords } from "../../client/ui/words/account-problems.ts";
import {
  groupDigits,
  keyAge,
  knockWords,
  pathDetail,
  pathWords,
  phaseWords,
  suiteWords,
  type Verification,
  verification,
  verifiedWords,
} from "../../client/ui/words/call.ts";
import { deviceNotices, permissionSteps } from "../../client/ui/words/devices.ts";
import { codeGroups, strengthWords } from "../../client/ui/words/door.ts";
import { endedForPatient, endedForStaff } from "../../client/ui/words/ended.ts";
import { inviteChip, inviteNotice } from "../../client/ui/words/invite.ts";
import { joinWords } from "../../client/ui/words/join.ts";
import { MISSING, unsupportedNotice } from "../../client/ui/words/missing.ts";
import {
  type WaitingStatus,
  waitingStatus,
  waitingWords,
  wrongPasscode,
} from "../../client/ui/words/patient.ts";
import { relayWords, staffProblem, strikeWords } from "../../client/ui/words/staff.ts";
import type { Notice } from "../../client/ui/words.ts";
import { SUITES } from "../../crypto/handshake-payload.ts";
import type { Role } from "../../relay/wire/accounts.ts";
import type { StaffCode } from "../../relay/wire/errors.ts";
import type { InviteState } from "../../relay/wire/requests.ts";
import { NOW } from "./fixtures.ts";

/** A record instead of a list: the compiler asks for every member of the union. */
type All<T extends string> = Record<T, true>;
const keysOf = <T extends string>(all: All<T>) => Object.keys(all) as T[];

const JOIN = keysOf<Exclude<JoinProblem["code"], StaffCode>>({
  "LINK-MISSING": true,
  "LINK-MALFORMED": true,
  "VERSION-UNKNOWN": true,
  "OPEN-ELSEWHERE": true,
  OFFLINE: true,
  UNEXPECTED: true,
  "INVITE-ELSEWHERE": true,
  "NO-ANSWER": true,
  "HANDSHAKE-FAILED": true,
  "REQUEST-INVALID": true,
  "ORIGIN-REFUSED": true,
  "NOT-FOUND": true,
  "REQUEST-TOO-LARGE": true,
  "RATE-LIMITED": true,
  INTERNAL: true,
  "SIGN-IN-REQUIRED": true,
  "SIGN-IN-REFUSED": true,
  "INVITE-UNKNOWN": true,
  "INVITE-NOT-YET": true,
  "INVITE-EXPIRED": true,
  "INVITE-REVOKED": true,
  "INVITE-USED": true,
  "INVITE-BURNT": true,
  "INVITE-PAUSED": true,
  "INVITE-LOCKED": true,
  "INVITE-EXISTS": true,
  "INVITE-LIMIT": true,
  "SESSION-UNKNOWN": true,
  "SESSION-ENDED": true,
  "SESSION-NOT-ADMITTED": true,
  "LOG-UNAVAILABLE": true,
});
const ENDS = keysOf<EndReason>({
  "ended-here": true,
  "ended-there": true,
  left: true,
  declined: true,
  "mismatch-here": true,
  "mismatch-there": true,
  failed: true,
  FAILED: true,
  REPLACED: true,
  "SIGN-IN-REQUIRED": true,
  ENDED: true,
  "VERSION-UNKNOWN": true,
  "MEDIA-TRANSFORM": true,
  "MEDIA-WORKER": true,
  "MEDIA-KEY": true,
  "MEDIA-CERTIFICATE": true,
  "MEDIA-CODEC": true,
  "MEDIA-PATH": true,
  "MEDIA-SIGNAL": true,
  "MEDIA-FLOOD": true,
  "PEER-FLOOD": true,
  "PEER-VIOLATION": true,
  taken: true,
});
const STAFF = keysOf<StaffProblem>({
  "GUEST-REMOVED": true,
  "RATE-LIMITED": true,
  "LOG-UNAVAILABLE": true,
  OFFLINE: true,
  UNEXPECTED: true,
  "INVITE-LIMIT": true,
  "INVITE-TOO-LONG": true,
  "SESSION-UNKNOWN": true,
  "SESSION-ENDED": true,
  "STORAGE-FAILED": true,
});
const ACCOUNT = keysOf<AccountProblem>({
  "SIGN-IN-REFUSED": true,
  "ENROLMENT-UNKNOWN": true,
  "RATE-LIMITED": true,
  "LOG-UNAVAILABLE": true,
  OFFLINE: true,
  UNEXPECTED: true,
  "NOT-ALLOWED": true,
  "LAST-PASSKEY": true,
  "LAST-ADMIN": true,
  "PASSKEY-LIMIT": true,
  "PERSON-UNKNOWN": true,
  "PASSKEY-CANCELLED": true,
  "PASSKEY-EXISTS": true,
  "PASSKEY-UNSUPPORTED": true,
  "PASSPHRASE-WRONG": true,
  "RECOVERY-WRONG": true,
  "RECOVERY-MISTYPED": true,
  "VAULT-DAMAGED": true,
  "VAULT-NEWER": true,
  "VAULT-REPLACED": true,
  "VAULT-CONFLICT": true,
  "VAULT-FULL": true,
  "STORAGE-FAILED": true,
});
const LOCKS = keysOf<LockReason>({
  idle: true,
  "too-long": true,
  "ended-elsewhere": true,
  "signed-out": true,
});
const ROLES = keysOf<Role>({ admin: true, practitioner: true, auditor: true });
const FAILURES = keysOf<DeviceFailure>({
  "CAM-DENIED": true,
  "CAM-BUSY": true,
  "CAM-NONE": true,
  "MIC-DENIED": true,
  "MIC-BUSY": true,
  "MIC-NONE": true,
});
const FEATURES = keysOf<MissingFeature>({
  "secure-context": true,
  "frame-encryption": true,
  "web-crypto": true,
  "web-assembly": true,
  "camera-access": true,
  storage: true,
});
const INVITE_STATES = keysOf<InviteState>({
  active: true,
  "not-yet": true,
  expired: true,
  revoked: true,
  used: true,
  burnt: true,
  paused: true,
  locked: true,
});
const WAITING = keysOf<WaitingStatus>({
  lost: true,
  connecting: true,
  alone: true,
  securing: true,
  seen: true,
});

const CONTEXT = {
  therapist: "Dr. Okafor",
  opens: NOW + 3_600_000,
  now: NOW,
  time: { locale: "en-GB", timeZone: "Europe/Berlin" },
} as const;

const patientNotices = [
  ...JOIN.map((code) => joinWords(code, CONTEXT)),
  ...JOIN.map((code) => joinWords(code, { ...CONTEXT, therapist: "", opens: undefined })),
  ...ENDS.map((reason) => endedForPatient(reason, "Dr. Okafor")),
  ...ENDS.map((reason) => endedForPatient(reason, "")),
  ...FEATURES.map((feature) => unsupportedNotice([feature])),
  ...FAILURES.flatMap((failure) => deviceNotices(null, failure)),
  ...FAILURES.flatMap((failure) => deviceNotices(failure, "CAM-DENIED")),
];
const staffNotices = [
  ...STAFF.map(staffProblem),
  ...ACCOUNT.map(accountProblem),
  ...LOCKS.map(lockWords),
  ...ENDS.map((reason) => endedForStaff(reason, "Maria")),
  ...[null, NOW + 60_000]
    .flatMap((lockedUntil) =>
      INVITE_STATES.map((state) => inviteNotice({ state, lockedUntil }, NOW, CONTEXT.time)),
    )
    .filter((notice) => notice !== null),
  strikeWords({ label: "Maria", strikes: 1, burnt: false, lockedUntil: null }, CONTEXT.time),
  strikeWords({ label: "Maria", strikes: 3, burnt: true, lockedUntil: null }, CONTEXT.time),
  strikeWords({ label: "Maria", strikes: 3, burnt: false, lockedUntil: NOW }, CONTEXT.time),
];

test("every message says what happened, what it means and what to do, in whole sentences, with its code", () => {
  for (const notice of [...patientNotices, ...staffNotices]) assertThreeParts(notice);
});

function assertThreeParts(notice: Notice): void {
  assert.match(notice.happened, /^\p{Lu}.{8,}$/u, notice.code);
  for (const part of [notice.means, notice.todo])
    assert.match(part, /^\p{Lu}.{12,}[.!?]$/u, `${notice.code}: ${part}`);
  assert.match(notice.code, /^[A-Z][A-Z-]+(, [A-Z-]+)*$/);
  assert.doesNotMatch(JSON.stringify(notice), /undefined|NaN|\[object/);
}

test("each code keeps its own name, so that support can find it", () => {
  for (const code of JOIN) assert.equal(joinWords(code, CONTEXT).code, code);
  for (const code of STAFF) assert.equal(staffProblem(code).code, code);
  for (const code of ACCOUNT) assert.equal(accountProblem(code).code, code);
  const locks = LOCKS.map((why) => lockWords(why).code);
  assert.equal(new Set([...locks, ...ACCOUNT]).size, LOCKS.length + ACCOUNT.length);
  const ends = ENDS.map((reason) => endedForPatient(reason, "A").code);
  assert.equal(new Set(ends).size, ENDS.length);
  assert.deepEqual(
    ends.filter((code) => code.startsWith("MEDIA-")),
    ENDS.filter((reason) => reason.startsWith("MEDIA-")),
  );
});

test("what patients read has no word of the trade", () => {
  const jargon =
    /\b(peer|[iI]ce|ICE|token|handshake|SDP|TURN|STUN|relay only|epoch|codec|DTLS|WebRTC|cipher|socket|browser context|session id)\b/;
  for (const { happened, means, todo } of patientNotices)
    assert.doesNotMatch(`${happened} ${means} ${todo}`, jargon);
  const files = ["patient.ts", "join.ts", "devices.ts", "opening.ts"].map((file) =>
    readFileSync(join(import.meta.dirname, "../../client/ui/words", file), "utf8"),
  );
  for (const text of files.flatMap(stringsOf)) assert.doesNotMatch(text, jargon);
});

/** The sentences in a source: string literals with a space in them. */
function stringsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  return [...code.matchAll(/"([^"\n]* [^"\n]*)"|`([^`]* [^`]*)`/g)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
}

test("no view holds a sentence of its own", () => {
  const root = join(import.meta.dirname, "../../client/ui");
  const files = globSync("**/*.tsx", { cwd: root });
  assert.ok(files.length > 20);
  for (const file of files) {
    const source = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    assert.doesNotMatch(source, />[^<>{}=;()]*\p{L}{2,}[^<>{}=;()]*<\//u, `${file}: text between tags`);
    assert.doesNotMatch(
      source,
      /\b(aria-label|title|alt|placeholder|label|hint|lead)="[^"]/,
      `${file}: text in an attribute`,
    );
  }
});

test("early guests read when the room opens, in their own time zone", () => {
  const at = Date.UTC(2026, 10, 24, 13, 45);
  const words = (timeZone: string, now: number) =>
    joinWords("INVITE-NOT-YET", { ...CONTEXT, opens: at, now, time: { locale: "en-GB", timeZone } }).means;
  assert.match(
    words("Europe/Berlin", at - 3_600_000),
    /opens today at 14:45 \(Central European Standard Time\)/,
  );
  assert.match(
    words("America/New_York", at - 86_400_000),
    /opens tomorrow at 8:45 \(Eastern Standard Time\)/,
  );
  assert.match(words("Europe/London", at - 5 * 86_400_000), /opens on Tuesday,? 24 November at 13:45/);
});

test("both devices with one cause make one message, different causes two", () => {
  assert.deepEqual(
    deviceNotices("MIC-DENIED", "CAM-DENIED").map(({ code, permission }) => [code, permission]),
    [["MIC-DENIED, CAM-DENIED", true]],
  );
  assert.deepEqual(
    deviceNotices("MIC-NONE", "CAM-BUSY").map(({ code, permission }) => [code, permission]),
    [
      ["MIC-NONE", false],
      ["CAM-BUSY", false],
    ],
  );
  assert.deepEqual(deviceNotices(null, null), []);
});

test("help with permissions ends where the person came from, in every browser", () => {
  for (const family of [
    "chrome",
    "chrome-android",
    "edge",
    "firefox",
    "firefox-android",
    "safari",
    "ios",
    "other",
  ] as const)
    assert.match(permissionSteps(family).at(-1) ?? "", /Try again/);
});

test("a browser that lacks several things is told of all of them", () => {
  const { code } = unsupportedNotice(["frame-encryption", "storage"]);
  assert.equal(code, "NO-FRAME-ENCRYPTION, NO-STORAGE");
  assert.equal(new Set(FEATURES.map((feature) => MISSING[feature])).size, FEATURES.length);
});

test("waiting is described from the page's own connection outwards", () => {
  const states: readonly (readonly [RelayState, hostHere: boolean, established: boolean, WaitingStatus])[] = [
    ["offline", true, true, "lost"],
    ["connecting", true, true, "connecting"],
    ["online", false, true, "alone"],
    ["online", true, false, "securing"],
    ["online", true, true, "seen"],
  ];
  for (const [relay, hostHere, established, expected] of states)
    assert.equal(waitingStatus({ relay, hostHere, established }), expected);
  const titles = WAITING.map((status) => waitingWords(status, "Dr. Okafor").title);
  assert.equal(new Set(titles).size, titles.length);
});

test("a wrong passcode says how many tries are left", () => {
  assert.match(wrongPasscode(2), /2 tries left/);
  assert.match(wrongPasscode(1), /1 try left/);
});

test("the therapist is told that nobody new can enter while the server is away", () => {
  assert.equal(relayWords("online").banner, null);
  for (const state of ["connecting", "offline"] as const)
    assert.match(relayWords(state).banner ?? "", /new people cannot enter/);
});

test("an open invite of another device does not look open", () => {
  const chip = (state: InviteState, here: boolean) =>
    inviteChip({ state, here, lockedUntil: null }, CONTEXT.time).chip;
  assert.equal(chip("active", true), "Open");
  assert.equal(chip("active", false), "On another device");
  assert.equal(chip("used", false), "Used");
});

test("a locked room says until when, to her and to those in front of it", () => {
  const until = Date.UTC(2026, 10, 24, 13, 45);
  const { time } = CONTEXT;
  const locked = { state: "locked", here: true, lockedUntil: until } as const;
  assert.equal(inviteChip(locked, time).chip, "Locked until 14:45");
  assert.equal(inviteChip({ ...locked, lockedUntil: null }, time).chip, "Locked: wrong passcodes");
  assert.match(inviteNotice(locked, until - 11 * 60_000, time)?.happened ?? "", /until 14:45 \(11 minutes\)/);
  const strike = { label: "Zoë’s room", strikes: 3, burnt: false, lockedUntil: until };
  assert.match(strikeWords(strike, time).happened, /Zoë’s room.*until 14:45/);
  const told = joinWords("INVITE-LOCKED", { ...CONTEXT, opens: until, now: until - 60_000 });
  assert.match(told.todo, /today at 14:45/);
  assert.match(joinWords("INVITE-LOCKED", { ...CONTEXT, opens: undefined }).todo, /15 minutes/);
});

// ---- an account ------------------------------------------------------------------------------------------------

test("a mistyped recovery code is told from a wrong one", () => {
  assert.match(accountProblem("RECOVERY-MISTYPED").happened, /typing mistake/);
  assert.doesNotMatch(accountProblem("RECOVERY-WRONG").happened, /typing/);
});

test("a passphrase that is not taken is told one thing that makes it stronger, a strong one is left alone", () => {
  assert.equal(strengthWords({ score: 0 }, "hello"), "Very weak. Use several words.");
  assert.equal(strengthWords({ score: 1 }, "hello, you"), "Weak. Add another word.");
  assert.equal(strengthWords({ score: 2 }, "plum Plum plum otter"), "Not strong enough. Use each word once.");
  assert.match(strengthWords({ score: 2 }, "to be or not be to"), /Use each word once/);
  assert.match(strengthWords({ score: 2 }, "my name is Ada"), /names, dates/);
  assert.equal(strengthWords({ score: 3 }, "plum otter"), "Almost strong enough. Add another word.");
  assert.equal(strengthWords({ score: 4 }, "plum otter candle river moss"), "Strong.");
});

test("a recovery code is shown in groups of four, however it was written", () => {
  assert.deepEqual(codeGroups("7KQ2-M9XD-4TVA"), ["7KQ2", "M9XD", "4TVA"]);
  assert.deepEqual(codeGroups("7kq2 m9xd4t"), ["7kq2", "m9xd", "4t"]);
  assert.deepEqual(codeGroups(""), []);
});

test("a passkey is told by when it was made and used, and whether it is on one device", () => {
  const time = { locale: "en-GB", timeZone: "Europe/London" } as const;
  const passkey = { id: "cA", name: "My phone", created: NOW - 40 * 86_400_000, used: null, synced: true };
  const [made, used, synced] = passkeyFacts(passkey, NOW, time);
  assert.match(made ?? "", /^Made on \d+ \p{L}+ \d{4}$/u);
  assert.equal(used, "Not used yet");
  assert.match(synced ?? "", /^Synced/);
  const [, today, single] = passkeyFacts({ ...passkey, used: NOW, synced: false }, NOW, time);
  assert.match(today ?? "", /^Last used today at \d/);
  assert.match(single ?? "", /one device/);
  const login = { id: "A", created: NOW, used: NOW, device: "Chrome on Windows", current: true };
  assert.match(loginFacts(login, NOW, time).join(), /^Signed in today .*,Last seen today/);
  assert.equal(new Set(ROLES.map(roleWords)).size, ROLES.length);
});

test("the name suggested for a passkey is one that none has", () => {
  assert.equal(freeName("Chrome on Windows", []), "Chrome on Windows");
  assert.equal(
    freeName("Chrome on Windows", ["Chrome on Windows", "Chrome on Windows 2", "x"]),
    "Chrome on Windows 3",
  );
});

// ---- the session -----------------------------------------------------------------------------------------------

test("verified means that both sides said so", () => {
  const cases: readonly (readonly [here: boolean, there: boolean, Verification])[] = [
    [false, false, "unchecked"],
    [true, false, "here"],
    [false, true, "there"],
    [true, true, "verified"],
  ];
  for (const [matchedHere, matchedThere, expected] of cases) {
    assert.equal(verification({ matchedHere, matchedThere }), expected);
    assert.match(verifiedWords(expected, "Maria").text, /\.$/);
  }
});

test("the security panel tells the path as it is", () => {
  const relayed: MediaPath = { kind: "relayed", server: "turn.example.org", protocol: "tls" };
  assert.match(pathWords(relayed).title, /turn\.example\.org/);
  assert.equal(pathDetail(relayed), "relayed by turn.example.org over TLS");
  assert.equal(pathDetail({ kind: "relayed", server: "", protocol: null }), "relayed by a server");
  assert.match(pathWords({ kind: "direct" }).title, /direct/);
  assert.match(pathDetail(null), /not known/);
  assert.equal(keyAge(NOW - 4 * 60_000, NOW), "4 minutes");
});

test("every suite of the handshake has a name", () => {
  for (const suite of SUITES) assert.doesNotMatch(JSON.stringify(suiteWords(suite)), /suite/);
});

test("only an interruption puts a line over the picture", () => {
  const phases: All<CallPhase> = { connecting: true, live: true, repairing: true, away: true };
  assert.deepEqual(
    keysOf(phases).filter((phase) => phaseWords(phase, "Maria") !== null),
    ["repairing"],
  );
});

test("the digits are grouped without losing one", () => {
  assert.deepEqual(groupDigits("0123456789012"), ["0123", "4567", "89012"]);
});

test("a knock during a session names one person and counts several", () => {
  assert.equal(knockWords([]), null);
  assert.equal(knockWords(["Peter"]), "Peter is in your waiting room");
  assert.equal(knockWords([null]), "Someone is in your waiting room");
  assert.equal(knockWords(["Peter", null]), "2 people are in your waiting room");
});
