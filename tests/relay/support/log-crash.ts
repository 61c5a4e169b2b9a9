/**
 * A relay that is killed again and again while people sign events. Each of them keeps what was not receipted and sends
 * it again, as a page's outbox does. At the end the log is read from the disk and held against everything that was ever
 * answered.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { append, EMPTY_RANGE, rootOf } from "../../../crypto/audit/merkle.ts";
import { adopt } from "../../../crypto/bytes.ts";
import { sha256, toText } from "../../../relay/audit/sha256.ts";
import { Account } from "../../../relay/wire/accounts.ts";
import { Log, Receipts } from "../../../relay/wire/audit.ts";
import { type Scope, type SpawnedRelay, spawnRelay, temporaryFolder } from "../../support/relay.ts";
import { call, hostWithCookie, signIn, type TestHost } from "../../support/relay-client.ts";
import { type Speaker, staffSpeaker } from "../../support/speaker.ts";
import { isProven, open } from "./log.ts";

const WRITERS = 6;
const MANY = { points: 1_000_000, seconds: 60 };
const LIMITS = { requestsPerAddress: MANY, eventsPerAccount: MANY, refreshesPerAddress: MANY };

/** One who signs, and what has become of it. */
interface Writer {
  readonly speaker: Speaker;
  /** In order; not receipted yet. */
  outbox: string[];
  said: number;
  readonly receipted: { readonly text: string; readonly index: number; readonly received: number }[];
}

/** What everybody was told. */
interface Told {
  key: string;
  /** Root of each size, base64url. */
  readonly roots: Map<number, string>;
}

export interface Survived {
  readonly kills: number;
  readonly receipted: number;
  /** Of those that were sent more than once, and were there already. */
  readonly found: number;
  readonly checkpoints: number;
}

export async function survive(scope: Scope, kills: number, tell: (round: number) => void): Promise<Survived> {
  const dataDir = temporaryFolder(scope);
  let relay = await spawnRelay(scope, { dataDir, limits: LIMITS });
  const { cookie, get } = await signIn(relay);
  const account = v.parse(Account, (await get("/api/account")).json).id;
  const writers = Array.from(
    { length: WRITERS },
    (): Writer => ({ speaker: staffSpeaker(account), outbox: [], said: 0, receipted: [] }),
  );
  const told: Told = { key: "", roots: new Map() };
  let found = 0;
  for (let round = 1; round <= kills; round++) {
    await note(told, v.parse(Log, (await call(relay, "GET", "/api/log")).json));
    const sizeBefore = Math.max(...told.roots.keys());
    const running = relay;
    const left = { receipts: randomInt(1, 60) };
    const gone = Promise.withResolvers<void>();
    const onReceipts = (count: number) => {
      left.receipts -= count;
      if (left.receipts <= 0) running.kill().then(gone.resolve, gone.reject);
    };
    const host = hostWithCookie(running, cookie);
    const work = writers.map((writer) =>
      writeUntilItDies(host, writer, told, onReceipts, (index) => {
        if (index < sizeBefore) found++;
      }),
    );
    await gone.promise;
    await Promise.all(work);
    relay = await spawnRelay(scope, { dataDir, port: running.port, limits: LIMITS });
    tell(round);
  }
  await settle(relay, cookie, writers, told);
  assert.equal(await relay.stop(), 0);
  assertKept(dataDir, writers, told);
  const receipted = writers.reduce((sum, writer) => sum + writer.receipted.length, 0);
  return { kills, receipted, found, checkpoints: told.roots.size };
}

/** Remembers a checkpoint. No size may have two roots. */
async function note(told: Told, { key, checkpoint }: Pick<Log, "key" | "checkpoint">): Promise<void> {
  if (told.key !== "") assert.equal(key, told.key, "the log is the same one");
  told.key = key;
  const { size, root } = await open(checkpoint, key);
  const before = told.roots.get(size);
  assert.ok(before === undefined || before === toText(root), `two roots of size ${size}`);
  told.roots.set(size, toText(root));
}

async function writeUntilItDies(
  host: TestHost,
  writer: Writer,
  told: Told,
  onReceipts: (count: number) => void,
  onPlace: (index: number) => void,
): Promise<void> {
  for (;;) {
    for (let more = randomInt(0, 4); more >= 0 && writer.outbox.length < 8; more--) {
      writer.outbox.push(await writer.speaker.say());
      writer.said++;
    }
    try {
      onReceipts(await send(host, writer, told, onPlace));
    } catch (error) {
      // fetch's own failure, because nobody is there any more.
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}

async function send(
  host: TestHost,
  writer: Writer,
  told: Told,
  onPlace: (index: number) => void,
): Promise<number> {
  const texts = [...writer.outbox];
  const { status, json, text } = await host.post("/api/log/events", { events: texts });
  assert.equal(status, 200, text);
  const answer = v.parse(Receipts, json);
  await note(told, { key: told.key, checkpoint: answer.checkpoint });
  for (const [at, receipt] of answer.receipts.entries()) {
    const event = texts[at] ?? assert.fail();
    assert.ok(receipt.outcome === "taken", JSON.stringify(receipt));
    assert.ok(await isProven(told.key, answer, receipt, event));
    onPlace(receipt.index);
    writer.receipted.push({ text: event, index: receipt.index, received: receipt.received });
  }
  writer.outbox = writer.outbox.slice(texts.length);
  return texts.length;
}

/** What is left is sent, and everything that was ever receipted is asked for again: the receipts are the same. */
async function settle(
  relay: SpawnedRelay,
  cookie: string,
  writers: readonly Writer[],
  told: Told,
): Promise<void> {
  const host = hostWithCookie(relay, cookie);
  for (const writer of writers) {
    if (writer.outbox.length > 0) await send(host, writer, told, () => {});
    const { receipted } = writer;
    for (let at = 0; at < receipted.length; at += 32) {
      const some = receipted.slice(at, at + 32);
      const events = some.map(({ text }) => text);
      const answer = v.parse(Receipts, (await host.post("/api/log/events", { events })).json);
      for (const [each, receipt] of answer.receipts.entries()) {
        assert.ok(receipt.outcome === "taken");
        const { index, received } = receipt;
        assert.deepEqual({ text: some[each]?.text, index, received }, some[each]);
      }
    }
  }
}

const Stored = v.object({ leaf: v.instance(Uint8Array), body: v.instance(Uint8Array), received: v.number() });

function assertKept(dataDir: string, writers: readonly Writer[], told: Told): void {
  const database = new DatabaseSync(join(dataDir, "quietroom.db"), { readOnly: true });
  const rows = database
    .prepare("SELECT leaf, body, received FROM log_entries ORDER BY idx")
    .all()
    .map((row) => v.parse(Stored, row));
  database.close();
  const bodies = rows.map(({ body }) => Buffer.from(body).toString("latin1"));
  assert.equal(new Set(bodies).size, bodies.length, "no event twice");
  for (const { said, receipted, speaker } of writers) {
    assert.equal(receipted.length, said, "everything was receipted in the end");
    for (const { text, index, received } of receipted) {
      assert.equal(bodies[index], text);
      assert.equal(rows[index]?.received, received);
    }
    const theirs = bodies.filter((body) => payloadOf(body).actor === speaker.key);
    assert.equal(theirs.length, said, "none is there that was not said");
  }
  assert.ok(
    rows.every(({ received }, at) => received >= (rows[at - 1]?.received ?? 0)),
    "times never go back",
  );
  // Every checkpoint that anybody was ever shown is of a beginning of this very log.
  let range = EMPTY_RANGE;
  let held = 0;
  for (const { leaf } of rows) {
    range = append(sha256, range, adopt(leaf));
    const root = told.roots.get(range.size);
    if (root === undefined) continue;
    assert.equal(toText(rootOf(sha256, range)), root, `the root of size ${range.size}`);
    held++;
  }
  assert.equal(held, told.roots.size, "no checkpoint was of a longer log");
}

const Payload = v.object({ actor: v.string() });

function payloadOf(text: string): v.InferOutput<typeof Payload> {
  return v.parse(Payload, JSON.parse(Buffer.from(text.split(".")[1] ?? "", "base64url").toString()));
}
