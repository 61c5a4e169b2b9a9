/** The sealed copy of a vault over HTTP: what one device wrote another finds, whoever else writes meanwhile. */
import assert from "node:assert/strict";
import { join as pathOf } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { DATABASE_FILE } from "../../relay/storage/sqlite/database.ts";
import { FRESH_MS } from "../../relay/wire/accounts.ts";
import { CLOSE } from "../../relay/wire/frames.ts";
import { Invites } from "../../relay/wire/requests.ts";
import {
  MAX_BATCH_BYTES,
  MAX_BATCH_ROWS,
  MAX_KEYS_BYTES,
  MAX_ROW_BYTES,
  MAX_VAULT_BODY_BYTES,
  type NewRow,
  type VaultRow,
} from "../../relay/wire/vault.ts";
import { type InProcessOptions, startTestRelay } from "../support/relay.ts";
import { call, join, signIn } from "../support/relay-client.ts";
import { addColleague, firstAdminsAuthenticator, touch } from "../support/staff.ts";
import { id, random, read, readAll, write } from "./support/vault.ts";

async function setUp(t: TestContext, options: InProcessOptions = {}) {
  const relay = await startTestRelay(t, options);
  return { relay, host: await signIn(relay) };
}

const refused = (code: string, status: number) => ({ status, json: { error: { code } } });

async function outcome(answer: Promise<{ status: number; json: unknown }>) {
  const { status, json } = await answer;
  return { status, json };
}

suite("the copy of a vault", () => {
  test("is empty at first", async (t) => {
    const { host } = await setUp(t);
    assert.deepEqual((await host.get("/api/vault/keys")).json, { version: 0, keys: null });
    assert.deepEqual(await read(host, 0), { rows: [], cursor: 0, more: false });
  });

  test("is on the second device what the first one wrote, in answers of a bounded size", async (t) => {
    const { relay, host } = await setUp(t);
    const written = new Map<string, string>();
    for (let batch = 0; batch < 5; batch++) {
      const rows = Array.from({ length: 8 }, (_, index) => {
        const row = { id: id(`${batch}-${index}`), base: 0, sealed: random(MAX_BATCH_BYTES / 8) };
        written.set(row.id, row.sealed);
        return row;
      });
      assert.ok((await write(host, ...rows)).every((result) => result.outcome === "stored"));
    }
    const small = Array.from({ length: MAX_BATCH_ROWS }, (_, index) => {
      const row = { id: id(`small ${index}`), base: 0, sealed: random(1) };
      written.set(row.id, row.sealed);
      return row;
    });
    await write(host, ...small);

    const { answers, rows } = await readAll(await signIn(relay));
    assert.deepEqual(new Map(rows.map((row) => [row.id, row.sealed])), written);
    assert.equal(rows.length, written.size, "each once");
    for (const answer of answers) {
      const bytes = answer.rows.reduce(
        (sum, { sealed }) => sum + Buffer.from(sealed ?? "", "base64url").length,
        0,
      );
      assert.ok(bytes <= MAX_BATCH_BYTES && answer.rows.length <= MAX_BATCH_ROWS);
    }
  });

  test("gives who comes second what is there, and stores the rest", async (t) => {
    const { host } = await setUp(t);
    await write(host, { id: id("a"), base: 0, sealed: "AAAA" });
    await write(host, { id: id("a"), base: 1, sealed: "BBBB" });
    const results = await write(
      host,
      { id: id("a"), base: 1, sealed: "CCCC" },
      { id: id("b"), base: 0, sealed: null },
    );
    assert.deepEqual(results, [
      { outcome: "behind", row: { id: id("a"), version: 2, sealed: "BBBB" } },
      { outcome: "stored", id: id("b"), version: 3 },
    ]);
    assert.deepEqual((await read(host, 2)).rows, [{ id: id("b"), version: 3, sealed: null }]);
  });

  test("loses nobody's change when many write the same row at once", async (t) => {
    const { host } = await setUp(t);
    const one = id("list");
    /** Puts its word into a list that the others write too. */
    async function add(word: string): Promise<void> {
      let seen: VaultRow = { id: one, version: 0, sealed: null };
      for (;;) {
        const words = Buffer.from(seen.sealed ?? "", "base64url").toString();
        const sealed = Buffer.from(`${words} ${word}`).toString("base64url");
        const [result] = await write(host, { id: one, base: seen.version, sealed });
        assert.ok(result);
        if (result.outcome === "stored") return;
        seen = result.row;
      }
    }
    const words = Array.from({ length: 12 }, (_, index) => `word${index}`);
    await Promise.all(words.map(add));
    const { rows } = await readAll(host);
    assert.equal(rows.length, 1);
    const kept = Buffer.from(rows[0]?.sealed ?? "", "base64url").toString();
    assert.deepEqual(kept.trim().split(" ").sort(), words.sort());
    assert.equal(rows[0]?.version, words.length);
  });

  test("takes a write that is sent again for the one that it is", async (t) => {
    const { host } = await setUp(t);
    const row = { id: id("a"), base: 0, sealed: "AAAA" };
    assert.deepEqual(await write(host, row), await write(host, row));
    assert.equal((await read(host, 0)).cursor, 1);
  });

  test("has keys that are replaced by who saw the last ones", async (t) => {
    const { host } = await setUp(t);
    const post = (base: number, keys: string) => outcome(host.post("/api/vault/keys", { base, keys }));
    assert.deepEqual(await post(0, "AAAA"), { status: 200, json: { version: 1 } });
    assert.deepEqual(await post(1, "BBBB"), { status: 200, json: { version: 2 } });
    assert.deepEqual(await post(1, "CCCC"), refused("VAULT-CONFLICT", 409));
    assert.deepEqual((await host.get("/api/vault/keys")).json, { version: 2, keys: "BBBB" });
  });

  test("has keys that nobody replaces without a touch, though rows go on being written", async (t) => {
    const clock = { now: Date.now() };
    const { relay, host } = await setUp(t, { now: () => clock.now });
    clock.now += FRESH_MS;
    const post = () => outcome(host.post("/api/vault/keys", { base: 0, keys: "AAAA" }));
    assert.deepEqual(await post(), refused("TOUCH-REQUIRED", 403));
    await write(host, { id: id("a"), base: 0, sealed: "AAAA" });
    assert.equal((await touch(relay, host, firstAdminsAuthenticator(relay))).status, 200);
    assert.equal((await post()).status, 200);
  });

  test("is forgotten with a touch, with her open invites and her other sign-ins; then it begins anew", async (t) => {
    const clock = { now: Date.now() };
    const { relay, host } = await setUp(t, { now: () => clock.now });
    const [revoked, used] = [await host.makeInvite({ use: "reusable" }), await host.makeInvite()];
    const waiting = await join(relay, revoked);
    await host.admit((await join(relay, used)).session);
    const socket = await waiting.connect(t);
    const colleague = await addColleague(relay, host, ["practitioner"]);
    const theirs = await colleague.host.makeInvite();
    const other = await signIn(relay);
    await write(host, { id: id("a"), base: 0, sealed: "AAAA" });
    await host.post("/api/vault/keys", { base: 0, keys: "AAAA" });

    clock.now += FRESH_MS;
    assert.deepEqual(await outcome(host.post("/api/vault/forget", {})), refused("TOUCH-REQUIRED", 403));
    assert.equal((await touch(relay, host, firstAdminsAuthenticator(relay))).status, 200);
    for (const _ of ["asked", "asked again"])
      assert.deepEqual(await outcome(host.post("/api/vault/forget", {})), { status: 200, json: {} });

    assert.equal(await socket.closed, CLOSE.ended);
    assert.deepEqual((await host.get("/api/vault/keys")).json, { version: 2, keys: null });
    assert.deepEqual(await read(host, 0), { rows: [], cursor: 0, more: false });
    assert.deepEqual(await outcome(other.get("/api/account")), refused("SIGN-IN-REQUIRED", 401));
    const { invites } = v.parse(Invites, (await host.get("/api/invites")).json);
    const states = new Map(invites.map(({ room, state }) => [room, state]));
    assert.deepEqual([states.get(revoked.room), states.get(used.room)], ["revoked", "used"]);
    await join(relay, theirs);
    const keys = (base: number) => outcome(host.post("/api/vault/keys", { base, keys: "BBBB" }));
    assert.deepEqual(await keys(1), refused("VAULT-CONFLICT", 409));
    assert.deepEqual(await keys(2), { status: 200, json: { version: 3 } });
  });

  test("is each person's own, whatever their roles, and goes with them", async (t) => {
    const { relay, host } = await setUp(t);
    const colleague = await addColleague(relay, host, ["practitioner"]);
    const row = { id: id("a"), base: 0 };
    await write(colleague.host, { ...row, sealed: "AAAA" });
    await colleague.host.post("/api/vault/keys", { base: 0, keys: "KKKK" });
    assert.deepEqual(await read(host, 0), { rows: [], cursor: 0, more: false });
    assert.deepEqual((await host.get("/api/vault/keys")).json, { version: 0, keys: null });
    await write(host, { ...row, sealed: "BBBB" });
    assert.deepEqual((await read(colleague.host, 0)).rows, [{ id: id("a"), version: 1, sealed: "AAAA" }]);

    const removed = await host.post(`/api/people/${colleague.id}/remove`);
    assert.equal(removed.status, 200, removed.text);
    assert.equal((await colleague.host.get("/api/vault/rows/0")).status, 401);
    assert.deepEqual(await stored(relay.dataDir), { vaults: 1, rows: 1 });
  });

  test("is not for strangers, whose bodies are not even read", async (t) => {
    const { relay } = await setUp(t);
    for (const path of ["/api/vault/keys", "/api/vault/rows/0"])
      assert.deepEqual(await outcome(call(relay, "GET", path)), refused("SIGN-IN-REQUIRED", 401));
    const body = { rows: [{ id: id("a"), base: 0, sealed: random(MAX_ROW_BYTES) }] };
    for (const raw of [JSON.stringify(body), "x".repeat(2 * MAX_VAULT_BODY_BYTES)])
      for (const path of ["/api/vault/rows", "/api/vault/keys"])
        assert.deepEqual(
          await outcome(call(relay, "POST", path, undefined, { raw })),
          refused("SIGN-IN-REQUIRED", 401),
        );
  });
});

/** How much is in the books, whoever it belongs to. */
async function stored(dataDir: string) {
  const database = new DatabaseSync(pathOf(dataDir, DATABASE_FILE));
  const count = (table: string) =>
    database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.["count"];
  const counted = { vaults: count("vaults"), rows: count("vault_rows") };
  database.close();
  return counted;
}

suite("the bounds of a vault", () => {
  test("hold for a row, a request and the keys", async (t) => {
    const { host } = await setUp(t);
    const rows = (...list: unknown[]) => outcome(host.post("/api/vault/rows", { rows: list }));
    const keys = (text: string) => outcome(host.post("/api/vault/keys", { base: 0, keys: text }));
    const row = (sealed: string | null, name = "a", base = 0) => ({ id: id(name), base, sealed });
    const invalid = refused("REQUEST-INVALID", 400);

    assert.equal((await rows(row(random(MAX_ROW_BYTES)))).status, 200);
    assert.deepEqual(await rows(row(random(MAX_ROW_BYTES + 1), "b")), invalid);
    const many = Array.from({ length: MAX_BATCH_ROWS + 1 }, (_, index) => row("AAAA", `${index}`));
    assert.deepEqual(await rows(...many), invalid);
    assert.equal((await rows(...many.slice(1))).status, 200);
    const heavy = Array.from({ length: 9 }, (_, index) => row(random(MAX_BATCH_BYTES / 8), `heavy ${index}`));
    assert.deepEqual(await rows(...heavy), invalid);
    assert.equal((await rows(...heavy.slice(1))).status, 200);
    assert.deepEqual(await rows(), invalid);

    assert.equal((await keys(random(MAX_KEYS_BYTES))).status, 200);
    assert.deepEqual(await keys(random(MAX_KEYS_BYTES + 1)), invalid);
    const endless = JSON.stringify({ rows: [row("A".repeat(MAX_VAULT_BODY_BYTES))] });
    const { status } = await host.post("/api/vault/rows", JSON.parse(endless));
    assert.equal(status, 413);
  });

  test("take canonical text alone, so that what is read is what was written", async (t) => {
    const { host } = await setUp(t);
    const bad = ["", "A", "AAAAA", "AB", "AAB", "AA==", "A+A/", "A A"];
    for (const sealed of bad) {
      const body = { rows: [{ id: id("a"), base: 0, sealed }] };
      assert.deepEqual(
        await outcome(host.post("/api/vault/rows", body)),
        refused("REQUEST-INVALID", 400),
        sealed,
      );
      const keys = { base: 0, keys: sealed };
      assert.deepEqual(
        await outcome(host.post("/api/vault/keys", keys)),
        refused("REQUEST-INVALID", 400),
        sealed,
      );
    }
    for (const sealed of ["AA", "AAA", "-_-_"])
      assert.equal((await write(host, { id: id(sealed), base: 0, sealed })).length, 1, sealed);
    for (const after of ["-1", "1.5", "01", "x", "9007199254740992", "%30", "1e3"])
      assert.equal((await host.get(`/api/vault/rows/${after}`)).status, after === "%30" ? 200 : 400, after);
  });

  test("refuse what would make it too large, whole, and let it shrink", async (t) => {
    const { host } = await setUp(t, { limits: { vaultRows: 3, vaultBytes: 100 } });
    const post = (...rows: NewRow[]) => outcome(host.post("/api/vault/rows", { rows }));
    const row = (name: string, base: number, bytes: number | null) => ({
      id: id(name),
      base,
      sealed: bytes === null ? null : random(bytes),
    });
    await write(host, row("a", 0, 60), row("b", 0, 40));
    assert.deepEqual(await post(row("c", 0, 1)), refused("VAULT-FULL", 409));
    assert.deepEqual(await post(row("a", 1, 50), row("c", 0, 30)), refused("VAULT-FULL", 409));
    assert.equal((await read(host, 0)).cursor, 2);
    assert.equal((await post(row("a", 1, null), row("c", 0, 60))).status, 200);
    assert.deepEqual(
      await post(row("d", 0, null)),
      refused("VAULT-FULL", 409),
      "rows that were deleted count",
    );
  });
});

test("neither ids nor contents of a vault come into the log", async (t) => {
  const { relay, host } = await setUp(t, { env: { LOG_LEVEL: "debug" } });
  const secret = random(24);
  const keys = random(24);
  await write(host, { id: id("a"), base: 0, sealed: secret });
  await host.post("/api/vault/keys", { base: 0, keys });
  await host.post("/api/vault/keys", { base: 7, keys: random(24) });
  await host.post("/api/vault/rows", { rows: [{ id: id("a"), base: 0, sealed: `${secret}=` }] });
  await host.get("/api/vault/rows/0");
  await host.get(`/api/vault/rows/${secret}`);
  await relay.logged('"route":"/api/vault/rows/:after"', 2);
  for (const text of [id("a"), secret, keys]) assert.equal(relay.logs().includes(text), false);
});
