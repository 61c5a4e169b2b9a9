/** Retention: after its years an event's body is erased, and the log proves all that it proved before. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import sodium from "libsodium-wrappers";
import * as v from "valibot";
import { openCheckpoint } from "../../crypto/audit/checkpoint.ts";
import { type Details, openDetails } from "../../crypto/audit/details.ts";
import { type AuditEvent, eventId, parseEvent, signEvent } from "../../crypto/audit/event.ts";
import { append, EMPTY_RANGE, isConsistent, isIncluded, rootOf } from "../../crypto/audit/merkle.ts";
import { createVerifier, signingKey } from "../../relay/audit/ed25519.ts";
import { sha256 } from "../../relay/audit/sha256.ts";
import { Log, Proof, Receipts } from "../../relay/wire/audit.ts";
import { Changes, DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import { startTestRelay, type TestRelay, temporaryFolder } from "../support/relay.ts";
import { call, join, type Place, signIn, type TestHost } from "../support/relay-client.ts";
import { addColleague } from "../support/staff.ts";
import { giveAuditKey, type TestAuditKey } from "./support/record.ts";
import { accountOf, done } from "./support/record-clinic.ts";

const DAY = 86_400_000;
const YEAR = 366 * DAY;
const START = Date.UTC(2026, 10, 26);

const Row = v.object({
  idx: v.number(),
  leaf: v.instance(Uint8Array),
  received: v.number(),
  action: v.string(),
  actor: v.nullable(v.number()),
  account: v.nullable(v.string()),
  session: v.nullable(v.string()),
  subject: v.nullable(v.string()),
  body: v.nullable(v.instance(Uint8Array)),
});
type Row = v.InferOutput<typeof Row>;

function rowsOf(dataDir: string): Row[] {
  const database = new DatabaseSync(joinPath(dataDir, "quietroom.db"), { readOnly: true });
  const rows = database.prepare("SELECT * FROM log_entries ORDER BY idx").all();
  database.close();
  return rows.map((row) => v.parse(Row, row));
}

const textOf = ({ body }: Row) => Buffer.from(body ?? []).toString();

function detailsOf(row: Row, key: TestAuditKey): Details {
  const { action, details } = parseEvent(textOf(row)).event;
  return openDetails(sodium, key, action, Buffer.from(details ?? "", "base64url"));
}

/** A device that says one thing. */
async function speak(fields: Partial<AuditEvent> & Pick<AuditEvent, "action">, time: number) {
  const key = signingKey(crypto.getRandomValues(new Uint8Array(32)));
  const event: AuditEvent = {
    id: eventId(time, crypto.getRandomValues(new Uint8Array(10))),
    actor: Buffer.from(key.publicKey).toString("base64url"),
    seq: 0,
    prev: null,
    time,
    account: null,
    session: null,
    subject: null,
    outcome: "success",
    device: "Firefox on Linux",
    checkpoint: null,
    details: null,
    ...fields,
  };
  return signEvent(event, key.sign);
}

/** A relay on these data whose clock stands still. */
function relayAt(t: TestContext, dataDir: string, time: number): Promise<TestRelay> {
  return startTestRelay(t, {
    dataDir,
    now: () => time,
    env: { LOG_LEVEL: "debug" },
    limits: { sweepMs: 20 },
  });
}

const sweeps = (relay: TestRelay) => relay.logs().split('"housekeeping"').length - 1;
const swept = (relay: TestRelay) => relay.logged('"housekeeping"', sweeps(relay) + 2);

async function checkpointOf(place: Place) {
  const { key, checkpoint } = v.parse(Log, (await call(place, "GET", "/api/log")).json);
  return openCheckpoint(sha256, createVerifier(), checkpoint, key);
}

async function proofOf(place: Place, path: string): Promise<Uint8Array[]> {
  const { proof } = v.parse(Proof, (await call(place, "GET", `/api/log/${path}`)).json);
  return proof.map((hash) => Buffer.from(hash, "base64url"));
}

/** A first year: an admin, a colleague who leaves, a session with a patient who says something. */
async function firstYear(t: TestContext, dataDir: string) {
  const relay = await relayAt(t, dataDir, START);
  const admin = await signIn(relay);
  const key = await giveAuditKey(admin);
  const { id, host } = await addColleague(relay, admin, ["practitioner"], "Dr. Wilhelmina Verbeek");
  const invite = await host.makeInvite({ notBefore: START - DAY / 24, expires: START + DAY / 24 });
  const { session, resume } = await join(relay, invite);
  const knock = await speak({ action: "knock", session }, START);
  const guests = await call(relay, "POST", "/api/log/guest-events", { session, resume, events: [knock] });
  const account = await accountOf(admin);
  const unlocked = await speak({ action: "vault.unlocked", account }, START);
  const staff = await admin.post("/api/log/events", { events: [unlocked] });
  for (const { json } of [guests, staff])
    assert.deepEqual(
      v.parse(Receipts, json).receipts.map(({ outcome }) => outcome),
      ["taken"],
    );
  await done(admin, `/api/people/${id}/remove`);
  const checkpoint = await checkpointOf(relay);
  await relay.close();
  return { rows: rowsOf(dataDir), checkpoint, key, session };
}

const KEPT = new Set(["log.opened", "log.key-added"]);

test("what is older than the policy says is erased, its hashes stay, and that is on record", async (t) => {
  const dataDir = temporaryFolder(t);
  const { rows: before, checkpoint: older, key, session } = await firstYear(t, dataDir);
  assert.ok(before.every(({ body }) => body !== null));
  const due = before.filter(({ action }) => !KEPT.has(action));
  assert.ok(due.length > 8, `${due.length} are due`);

  const relay = await relayAt(t, dataDir, START + 6 * YEAR + 1);
  await swept(relay);
  const after = rowsOf(dataDir);
  for (const row of before) {
    const { body, actor, ...rest } = after[row.idx] ?? assert.fail("an entry is gone");
    if (KEPT.has(row.action)) {
      assert.deepEqual({ body, actor, ...rest }, row);
      continue;
    }
    const blank = { account: null, session: null, subject: null };
    assert.deepEqual([body, actor], [null, null], row.action);
    const { body: _, actor: __, ...was } = row;
    assert.deepEqual(rest, { ...was, ...blank });
  }
  const purges = after.slice(before.length).filter(({ action }) => action === "log.purged");
  assert.deepEqual(
    purges.map((row) => detailsOf(row, key)),
    [{ events: due.length, until: START + 1 }],
  );

  // The tree of all leaves is the one that was signed, the old checkpoint's one included.
  let range = EMPTY_RANGE;
  const roots = after.map(({ leaf }) => {
    range = append(sha256, range, Uint8Array.from(leaf), () => {});
    return rootOf(sha256, range);
  });
  const newer = await checkpointOf(relay);
  assert.deepEqual(roots[older.size - 1], older.root);
  assert.deepEqual(roots[newer.size - 1], newer.root);
  const path = `consistency/${older.size}/${newer.size}`;
  assert.ok(isConsistent(sha256, older, newer, await proofOf(relay, path)));
  for (const { idx: index, leaf } of due) {
    const proof = await proofOf(relay, `inclusion/${index}/${newer.size}`);
    assert.ok(isIncluded(sha256, { leaf, index, ...newer }, proof), `entry ${index}`);
  }

  await swept(relay);
  assert.equal(rowsOf(dataDir).length, after.length, "and once only");
  await relay.close();

  // Guests' keys go three months later, staff's stay.
  const later = await relayAt(t, dataDir, START + 6 * YEAR + 91 * DAY);
  await swept(later);
  const left = rowsOf(dataDir)
    .slice(0, before.length)
    .filter(({ body }) => body !== null);
  assert.deepEqual(left.map(({ action, session: of }) => [action, of]).sort(), [
    ["log.key-added", null],
    ["log.opened", null],
  ]);
  const gone = [...due.map(textOf), session, "Wilhelmina"];
  assertGone(dataDir, gone);
  await later.close();
  assertGone(dataDir, gone);
});

/** None of it is in any file of the database's, in pages that are not used any more either. */
function assertGone(dataDir: string, texts: readonly string[]): void {
  for (const file of readdirSync(dataDir)) {
    const content = readFileSync(joinPath(dataDir, file));
    for (const text of texts) assert.equal(content.includes(text), false, `${text} is in ${file}`);
  }
}

test("before its years are over nothing is erased, and a policy may say more of them", async (t) => {
  const dataDir = temporaryFolder(t);
  await firstYear(t, dataDir);
  const soon = await relayAt(t, dataDir, START + 6 * YEAR);
  const admin = await signIn(soon);
  await done(admin, "/api/policy", { ...DEFAULT_POLICY, retentionYears: 8 });
  await swept(soon);
  await soon.close();
  const later = await relayAt(t, dataDir, START + 7 * YEAR);
  await swept(later);
  assert.ok(rowsOf(dataDir).every(({ body }) => body !== null));
  assert.ok((await changesOf(await signIn(later))).some(({ what }) => what === "person.removed"));
});

test("the record of changes loses what is as old, and nothing else", async (t) => {
  const dataDir = temporaryFolder(t);
  await firstYear(t, dataDir);
  const middle = await relayAt(t, dataDir, START + YEAR);
  await done(await signIn(middle), "/api/greeting", { title: "PsyD", welcome: "", waiting: "" });
  await middle.close();
  const later = await relayAt(t, dataDir, START + 6 * YEAR + 1);
  await swept(later);
  const left = await changesOf(await signIn(later));
  assert.deepEqual(
    left.map(({ what }) => what),
    ["greeting.title"],
  );
});

async function changesOf(host: TestHost) {
  return v.parse(Changes, (await host.get("/api/changes/0")).json).changes;
}

test("that is on record also where no change of anything was as old", async (t) => {
  const dataDir = temporaryFolder(t);
  await (await relayAt(t, dataDir, START)).close();
  const relay = await relayAt(t, dataDir, START + 7 * YEAR);
  await swept(relay);
  const rows = rowsOf(dataDir).map(({ action, body }) => `${action}${body === null ? ": erased" : ""}`);
  assert.deepEqual(rows.slice(0, 3), ["log.opened", "relay.started: erased", "relay.stopped: erased"]);
  assert.ok(rows.includes("log.purged"));
});

test("what cannot be put on record is not erased", async (t) => {
  const dataDir = temporaryFolder(t);
  const { rows } = await firstYear(t, dataDir);
  const knife = new DatabaseSync(joinPath(dataDir, "quietroom.db"));
  knife.exec("CREATE TRIGGER broken BEFORE INSERT ON log_entries BEGIN SELECT RAISE(ABORT, 'full'); END");
  knife.close();
  const relay = await relayAt(t, dataDir, START + 7 * YEAR);
  await relay.logged('"during":"housekeeping"', 2);
  assert.deepEqual(rowsOf(dataDir), rows);
});

test("an event of before is what it was, to the byte, until it is erased", async (t) => {
  const { rows } = await firstYear(t, temporaryFolder(t));
  for (const row of rows) assert.equal(parseEvent(textOf(row)).event.action, row.action);
});
