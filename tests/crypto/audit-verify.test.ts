/** Every kind of tampering is found, and named; what is whole holds. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openCheckpoint, signCheckpoint } from "../../crypto/audit/checkpoint.ts";
import type { AuditEvent } from "../../crypto/audit/event.ts";
import {
  type ExportLine,
  encodeExportEnd,
  encodeExportHeader,
  encodeExportLine,
  parseExportHeader,
  parseExportLine,
} from "../../crypto/audit/export.ts";
import {
  createLogVerifier,
  FINDINGS,
  type FindingCode,
  type LogVerifierOptions,
  MAX_FINDINGS,
  MAX_JOBS,
  type SignatureJob,
  type Verdict,
} from "../../crypto/audit/verify.ts";
import { toBase64Url } from "../../crypto/bytes.ts";
import {
  type SigningKey,
  START,
  sha256,
  signingKey,
  someHash,
  someId,
  verifyEd25519,
} from "./support/audit.ts";
import {
  ACCOUNT,
  aDay,
  guests,
  ORIGIN,
  ROOM,
  type Said,
  SESSIONS,
  staff,
  TestLog,
} from "./support/audit-log.ts";

/** The same signatures come again and again here. */
const answers = new Map<string, boolean>();

async function verifyEvents(jobs: readonly SignatureJob[]): Promise<readonly boolean[]> {
  return jobs.map(({ actor, key, signed, signature }) => {
    const name = `${actor} ${Buffer.from(signed).toString("latin1")} ${toBase64Url(signature)}`;
    const answer = answers.get(name) ?? verifyEd25519(key, signed, signature) === true;
    answers.set(name, answer);
    return answer;
  });
}

const everFound = new Set<FindingCode>();

async function verdictOf(
  lines: readonly string[],
  options: Partial<LogVerifierOptions> = {},
): Promise<Verdict> {
  const start = { sha256, verify: verifyEd25519, verifyEvents, logKey: null, older: null };
  const verifier = createLogVerifier({ ...start, ...options });
  for (const line of lines) await verifier.line(line);
  const verdict = await verifier.end();
  for (const { code } of verdict.findings) everFound.add(code);
  assert.equal(verdict.holds, verdict.found === 0);
  return verdict;
}

/** Indexes by code, in the file's order. */
async function found(
  lines: readonly string[],
  options: Partial<LogVerifierOptions> = {},
): Promise<Partial<Record<FindingCode, (number | null)[]>>> {
  const { findings } = await verdictOf(lines, options);
  const codes: Partial<Record<FindingCode, (number | null)[]>> = {};
  for (const { code, index } of findings) codes[code] = [...(codes[code] ?? []), index];
  return codes;
}

const log = await aDay();
const size = log.entries.length;
const whole = await log.export();
const session = await log.export(0, size, SESSIONS[1]);
const range = await log.export(10, 25);
const guest = guests[0] ?? assert.fail();
const stranger = signingKey("stranger");
const admit: Said = { action: "admit", account: ACCOUNT, session: SESSIONS[0] };
const knock: Said = { action: "knock", session: SESSIONS[0] };
const opened = { size, root: toBase64Url(await rootAt(size)) };

async function rootAt(at: number): Promise<Uint8Array> {
  const note = await log.checkpoint(at);
  return (await openCheckpoint(sha256, verifyEd25519, note, log.verifierKey)).root;
}

// ---- what holds ------------------------------------------------------------------------------------------------

test("a whole log holds, and says what it is", async () => {
  const verdict = await verdictOf(whole, { logKey: log.verifierKey, older: await log.checkpoint(11) });
  assert.deepEqual(verdict, {
    holds: true,
    scope: "whole",
    header: parseExportHeader(whole[0] ?? assert.fail()),
    origin: ORIGIN,
    events: size,
    purged: 0,
    received: { first: START + 1_000, last: log.now },
    keys: { relay: 1, staff: 1, guest: 3 },
    skewed: 0,
    checkpoint: opened,
    keyKnown: true,
    continues: 11,
    agreedUntil: size - 1,
    findings: [],
    found: 0,
    counts: {},
    unchecked: { purged: 0, keys: 0, chains: 0, sessions: 0, checkpoints: 0 },
  });
});

test("a session's file and a range hold, and say what they lack", async () => {
  const one = await verdictOf(session, { logKey: log.verifierKey, older: await log.checkpoint(11) });
  assert.deepEqual([one.holds, one.scope, one.events, one.continues], [true, "session", 9, null]);
  assert.deepEqual(one.keys, { relay: 1, staff: 1, guest: 1 });
  assert.deepEqual(one.unchecked, { purged: 0, keys: 0, chains: 2, sessions: 0, checkpoints: 9 });
  assert.equal((await verdictOf(session, { older: await log.checkpoint() })).continues, size);

  const part = await verdictOf(range);
  assert.deepEqual([part.holds, part.scope, part.events, part.keyKnown], [true, "range", 15, false]);
  // The therapist's key and the first guest's were put on record before, and the first session was opened before.
  assert.deepEqual(part.unchecked, { purged: 0, keys: 2, chains: 3, sessions: 3, checkpoints: 15 });
  assert.ok((await verdictOf(await log.export(0, 20))).holds);
});

// ---- a file that was changed by who has no key ------------------------------------------------------------------

const lineOf = (lines: readonly string[], at: number): ExportLine => parseExportLine(lines.at(at) ?? "");

/** Entries of a whole file, with indexes and end made right again. */
function renumbered(entries: readonly ExportLine[]): string[] {
  const lines = entries.map((entry, index) => encodeExportLine({ ...entry, index }));
  return [whole[0] ?? assert.fail(), ...lines, encodeExportEnd(lines.length)];
}
const entriesOf = (lines: readonly string[]) => lines.slice(1, -1).map((line) => parseExportLine(line));

test("any byte of a line changed: found, and the line named", async () => {
  for (const [file, at] of [
    [session, 0],
    [session, 5],
    [session, session.length - 1],
  ] as const) {
    const line = file[at] ?? assert.fail();
    for (let i = 0; i < line.length; i++) {
      const changed = String.fromCharCode(line.charCodeAt(i) ^ (1 << (i % 5)));
      const { findings } = await verdictOf(file.with(at, line.slice(0, i) + changed + line.slice(i + 1)));
      assert.ok(findings.length > 0, `${line.slice(0, i)} >${changed}<`);
      if (at === 5) assert.ok(findings.some((each) => each.line === at + 1));
    }
  }
});

test("any byte of an entry of a whole log changed: found, and the events that were signed are named", async () => {
  const at = 12;
  const line = whole[at] ?? assert.fail();
  const event = line.indexOf('"event":"') + 9;
  for (let i = 0; i < line.length; i++) {
    const changed = String.fromCharCode(line.charCodeAt(i) ^ (1 << (i % 5)));
    const { findings, agreedUntil } = await verdictOf(
      whole.with(at, line.slice(0, i) + changed + line.slice(i + 1)),
    );
    assert.ok(
      findings.some(({ code }) => code === "LOG-ROOT" || code === "FILE-INDEX" || code === "FILE-LINE"),
    );
    if (i >= event) assert.ok(findings.some((each) => each.line === at + 1));
    if (findings.some(({ code }) => code === "LOG-ROOT"))
      assert.ok(agreedUntil < at, "the events behind it had seen another tree");
  }
});

test("entries left out", async () => {
  for (let at = 1; at <= size; at++) {
    const codes = await found(whole.toSpliced(at, 1));
    assert.ok(codes["FILE-TRUNCATED"] && codes["LOG-ROOT"], `${at}`);
    if (at < size) assert.deepEqual(codes["FILE-INDEX"], [at]);
    const repaired = await found(renumbered(entriesOf(whole).toSpliced(at - 1, 1)));
    assert.ok(repaired["LOG-ROOT"] && repaired["FILE-TRUNCATED"], `${at}`);
  }
  const chain = await found(renumbered(entriesOf(whole).toSpliced(10, 1)));
  assert.deepEqual(chain["EVENT-CHAIN"], [11], "the therapist's next event");
});

test("entries swapped, doubled and moved", async () => {
  const swapped = await found(whole.with(12, whole[13] ?? "").with(13, whole[12] ?? ""));
  assert.deepEqual(swapped["FILE-INDEX"], [12, 11, 13]);
  assert.ok(swapped["LOG-ROOT"] && swapped["ENTRY-TIME"]);
  const entries = entriesOf(whole);
  const [a, b] = [entries[11] ?? assert.fail(), entries[12] ?? assert.fail()];
  const repaired = renumbered(
    entries.with(11, { ...b, received: a.received }).with(12, { ...a, received: b.received }),
  );
  assert.ok((await found(repaired))["LOG-ROOT"]);
  const doubled = await found(whole.toSpliced(12, 0, whole[12] ?? ""));
  assert.deepEqual(doubled["FILE-INDEX"], [11]);
  assert.deepEqual(doubled["EVENT-DUPLICATE"], [11]);
  assert.deepEqual(doubled["EVENT-CHAIN"], [11]);
});

test("a file cut off, or with more behind its end", async () => {
  for (let length = 2; length < whole.length; length++)
    assert.ok((await found(whole.slice(0, length)))["FILE-TRUNCATED"]);
  assert.deepEqual(await found(whole.slice(0, -1)), { "FILE-TRUNCATED": [null] });
  assert.deepEqual(await found([...whole, whole.at(-2) ?? ""]), { "FILE-TRUNCATED": [null] });
  assert.deepEqual(await found(session.with(-1, encodeExportEnd(11))), { "FILE-TRUNCATED": [null] });
  for (const nothing of [[], [""], ["{}"], whole.slice(1)])
    assert.deepEqual(await found(nothing), { "FILE-HEADER": [null] });
});

test("another checkpoint, another key of the log", async () => {
  const header = parseExportHeader(whole[0] ?? "");
  const withCheckpoint = async (note: string) =>
    found(whole.with(0, encodeExportHeader({ ...header, checkpoint: note })));
  const signed = (key: SigningKey, root: Uint8Array) =>
    signCheckpoint(sha256, { origin: ORIGIN, size, root: new Uint8Array(root) }, key.publicKey, key.sign);
  assert.deepEqual(await withCheckpoint(await signed(stranger, await rootAt(size))), {
    "LOG-CHECKPOINT": [null],
  });
  assert.deepEqual(await withCheckpoint("nonsense"), { "LOG-CHECKPOINT": [null] });
  assert.deepEqual(await withCheckpoint(await signed(log.logKey, await rootAt(3))), { "LOG-ROOT": [null] });
  assert.ok((await withCheckpoint(await log.checkpoint(size - 1)))["LOG-CHECKPOINT"], "of a smaller tree");

  const other = new TestLog();
  const theirs = { logKey: log.verifierKey.replace(ORIGIN, `quietroom.log/${someId("other")}`) };
  assert.ok((await found(whole, theirs))["LOG-CHECKPOINT"]);
  assert.ok((await found(whole, theirs))["LOG-KEY"]);
  assert.equal((await verdictOf(whole, { logKey: other.verifierKey })).keyKnown, true);
});

// ---- a session's file -------------------------------------------------------------------------------------------

test("a session's file: foreign entries, missing ones, other proofs", async () => {
  const header = parseExportHeader(session[0] ?? "");
  const foreign = encodeExportHeader({ ...header, session: SESSIONS[0] });
  assert.equal((await found(session.with(0, foreign)))["FILE-FOREIGN"]?.length, 7);
  const other = { ...lineOf(session, 4), proof: lineOf(session, 5).proof };
  assert.deepEqual(await found(session.with(4, encodeExportLine(other))), { "ENTRY-PROOF": [other.index] });
  const none = { ...lineOf(session, 4), proof: null };
  assert.deepEqual(await found(session.with(4, encodeExportLine(none))), { "FILE-LINE": [none.index] });
  const spare = { ...lineOf(whole, 4), proof: [] };
  assert.deepEqual(await found(whole.with(4, encodeExportLine(spare))), { "FILE-LINE": [spare.index] });

  const ended = (lines: string[]) => lines.with(-1, encodeExportEnd(lines.length - 2));
  const noKey = await found(ended(session.toSpliced(1, 1)));
  assert.equal(noKey["EVENT-ACTOR"]?.length, 3, "the therapist's key is not on record");
  const noConsent = await found(ended(session.toSpliced(5, 1)));
  assert.deepEqual(Object.keys(noConsent), ["EVENT-CHAIN"], "a guest's events are all in one session");
  const noOpening = await found(ended(session.toSpliced(2, 1)));
  assert.equal(noOpening["EVENT-RIGHT"]?.length, 4);
});

test("in a session's file: a chain that steps back, and a tree that was not there yet", async () => {
  const hostile = await aDay();
  await hostile.say(staff, admit, { seq: 2 });
  await hostile.say(staff, admit, { checkpoint: { size: size + 2, root: someHash("root") }, seq: 90 });
  const codes = await found(await hostile.export(0, size + 2, SESSIONS[0]));
  assert.deepEqual(codes, { "EVENT-CHAIN": [size], "EVENT-CHECKPOINT": [size + 1] });
});

test("a range with an entry from behind it", async () => {
  const more = await log.export(10, 26);
  const codes = await found(range.toSpliced(-1, 1, more.at(-2) ?? "", encodeExportEnd(16)));
  assert.deepEqual(codes, { "FILE-INDEX": [25], "FILE-TRUNCATED": [null] });
});

// ---- a relay that takes, makes or forgets what it should not -----------------------------------------------------

/** What is found in a whole log after a day and these. */
async function afterADay(act: (log: TestLog) => Promise<unknown>) {
  const hostile = await aDay();
  await act(hostile);
  return found(await hostile.export());
}

test("an event that its key did not sign", async () => {
  const by = { ...staff, sign: stranger.sign };
  assert.deepEqual(await afterADay((to) => to.say(by, admit)), { "EVENT-SIGNATURE": [size] });
});

test("a text that is no event", async () => {
  const codes = await afterADay(async (to) => {
    const { event, text } = await to.say(staff, admit);
    to.entries.pop();
    to.put(event, `${text.slice(0, -1)}-`);
  });
  assert.ok(codes["EVENT-MALFORMED"]);
});

test("a key that is not on record, is there twice or too late, or for nobody", async () => {
  assert.deepEqual(await afterADay((to) => to.say(stranger, admit)), { "EVENT-ACTOR": [size] });
  assert.deepEqual(await afterADay((to) => to.introduce(staff, { account: ACCOUNT })), {
    "EVENT-ACTOR": [size],
  });
  const late = await afterADay(async (to) => {
    await to.say(stranger, admit);
    await to.introduce(stranger, { account: ACCOUNT });
  });
  assert.deepEqual(late, { "EVENT-ACTOR": [size, size + 1] });
  const subject = someHash("key");
  for (const owner of [{}, { account: ACCOUNT, session: SESSIONS[0] }, { session: someId("never opened") }])
    assert.deepEqual(
      await afterADay((to) => to.say(to.relay, { action: "log.key-added", subject, ...owner })),
      {
        "EVENT-RIGHT": [size],
      },
    );
});

test("what a signer may not say", async () => {
  const right = { "EVENT-RIGHT": [size] };
  const elsewhere = someId("another session");
  const somebody = someId("somebody");
  assert.deepEqual(await afterADay((to) => to.say(staff, { ...admit, account: somebody })), right);
  assert.deepEqual(
    await afterADay((to) => to.say(staff, { action: "vault.unlocked", account: somebody })),
    right,
  );
  assert.deepEqual(await afterADay((to) => to.say(staff, { ...admit, session: elsewhere })), right);
  assert.deepEqual(await afterADay((to) => to.say(staff, knock)), right, "a guest's to say");
  assert.deepEqual(await afterADay((to) => to.say(staff, { action: "relay.stopped" })), right);
  assert.deepEqual(await afterADay((to) => to.say(guest, { ...knock, session: SESSIONS[1] })), right);
  assert.deepEqual(await afterADay((to) => to.say(guest, admit)), right);
  assert.deepEqual(await afterADay((to) => to.say(to.relay, knock)), right);
  const again = { action: "invite.opened", account: somebody, session: SESSIONS[0], subject: ROOM } as const;
  assert.deepEqual(await afterADay((to) => to.say(to.relay, again)), right, "a session has one host");
  const theirs = await afterADay(async (to) => {
    await to.introduce(stranger, { account: somebody });
    await to.say(stranger, { ...admit, account: somebody });
  });
  assert.deepEqual(theirs, { "EVENT-RIGHT": [size + 1] }, "another therapist's session");
});

test("a chain with a gap, a fork or a step back", async () => {
  const chain = { "EVENT-CHAIN": [size] };
  assert.deepEqual(await afterADay((to) => to.say(staff, admit, { seq: 99 })), chain);
  assert.deepEqual(await afterADay((to) => to.say(staff, admit, { seq: 1 })), chain);
  assert.deepEqual(await afterADay((to) => to.say(staff, admit, { seq: 0, prev: null })), chain);
  assert.deepEqual(await afterADay((to) => to.say(staff, admit, { prev: someHash("other") })), chain);
  const first = await afterADay(async (to) => {
    await to.introduce(stranger, { account: ACCOUNT });
    await to.say(stranger, admit, { seq: 1, prev: someHash("before") });
  });
  assert.deepEqual(first, { "EVENT-CHAIN": [size + 1] });
});

test("an id twice, time going back, a clock that is off", async () => {
  const { id } = log.entries[7]?.event ?? assert.fail();
  assert.deepEqual(await afterADay((to) => to.say(staff, admit, { id })), { "EVENT-DUPLICATE": [size] });
  const back = await afterADay(async (to) => {
    to.now -= 3_000;
    await to.say(staff, admit);
  });
  assert.deepEqual(back, { "ENTRY-TIME": [size] });
  const skewed = await aDay();
  await skewed.say(staff, admit, { time: START + 3_600_000 });
  await skewed.say(staff, admit, { time: START - 3_600_000 });
  const verdict = await verdictOf(await skewed.export());
  assert.deepEqual([verdict.holds, verdict.skewed], [true, 2]);
});

test("a log that does not begin with log.opened, or begins twice", async () => {
  assert.deepEqual(await afterADay((to) => to.say(to.relay, { action: "log.opened" })), {
    "LOG-OPENED": [size],
  });
  const headless = new TestLog();
  await headless.say(headless.relay, { action: "relay.started" });
  assert.deepEqual(await found(await headless.export()), { "LOG-OPENED": [0] });
});

test("a log that was forked, rewritten or shrunk", async () => {
  const kept = await log.checkpoint();
  const forked = { "LOG-OLDER": [null] };
  const shrunk = new TestLog();
  await shrunk.say(shrunk.relay, { action: "log.opened" });
  assert.deepEqual(await found(await shrunk.export(), { older: kept }), forked);
  const rewritten = new TestLog();
  rewritten.now += 1;
  await aDay(rewritten);
  assert.deepEqual(await found(await rewritten.export(), { older: kept }), forked);
  assert.deepEqual(await found(await rewritten.export(0, size, SESSIONS[1]), { older: kept }), forked);
  assert.deepEqual(await found(whole, { older: "nonsense" }), forked);
});

test("a signer who had seen another tree", async () => {
  const root = someHash("root");
  const seen = { "EVENT-CHECKPOINT": [size] };
  const said = (checkpoint: AuditEvent["checkpoint"]) =>
    afterADay((to) => to.say(staff, admit, { checkpoint }));
  assert.deepEqual(await said({ size: 12, root }), seen);
  assert.deepEqual(await said({ size: size + 1, root }), seen, "what was not there yet");
  assert.deepEqual(await said({ size: 12, root: toBase64Url(await rootAt(12)) }), {});
  assert.deepEqual(await said(null), {});
});

// ---- purges -----------------------------------------------------------------------------------------------------

const SEVEN_YEARS = 7 * 365 * 86_400_000;

/** `log.opened`, and `log.key-added` of the therapist. */
const KEPT = [0, 3];

async function purgedLog(later: number, recorded: boolean): Promise<TestLog> {
  const old = await aDay();
  for (const [index, entry] of old.entries.slice(0, 20).entries()) entry.purged = !KEPT.includes(index);
  old.now += later;
  if (recorded) await old.say(old.relay, { action: "log.purged" });
  await old.say(staff, { action: "vault.unlocked", account: ACCOUNT });
  return old;
}

test("bodies that were purged: the tree holds, and the verdict says what it cannot know", async () => {
  const old = await purgedLog(SEVEN_YEARS, true);
  const { holds, purged, unchecked, found: count } = await verdictOf(await old.export());
  assert.deepEqual([holds, purged, count], [true, 18, 0]);
  // The second guest's key was put on record before, and the second session opened.
  assert.deepEqual(unchecked, { purged: 18, keys: 1, chains: 3, sessions: 2, checkpoints: 0 });
  const lines = await old.export();
  const leaf = { ...lineOf(lines, 5), body: { leaf: sha256(new Uint8Array(1)) } };
  const changed = await found(lines.with(5, encodeExportLine(leaf)));
  assert.deepEqual(Object.keys(changed), ["EVENT-CHECKPOINT", "LOG-ROOT"]);
  const erased = (index: number) => {
    const hash = old.entries[index]?.leaf ?? assert.fail();
    return lines.with(index + 1, encodeExportLine({ ...lineOf(lines, index + 1), body: { leaf: hash } }));
  };
  assert.deepEqual(await found(erased(0)), { "LOG-OPENED": [0] });
  assert.ok((await found(erased(3)))["EVENT-ACTOR"], "whose key it is is never purged");
});

test("bodies that are gone without a purge on record, or too young for one", async () => {
  const byStranger = await purgedLog(SEVEN_YEARS, false);
  await byStranger.say(stranger, { action: "log.purged", account: ACCOUNT });
  assert.deepEqual((await found(await byStranger.export()))["ENTRY-PURGED"], [19]);
  assert.deepEqual(await found(await (await purgedLog(SEVEN_YEARS, false)).export()), {
    "ENTRY-PURGED": [19],
  });
  assert.deepEqual(await found(await (await purgedLog(86_400_000, true)).export()), { "ENTRY-PURGED": [19] });
});

test("more events missing than were purged", async () => {
  const old = await purgedLog(SEVEN_YEARS, true);
  await old.say(guests[2] ?? assert.fail(), { ...knock, session: SESSIONS[2] }, { seq: 40 });
  assert.ok((await found(await old.export()))["EVENT-CHAIN"]);
  const few = await aDay();
  for (const entry of few.entries.slice(1, 3)) entry.purged = true;
  few.now += SEVEN_YEARS;
  await few.say(few.relay, { action: "log.purged" });
  await few.introduce(stranger, { account: ACCOUNT });
  assert.ok((await found(await few.export()))["EVENT-CHAIN"] === undefined);
  const greedy = await aDay();
  for (const entry of greedy.entries.slice(1, 3)) entry.purged = true;
  greedy.now += SEVEN_YEARS;
  await greedy.say(greedy.relay, { action: "log.purged" });
  const unseen = signingKey("never introduced");
  await greedy.say(unseen, knock, { seq: 30, prev: someHash("x") });
  assert.deepEqual(await found(await greedy.export()), { "EVENT-CHAIN": [null] });
});

// ---- signatures in batches --------------------------------------------------------------------------------------

async function longLog(events: number): Promise<string[]> {
  const long = new TestLog();
  await long.say(long.relay, { action: "log.opened" });
  for (let i = 1; i < events; i++) {
    const { event } = await long.say(long.relay, { action: "relay.started" }, { checkpoint: null });
    assert.equal(event.seq, i);
  }
  return long.export();
}

test("signatures go out in batches, no more at once than was said; findings are told in order", async () => {
  const events = 3 * MAX_JOBS + 7;
  const lines = await longLog(events);
  const sizes: number[] = [];
  let underWay = 0;
  const verdict = await verdictOf(lines, {
    concurrency: 2,
    verifyEvents: async (jobs) => {
      sizes.push(jobs.length);
      underWay++;
      assert.ok(underWay <= 2);
      await new Promise((done) => setImmediate(done));
      underWay--;
      // Says of too few that they hold: what has no answer does not.
      return jobs.slice(0, -1).map(({ index }) => index % 2 === 1);
    },
  });
  assert.deepEqual(sizes, [MAX_JOBS, MAX_JOBS, MAX_JOBS, 7]);
  const unanswered = sizes.slice(0, -1).length;
  assert.equal(verdict.counts["EVENT-SIGNATURE"], Math.ceil(events / 2) + unanswered);
  assert.equal(verdict.found, verdict.counts["EVENT-SIGNATURE"]);
  assert.equal(verdict.findings.length, MAX_FINDINGS);
  assert.deepEqual(
    verdict.findings.map(({ index }) => index),
    Array.from({ length: MAX_FINDINGS }, (_, i) => 2 * i),
  );
});

test("a verifier of signatures that fails stops it all, and is no verdict", async () => {
  const lines = await longLog(MAX_JOBS + 2);
  const broken = new Error("the worker is gone");
  await assert.rejects(verdictOf(lines, { verifyEvents: () => Promise.reject(broken) }), broken);
  await assert.rejects(verdictOf(whole, { verifyEvents: () => Promise.reject(broken) }), broken);
});

after(() => {
  const never = FINDINGS.filter((code) => !everFound.has(code));
  assert.deepEqual(never, [], "no test brings these about");
});
