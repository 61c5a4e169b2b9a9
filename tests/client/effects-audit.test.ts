/** What the audit log's pages ask of the relay: what is signed first, what comes back, and copies that are whole. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../../client/audit/sha256.ts";
import { NO_VIEW } from "../../client/audit/types.ts";
import { CopyError, copyOf } from "../../client/effects/audit-copies.ts";
import { dayBefore, daysOf } from "../../client/effects/audit-days.ts";
import { type AuditRunnerOptions, createAuditRunner } from "../../client/effects/audit-runner.ts";
import { createStaffAudit } from "../../client/effects/staff-audit.ts";
import { NO_FILTER } from "../../client/state/audit-model.ts";
import type { AuditPageEffect, AuditPageEvent } from "../../client/state/staff-audit.ts";
import { ApiError } from "../../client/transport/api.ts";
import { loadSodium } from "../../client/transport/sodium.ts";
import { encodeVerifierKey, signCheckpoint } from "../../crypto/audit/checkpoint.ts";
import { sealDetails } from "../../crypto/audit/details.ts";
import { type AuditEvent, eventId, signEvent } from "../../crypto/audit/event.ts";
import { encodeExportEnd, encodeExportHeader, encodeExportLine } from "../../crypto/audit/export.ts";
import { adopt, toBase64Url } from "../../crypto/bytes.ts";
import type { Found } from "../../relay/wire/audit.ts";
import { NOW } from "./fixtures.ts";

const SESSION = "qX3f9aLw7TzR2mVbYc5KdA";
const ORIGIN = "quietroom.log/AAAAAAAAAAAAAAAAAAAAAA";

const sodium = await loadSodium();
const key = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", key.publicKey));
const actor = toBase64Url(publicKey);
const signing = async (bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, adopt(bytes)));
const privateKey = new Uint8Array(32).fill(7);
const auditKeys = { privateKey, publicKey: adopt(sodium.crypto_scalarmult_base(privateKey)) };
const LOG = encodeVerifierKey(sha256, ORIGIN, publicKey);
const checkpoint = await signCheckpoint(
  sha256,
  { origin: ORIGIN, size: 42, root: new Uint8Array(32) },
  publicKey,
  signing,
);

async function eventText(part: Partial<AuditEvent> = {}): Promise<string> {
  const sealed = sealDetails(sodium, auditKeys.publicKey, "knock", { name: "Maria" });
  assert.ok(sealed);
  return signEvent(
    {
      id: eventId(NOW, new Uint8Array(10)),
      actor,
      seq: 0,
      prev: null,
      time: NOW,
      account: null,
      session: SESSION,
      subject: null,
      action: "knock",
      outcome: "success",
      device: "Firefox on Linux",
      checkpoint: null,
      details: toBase64Url(sealed),
      ...part,
    },
    signing,
  );
}
const TEXT = await eventText();
const FOUND: Found = {
  rows: [{ index: 5, received: NOW, event: TEXT, leaf: actor, skewed: false }],
  more: false,
  total: 1,
};

interface Setting {
  readonly held?: boolean;
  readonly flushed?: boolean;
  readonly file?: string;
  readonly record?: () => Promise<void>;
}

function setting({ held = true, flushed = true, file = "", record }: Setting = {}) {
  const steps: string[] = [];
  const events: AuditPageEvent[] = [];
  const saved: { readonly name: string; readonly content: Blob }[] = [];
  const options: AuditRunnerOptions = {
    api: {
      async search({ filter, before }) {
        steps.push(`search ${JSON.stringify(filter)} ${before}`);
        return FOUND;
      },
      activity: async () => ({ days: [] }),
      actors: async (after) => ({
        actors: [
          { number: after + 1, key: actor, signer: "staff", account: SESSION, session: null, name: "Ada" },
        ],
        more: after < 2,
      }),
      reviews: async () => ({ reviews: [], due: NOW, now: NOW }),
      alerts: async () => ({ alerts: [], open: 0 }),
      async acknowledgeAlert(id) {
        steps.push(`acknowledge ${id}`);
        return { alerts: [], open: 0 };
      },
      log: async () => ({ key: LOG, relay: actor, checkpoint }),
      consistency: async () => ({ proof: [] }),
    },
    async download(path) {
      steps.push(`download ${path}`);
      return new Response(file);
    },
    async record({ action, details }) {
      steps.push(`record ${action} ${JSON.stringify(details ?? {})}`);
      await record?.();
    },
    async flush() {
      steps.push("flush");
      return flushed;
    },
    view: () => NO_VIEW,
    sodium: async () => sodium,
    key: {
      open: async () => (held ? { state: "held", keys: auditKeys } : { state: "waiting", fingerprint: "1" }),
      seats: async () => [],
      async handOver(_keys, seat) {
        steps.push(`hand over ${seat.fingerprint}`);
        return seat.fingerprint === "same";
      },
    },
    save: (name, content) => void saved.push({ name, content }),
    emit: (event) => void events.push(event),
    problemOf: (error) =>
      error instanceof ApiError && error.code === "LOG-UNAVAILABLE" ? "LOG-UNAVAILABLE" : "UNEXPECTED",
    now: () => NOW,
  };
  return { options, steps, events, saved };
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 100; turns++) await new Promise(setImmediate);
}

async function run(given: Setting, ...effects: AuditPageEffect[]) {
  const all = setting(given);
  const runner = createAuditRunner(all.options);
  for (const effect of effects) {
    const before = all.events.length;
    runner.run(effect);
    // Signatures are verified on threads of their own.
    for (let turns = 0; all.events.length === before && turns < 10_000; turns++)
      await new Promise(setImmediate);
    await settled();
  }
  return all;
}

const SEARCH: AuditPageEffect = {
  type: "search",
  question: { request: 1, page: 0, filter: { ...NO_FILTER, outcome: "failure" }, before: 9 },
};

test("nothing is read before the page has written down that it is", async () => {
  const gate = Promise.withResolvers<void>();
  const all = setting({ record: () => gate.promise });
  const runner = createAuditRunner(all.options);
  runner.run({ type: "sign-read" });
  runner.run(SEARCH);
  await settled();
  assert.deepEqual(all.steps, ['record log.read {"what":"log"}']);
  gate.resolve();
  await settled();
  assert.deepEqual(all.steps.slice(1), ['search {"outcome":"failure"} 9']);
});

for (const [held, state] of [
  [true, "open"],
  [false, "sealed"],
] as const)
  test(`details are ${state} where the page ${held ? "has" : "does not have"} the key`, async () => {
    const { events } = await run({ held }, SEARCH);
    const [found] = events;
    assert.ok(found?.type === "found");
    const [row] = found.answer.rows;
    assert.equal(row?.details.state, state);
    assert.equal(row?.event?.action, "knock");
    if (row?.details.state === "open") assert.deepEqual(row.details.fields, { name: "Maria" });
  });

test("everybody who signs is fetched, page by page", async () => {
  const { events } = await run({}, { type: "load", what: "people" });
  assert.equal(events.length, 3);
  assert.deepEqual(events.at(-1), { type: "people", people: [{ account: SESSION, name: "Ada" }] });
});

const header = { log: LOG, relay: actor, checkpoint, first: 0, second: 1, session: null };
const FILE = [
  encodeExportHeader(header),
  encodeExportLine({ index: 0, received: NOW, body: { event: TEXT }, proof: null }),
  encodeExportEnd(1),
  "",
].join("\n");

test("a copy is made once the log has it that it is made, and what cannot be put there is not made", async () => {
  const { steps, saved, events } = await run({ file: FILE }, { type: "export", format: "jsonl" });
  assert.deepEqual(steps, [
    'record log.exported {"format":"jsonl","events":42}',
    "flush",
    "download /api/audit/export/0/42",
  ]);
  assert.equal(saved[0]?.name, "audit-log-2027-01-15.jsonl");
  assert.equal(await saved[0]?.content.text(), FILE);
  assert.deepEqual(events, [{ type: "done", task: "export" }]);

  const refused = await run({ file: FILE, flushed: false }, { type: "export", format: "jsonl" });
  assert.deepEqual(refused.saved, []);
  assert.deepEqual(refused.events, [{ type: "failed", task: "export", problem: "LOG-UNAVAILABLE" }]);
});

test("a session's evidence is what the relay sends, signed for as well", async () => {
  const { steps, saved } = await run({ file: FILE }, { type: "save-evidence", session: SESSION });
  assert.deepEqual(steps.slice(1), ["flush", `download /api/audit/session/${SESSION}`]);
  assert.match(steps[0] ?? "", /log\.exported .*evidence/);
  assert.equal(saved[0]?.name, "session-qX3f9a-evidence.jsonl");
});

const bodyOf = (text: string) => new Response(text).body ?? assert.fail();
const opener = { sodium, keys: auditKeys };

test("a table and FHIR have the details in plain text", async () => {
  const csv = await copyOf(bodyOf(FILE), "csv", "a", opener, NOW);
  assert.equal(csv.name, "a.csv");
  assert.match(await csv.content.text(), /knock[\s\S]*Maria/);
  const fhir = JSON.parse(await (await copyOf(bodyOf(FILE), "fhir", "a", opener, NOW)).content.text());
  assert.equal(fhir.resourceType, "Bundle");
  assert.equal(fhir.entry.length, 1);
});

test("a copy that is cut off anywhere is refused in every format", async () => {
  for (const format of ["jsonl", "csv", "fhir"] as const)
    for (const text of [FILE.slice(0, -8), FILE.split("\n").slice(0, 2).join("\n"), "", "<html>"])
      await assert.rejects(
        copyOf(bodyOf(text), format, "a", opener, NOW),
        CopyError,
        `${format} ${text.length}`,
      );
});

test("the key is handed over for the numbers that were compared, and for no others", async () => {
  const effect = (fingerprint: string): AuditPageEffect => ({
    type: "hand-over",
    account: SESSION,
    fingerprint,
  });
  const same = await run({}, effect("same"));
  assert.deepEqual(same.steps, ["hand over same", "record log.key-shared {}"]);
  const other = await run({}, effect("other"));
  assert.deepEqual(other.steps, ["hand over other"]);
  assert.deepEqual(other.events, [{ type: "failed", task: "hand-over", problem: "FINGERPRINT-CHANGED" }]);
});

test("a review and a note of an alert are signed before they count", async () => {
  const review = await run({}, { type: "sign-review", from: 1, until: 2, note: "n" });
  assert.deepEqual(review.steps, ['record log.reviewed {"from":1,"until":2,"note":"n"}', "flush"]);
  const noted = await run({}, { type: "acknowledge", alert: SESSION, note: "" });
  assert.deepEqual(noted.steps, ["record alert.acknowledged {}", `acknowledge ${SESSION}`]);
});

test("days without events are days all the same, in her time zone", () => {
  const day = dayBefore(NOW, 2);
  const days = daysOf(1, NOW, { days: [{ day, success: 3, failure: 1 }] });
  assert.equal(days.length, 7);
  assert.deepEqual(days.at(-3), { day, success: 3, failure: 1 });
  assert.equal(days.at(-1)?.success, 0);
});

test("alerts need none of what the other pages need, and a code that does not come is told", async () => {
  const all = setting();
  let loads = 0;
  const runner = createStaffAudit({
    ...all.options,
    async load() {
      loads++;
      throw new TypeError("offline");
    },
  });
  runner.run({ type: "count-alerts" });
  runner.run({ type: "load", what: "alerts" });
  await settled();
  assert.equal(loads, 0);
  assert.equal(all.events.length, 2);
  runner.run(SEARCH);
  await settled();
  assert.deepEqual(all.events.at(-1), { type: "not-found", request: 1, page: 0, problem: "OFFLINE" });
  runner.run({ type: "load", what: "log" });
  await settled();
  assert.equal(loads, 2, "it is tried again");
});
