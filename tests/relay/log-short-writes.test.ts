/**
 * Writes that the system cuts short: the size that files of the relay's process may have is bounded while it runs, so the
 * write that crosses the bound is a short one, and the next an error.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import * as v from "valibot";
import { Account } from "../../relay/wire/accounts.ts";
import { Receipts } from "../../relay/wire/audit.ts";
import { spawnRelay, temporaryFolder } from "../support/relay.ts";
import { call, hostWithCookie, signIn } from "../support/relay-client.ts";
import { staffSpeaker } from "../support/speaker.ts";

/** The soft limit alone, which its owner may raise again. */
const bound = (pid: number, bytes: number | "unlimited") =>
  spawnSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]).status === 0;
const HAS_PRLIMIT = spawnSync("prlimit", ["--version"]).status === 0;

test("a write cut short fails closed with a message, loses nothing, and is gone on from", {
  skip: HAS_PRLIMIT ? false : "needs prlimit (Linux, util-linux)",
}, async (t) => {
  const dataDir = temporaryFolder(t);
  const limits = { auditRetryMs: 0, eventsPerAccount: { points: 10_000, seconds: 60 } };
  const relay = await spawnRelay(t, { dataDir, limits });
  const host = await signIn(relay);
  const speaker = staffSpeaker(v.parse(Account, (await host.get("/api/account")).json).id);
  const receipted = new Map<string, number>();

  /** @returns the answer's status */
  async function say(text: string, by = host): Promise<number> {
    const { status, json, text: body } = await by.post("/api/log/events", { events: [text] });
    if (status === 503) assert.match(body, /LOG-UNAVAILABLE/);
    if (status !== 200) return status;
    const [receipt] = v.parse(Receipts, json).receipts;
    assert.ok(receipt?.outcome === "taken", JSON.stringify(receipt));
    assert.equal(receipted.get(text) ?? receipt.index, receipt.index);
    receipted.set(text, receipt.index);
    return status;
  }

  assert.equal(await say(await speaker.say()), 200);
  // Not a multiple of anything that SQLite writes.
  assert.ok(bound(relay.process.pid ?? 0, 1_000_003));
  let text = await speaker.say();
  while ((await say(text)) === 200) {
    text = await speaker.say();
    assert.ok(receipted.size < 500, "no write ever crossed the bound");
  }
  for (const _ of [1, 2]) assert.equal(await say(text), 503);
  assert.equal((await call(relay, "GET", "/api/log")).status, 200);
  assert.equal(relay.output().match(/audit-log-unavailable/g)?.length, 1);
  assert.match(relay.output(), /"todo":"The disk of DATA_DIR/);

  assert.ok(bound(relay.process.pid ?? 0, "unlimited"));
  assert.equal(await say(text), 200);
  assert.equal(await say(await speaker.say()), 200);
  await relay.kill();
  const again = await spawnRelay(t, { dataDir, port: relay.port, limits });
  const back = hostWithCookie(again, host.cookie);
  for (const known of [...receipted.keys()].slice(-20)) assert.equal(await say(known, back), 200);
});
