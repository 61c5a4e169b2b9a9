/**
 * `npm run bench -- audit`: how fast events become durable, one at a time and from 64 clients at once, beside what the
 * disk, SQLite and the signatures allow in the same run; and what proofs, memory and the start cost at a million events.
 */
import { randomInt } from "node:crypto";
import { openTestLog } from "../../../tests/relay/support/log.ts";
import { suiteScope } from "../../../tests/support/app.ts";
import { type Scope, spawnRelay, temporaryFolder } from "../../../tests/support/relay.ts";
import { call } from "../../../tests/support/relay-client.ts";
import { type Row, type Section, spreadOf } from "../table.ts";
import { type Client, makeClients } from "./events.ts";
import { insertRate, type Rate, startWatch, syncRate, verifyRate, verifyRateOfAll } from "./machine.ts";
import { writeLog } from "./million.ts";

const ROUNDS = 3;
const MACHINE_MS = 1_500;
const SINGLE_EVENTS = 2_000;
const CLIENTS = 64;
const CLIENT_EVENTS = 193;
const BATCH = 32;
const MILLION = 1_000_000;
const PROOFS = 2_000;

interface Round {
  readonly sync: Rate;
  readonly insert: Rate;
  readonly verify: Rate;
  readonly verifyAll: Rate;
  readonly stored: Rate;
  readonly single: Rate;
  readonly clients: Rate;
  readonly perCommit: number;
  readonly batches: Rate;
}

export async function measureAudit(): Promise<readonly Section[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measureRound());
  return [ingestSection(rounds), await millionSection()];
}

async function withScope<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
  const scope = suiteScope();
  try {
    return await work(scope);
  } finally {
    await scope.clean();
  }
}

function measureRound(): Promise<Round> {
  return withScope(async (scope) => {
    const folder = temporaryFolder(scope);
    const machine = {
      sync: syncRate(folder, MACHINE_MS),
      insert: insertRate(folder, MACHINE_MS),
      verify: verifyRate(MACHINE_MS),
      verifyAll: await verifyRateOfAll(MACHINE_MS),
    };
    const stored = await storedRate(scope);
    const single = await ingest(scope, await makeClients(1, SINGLE_EVENTS), 1);
    const clients = await ingest(scope, await makeClients(CLIENTS, CLIENT_EVENTS), 1);
    const batches = await ingest(scope, await makeClients(CLIENTS, CLIENT_EVENTS), BATCH);
    return {
      ...machine,
      stored,
      single: single.rate,
      clients: clients.rate,
      perCommit: clients.perCommit,
      batches: batches.rate,
    };
  });
}

/** The relay's own events one after another: all of an append but for the verification of a signature. */
async function storedRate(scope: Scope): Promise<Rate> {
  const { log } = await openTestLog(scope);
  const nobody = { account: null, session: null, subject: null } as const;
  const event = {
    action: "relay.stopped",
    outcome: "success",
    ...nobody,
    device: "",
    details: null,
  } as const;
  const watch = startWatch();
  for (let count = 0; count < SINGLE_EVENTS; count++) await log.record(event);
  return watch(SINGLE_EVENTS);
}

/** Each client sends so many events at once, and waits for their receipts before the next. */
async function ingest(scope: Scope, clients: readonly Client[], batch: number) {
  const { log } = await openTestLog(scope);
  // Their keys become known first, as they are in a clinic's day.
  for (const { sender, texts } of clients) await log.append(texts.slice(0, 1), sender);
  const commits = log.counters.commits;
  const watch = startWatch();
  let events = 0;
  await Promise.all(
    clients.map(async ({ sender, texts }) => {
      for (let at = 1; at < texts.length; at += batch) {
        const { receipts } = await log.append(texts.slice(at, at + batch), sender);
        for (const { outcome } of receipts) if (outcome !== "taken") throw new Error("refused");
        events += receipts.length;
      }
    }),
  );
  return { rate: watch(events), perCommit: events / (log.counters.commits - commits) };
}

function ingestSection(rounds: readonly Round[]): Section {
  const row = (what: string, who: string, pick: (round: Round) => number, unit: string): Row => ({
    what,
    who,
    value: spreadOf(rounds.map(pick)),
    unit,
  });
  /** Both figures of a rate. */
  const both = (what: string, who: string, pick: (round: Round) => Rate): readonly [Row, Row] => [
    row(what, who, (round) => pick(round).perSecond, "1/s"),
    row("CPU for each", who, (round) => pick(round).cpu, "us"),
  ];
  const aiming = (
    least: number,
    of: string,
    pick: (round: Round) => number,
    [rate, cpu]: readonly [Row, Row],
  ) => {
    const ratio = spreadOf(rounds.map(pick)).median;
    return [
      { ...rate, aim: { text: `at least ${least} of ${of}, is ${ratio.toFixed(2)}`, met: ratio >= least } },
      cpu,
    ];
  };
  const ofAll = spreadOf(rounds.map((round) => round.verifyAll.cpu / round.batches.cpu)).median;
  return {
    title: "audit log: durable events",
    rows: [
      ...both("syncs of the disk", "fdatasync", (round) => round.sync),
      ...both("commits of one row", "bare SQLite", (round) => round.insert),
      ...both("signatures verified, one core", "node:crypto", (round) => round.verify),
      ...both("signatures verified, all cores", "node:crypto", (round) => round.verifyAll),
      ...aiming(
        0.9,
        "bare SQLite",
        (round) => round.stored.perSecond / round.insert.perSecond,
        both("the relay's own events, one after another", "quietroom", (round) => round.stored),
      ),
      ...both("one client, one signed event at a time", "quietroom", (round) => round.single),
      ...both(`${CLIENTS} clients, one event at a time`, "quietroom", (round) => round.clients),
      row(
        `events that share a commit, ${CLIENTS} clients`,
        "quietroom",
        (round) => round.perCommit,
        "events",
      ),
      ...aiming(
        0.85,
        "one core's signatures",
        (round) => round.batches.perSecond / round.verify.perSecond,
        both(`${CLIENTS} clients, ${BATCH} events at a time`, "quietroom", (round) => round.batches),
      ),
    ],
    notes: [
      "In the relay's process, without HTTP: events signed beforehand are examined, judged, committed with full sync, and answered with a proof and a checkpoint.",
      "The relay's own event is signed, committed in one transaction with leaf, nodes, key and signed checkpoint, and awaited before the next.",
      `Of the CPU that full ingest takes, ${Math.round(ofAll * 100)}% is the verification of signatures.`,
    ],
  };
}

function millionSection(): Promise<Section> {
  return withScope(async (scope) => {
    const empty = await memoryOf(scope, temporaryFolder(scope));
    const dataDir = temporaryFolder(scope);
    await writeLog(dataDir, MILLION);
    const { log } = await openTestLog(scope, { dataDir });
    const cold = await latencies(() => log.inclusion(randomInt(MILLION), MILLION));
    const consistency = await latencies(() => log.consistency(1 + randomInt(MILLION - 1), MILLION));
    await log.close();
    const full = await memoryOf(scope, dataDir);
    const many = { points: 1_000_000, seconds: 60 };
    const relay = await spawnRelay(scope, {
      dataDir,
      limits: { proofsPerAddress: many, requestsPerAddress: many },
    });
    const http = await latencies(() =>
      call(relay, "GET", `/api/log/inclusion/${randomInt(MILLION)}/${MILLION}`),
    );
    await relay.stop();
    const row = (what: string, values: readonly number[], unit: string): Row => ({
      what,
      who: "quietroom",
      value: spreadOf(values),
      unit,
    });
    return {
      title: "audit log: at 1,000,000 events",
      rows: [
        row("inclusion proof of a random event, p50", [percentile(cold, 50)], "us"),
        row("inclusion proof of a random event, p99", [percentile(cold, 99)], "us"),
        row("consistency proof from a random size, p50", [percentile(consistency, 50)], "us"),
        row("consistency proof from a random size, p99", [percentile(consistency, 99)], "us"),
        row("inclusion proof over HTTP, p50", [percentile(http, 50)], "us"),
        row("inclusion proof over HTTP, p99", [percentile(http, 99)], "us"),
        row("relay's heap, empty log", [empty.heap / 1e6], "MB"),
        row("relay's heap, a million events", [full.heap / 1e6], "MB"),
        row("relay's memory, empty log", [empty.rss / 1e6], "MB"),
        row("relay's memory, a million events", [full.rss / 1e6], "MB"),
        row("start of the relay, empty log", [empty.start], "ms"),
        row("start of the relay, a million events", [full.start], "ms"),
      ],
      notes: [`${PROOFS} proofs each, of random events and sizes; the file is in the system's cache.`],
    };
  });
}

async function memoryOf(scope: Scope, dataDir: string) {
  const begin = performance.now();
  const relay = await spawnRelay(scope, { dataDir });
  const start = performance.now() - begin;
  const { heap, rss } = await relay.sample(true);
  await relay.stop();
  return { heap, rss, start };
}

/** Microseconds of each, sorted. */
async function latencies(once: () => Promise<unknown>): Promise<readonly number[]> {
  const found: number[] = [];
  for (let count = 0; count < PROOFS; count++) {
    const begin = performance.now();
    await once();
    found.push((performance.now() - begin) * 1_000);
  }
  return found.sort((a, b) => a - b);
}

function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}
