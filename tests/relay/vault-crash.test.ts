/** The relay may die while a vault is written: what was answered is there, once. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { NewRow } from "../../relay/wire/vault.ts";
import { spawnRelay, temporaryFolder } from "../support/relay.ts";
import { hostWithCookie, signIn, type TestHost } from "../support/relay-client.ts";
import { id, random, readAll, write } from "./support/vault.ts";

suite("kill -9 while a vault is written", () => {
  test("loses no row that was answered, halves no request, and doubles nothing that is sent again", async (t) => {
    const dataDir = temporaryFolder(t);
    let relay = await spawnRelay(t, { dataDir });
    const { cookie } = await signIn(relay);
    const answered = new Map<string, { version: number; sealed: string }>();
    for (let round = 0; round < 3; round++) {
      const running = relay;
      const enough = answered.size + 40;
      const killed = Promise.withResolvers<void>();
      const onAnswered = () => {
        if (answered.size >= enough) running.kill().then(killed.resolve, killed.reject);
      };
      const writers = Array.from({ length: 4 }, (_, index) =>
        untilItDies(hostWithCookie(running, cookie), `${round}-${index}`, answered, onAnswered),
      );
      await killed.promise;
      const unanswered = await Promise.all(writers);
      relay = await spawnRelay(t, { dataDir, port: relay.port });
      await assertKept(hostWithCookie(relay, cookie), answered, unanswered);
    }
  });
});

/** Writes three new rows a request, and notes what was answered. @returns the rows that no answer came for */
async function untilItDies(
  host: TestHost,
  writer: string,
  answered: Map<string, { version: number; sealed: string }>,
  onAnswered: () => void,
): Promise<NewRow[]> {
  for (let request = 0; ; request++) {
    const rows = [0, 1, 2].map((index) => ({
      id: id(`${writer}-${request}-${index}`),
      base: 0,
      sealed: random(2_000),
    }));
    try {
      const results = await write(host, ...rows);
      for (const [index, result] of results.entries()) {
        assert.ok(result.outcome === "stored");
        answered.set(result.id, { version: result.version, sealed: rows[index]?.sealed ?? "" });
      }
      onAnswered();
    } catch (error) {
      // fetch's own failure, because nobody is there any more; a refusal would be an assertion's.
      assert.ok(error instanceof TypeError, String(error));
      return rows;
    }
  }
}

async function assertKept(
  host: TestHost,
  answered: Map<string, { version: number; sealed: string }>,
  unanswered: readonly NewRow[][],
): Promise<void> {
  const { rows } = await readAll(host);
  const kept = new Map(rows.map((row) => [row.id, row]));
  assert.equal(kept.size, rows.length, "no row twice");
  assert.equal(new Set(rows.map(({ version }) => version)).size, rows.length, "no version twice");
  for (const [key, row] of answered) assert.deepEqual(kept.get(key), { id: key, ...row });
  const inFlight = new Set<string>();
  for (const request of unanswered) {
    const there = request.filter((row) => kept.has(row.id)).length;
    assert.ok(there === 0 || there === request.length, `${there} of one request's rows`);
    for (const row of request) inFlight.add(row.id);
  }
  for (const key of kept.keys())
    assert.ok(answered.has(key) || inFlight.has(key), "nothing that nobody wrote");

  for (const request of unanswered) {
    const results = await write(host, ...request);
    for (const [index, result] of results.entries()) {
      assert.ok(result.outcome === "stored");
      const before = kept.get(result.id);
      if (before) assert.equal(result.version, before.version, "sent again, and stored once");
      answered.set(result.id, { version: result.version, sealed: request[index]?.sealed ?? "" });
    }
  }
}
