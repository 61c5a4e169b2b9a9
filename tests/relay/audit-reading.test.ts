/** Auditors read the log: what a search finds, page by page, and what an export is worth to who trusts nobody. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import * as fc from "fast-check";
import * as v from "valibot";
import { parseEvent } from "../../crypto/audit/event.ts";
import { parseExportHeader, parseExportLine } from "../../crypto/audit/export.ts";
import { sendChunks } from "../../relay/audit/reading-routes.ts";
import { Account } from "../../relay/wire/accounts.ts";
import { Actors, Counts, type Filter, Found, Log, Reviews, type Row } from "../../relay/wire/audit.ts";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import { verifyExport } from "../../scripts/audit/verify-export.ts";
import { isMatch } from "../contract/audit-reading.ts";
import { type InProcessOptions, startTestRelay } from "../support/relay.ts";
import { join, signIn, type TestHost } from "../support/relay-client.ts";
import { addColleague } from "../support/staff.ts";
import { SOME_DETAILS, staffPen } from "../support/staff-events.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

async function setUp(t: TestContext, options: InProcessOptions = {}) {
  const clock = { now: Date.UTC(2026, 10, 26, 12) };
  const relay = await startTestRelay(t, { now: () => clock.now, ...options });
  let current = await signIn(relay);
  const host: Reader = {
    get: (path) => current.get(path),
    post: (path, body) => current.post(path, body),
  };
  const { id } = v.parse(Account, (await host.get("/api/account")).json);
  /** Nobody stays signed in for days. */
  async function sleepUntil(time: number): Promise<void> {
    clock.now = time;
    current = await signIn(relay);
  }
  return { clock, relay, host, first: current, id, pen: staffPen(host, id, () => clock.now), sleepUntil };
}

type Reader = Pick<TestHost, "get" | "post">;

async function search(host: Reader, filter: Filter, before: number | null, most: number) {
  const { status, text, json } = await host.post("/api/audit/search", { filter, before, most });
  assert.equal(status, 200, text);
  return v.parse(Found, json);
}

/** All pages of a search, newest first. @param between is run after each page */
async function searchAll(host: Reader, filter: Filter, most: number, between = async () => {}) {
  const rows: Row[] = [];
  const totals = new Set<number | null>();
  for (let more = true; more; ) {
    const found = await search(host, filter, rows.at(-1)?.index ?? null, most);
    rows.push(...found.rows);
    totals.add(found.total);
    more = found.more;
    await between();
  }
  return { rows, totals };
}

async function exported(host: Reader, path: string): Promise<string> {
  const { status, text } = await host.get(path);
  assert.equal(status, 200, text);
  return text;
}

const wholeLog = async (host: Reader) => {
  const size = (await search(host, {}, null, 1)).total ?? assert.fail();
  return exported(host, `/api/audit/export/0/${size}`);
};

const verdictOn = (text: string, logKey: string | null = null) =>
  verifyExport(
    (async function* () {
      yield Buffer.from(text);
    })(),
    { logKey, older: null },
  );

/** Sessions, failures, several people and days: something for each filter. */
async function fill(t: TestContext) {
  const place = await setUp(t);
  const { clock, relay, first, pen, id } = place;
  const colleague = await addColleague(relay, first, ["practitioner"], "Dr. Colleague");
  const second = staffPen(colleague.host, colleague.id, () => clock.now);
  const sessions: string[] = [];
  for (let day = 0; day < 6; day++) {
    clock.now += MINUTE / 3;
    const invite = await first.makeInvite({ notBefore: clock.now, expires: clock.now + DAY });
    const { session } = await join(relay, invite);
    sessions.push(session);
    await pen.say({ action: "admit", session, details: SOME_DETAILS });
    await pen.say({ action: "words.compared", session, outcome: day % 2 === 0 ? "success" : "failure" });
    await second.say({ action: "vault.unlocked", outcome: day % 3 === 0 ? "failure" : "success" });
  }
  return { ...place, colleague, sessions, accounts: [id, colleague.id] };
}

suite("a search", () => {
  test("finds what its filter says, newest first, on pages of any length", async (t) => {
    const { host, clock, sessions, accounts } = await fill(t);
    const lines = (await wholeLog(host)).trimEnd().split("\n").slice(1, -1).map(parseExportLine);
    const all = lines.map(({ index, received, body }) => {
      const text = "event" in body ? body.event : assert.fail();
      return { index, received, text, ...parseEvent(text).event };
    });
    const times = fc.integer({ min: clock.now - 3 * MINUTE, max: clock.now + 1 });
    const filters = fc.record(
      {
        account: fc.constantFrom(...accounts, "A".repeat(22)),
        session: fc.constantFrom(...sessions),
        actions: fc.uniqueArray(fc.constantFrom(...all.map(({ action }) => action), "no.such"), {
          minLength: 1,
        }),
        outcome: fc.constantFrom("success", "failure"),
        from: times,
        until: times,
      },
      { requiredKeys: [] },
    ) satisfies fc.Arbitrary<Filter>;
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 20 }), async (filter, most) => {
        const expected = all.filter((each) => isMatch(each, filter)).toReversed();
        const { rows, totals } = await searchAll(host, filter, most);
        assert.deepEqual(
          rows.map(({ index, event }) => [index, event]),
          expected.map(({ index, text }) => [index, text]),
        );
        assert.deepEqual(totals, new Set([expected.length]));
      }),
      { numRuns: 60 },
    );
  });

  test("neither skips nor repeats while events are added", async (t) => {
    const { host, pen } = await setUp(t);
    const before = [];
    for (let count = 0; count < 12; count++) before.push(await pen.say({ action: "vault.unlocked" }));
    const filter: Filter = { actions: ["vault.unlocked"] };
    const { rows } = await searchAll(host, filter, 5, async () => {
      await pen.say({ action: "vault.unlocked" });
    });
    assert.deepEqual(
      rows.map(({ index }) => index),
      before.toReversed(),
    );
  });

  test("counts what came since it was counted", async (t) => {
    const { host, pen } = await setUp(t);
    const filter: Filter = { actions: ["vault.unlocked"], outcome: "success" };
    for (let count = 0; count < 3; count++) {
      assert.equal((await search(host, filter, null, 10)).total, count);
      await pen.say({ action: "vault.unlocked" });
    }
  });
});

suite("around the events", () => {
  test("days have their counts, where they begin for who asks", async (t) => {
    const { host, pen, sleepUntil } = await setUp(t);
    const filter: Filter = { actions: ["vault.unlocked"] };
    const days = async (zone: number) => {
      const { status, text, json } = await host.post("/api/audit/activity", { filter, zone });
      assert.equal(status, 200, text);
      return v.parse(Counts, json).days.map(({ day, success, failure }) => [day, success, failure]);
    };
    assert.deepEqual(await days(0), []);
    const midnight = Date.UTC(2026, 10, 27);
    await sleepUntil(midnight - 1);
    await pen.say({ action: "vault.unlocked" });
    await sleepUntil(midnight + 60 * MINUTE);
    await pen.say({ action: "vault.unlocked", outcome: "failure" });
    await pen.say({ action: "vault.unlocked" });
    assert.deepEqual(await days(0), [
      [midnight - DAY, 1, 0],
      [midnight, 1, 1],
    ]);
    // New York has not begun the day yet; Kolkata began it long ago.
    assert.deepEqual(await days(-300), [[midnight - DAY + 300 * MINUTE, 2, 1]]);
    assert.deepEqual(await days(330), [[midnight - 330 * MINUTE, 2, 1]]);
  });

  test("keys are named in the order in which they spoke first", async (t) => {
    const { host, id, accounts, sessions } = await fill(t);
    assert.ok(sessions.length > 0);
    const read = async (after: number) =>
      v.parse(Actors, (await host.get(`/api/audit/actors/${after}`)).json);
    const { actors, more } = await read(0);
    assert.equal(more, false);
    assert.deepEqual(
      actors.map(({ signer, account, name }) => [signer, account, name]),
      [
        ["relay", null, null],
        ["staff", id, "Dr. Okafor"],
        ["staff", accounts[1], "Dr. Colleague"],
      ],
    );
    assert.deepEqual((await read(actors[0]?.number ?? 0)).actors, actors.slice(1));
  });

  test("a review is due so many days after the last, or after the log was opened", async (t) => {
    const { host, pen, clock, sleepUntil } = await setUp(t);
    const read = async () => v.parse(Reviews, (await host.get("/api/audit/reviews")).json);
    const opened = clock.now;
    assert.deepEqual(await read(), { reviews: [], due: opened + 90 * DAY, now: opened });
    await sleepUntil(opened + 5 * DAY);
    const index = await pen.say({ action: "log.reviewed", details: SOME_DETAILS });
    const { reviews, due, now } = await read();
    assert.deepEqual([reviews.map((row) => row.index), due, now], [[index], clock.now + 90 * DAY, clock.now]);
    assert.equal((await host.post("/api/policy", { ...DEFAULT_POLICY, reviewDays: 7 })).status, 200);
    assert.equal((await read()).due, clock.now + 7 * DAY);
  });
});

suite("an export", () => {
  test("of all of the log holds, at any size that it had", async (t) => {
    const { host } = await fill(t);
    const { key } = v.parse(Log, (await host.get("/api/log")).json);
    const size = (await search(host, {}, null, 1)).total ?? 0;
    for (const second of [1, 2, 7, 8, size - 1, size]) {
      const text = await exported(host, `/api/audit/export/0/${second}`);
      const { holds, scope, events, checkpoint, keyKnown, found } = await verdictOn(text, key);
      assert.deepEqual(
        { holds, scope, events, size: checkpoint?.size, keyKnown, found },
        { holds: true, scope: "whole", events: second, size: second, keyKnown: true, found: 0 },
      );
    }
  });

  test("of a part, and of one session with the keys that spoke in it, is proven line by line", async (t) => {
    const { host, sessions } = await fill(t);
    const range = await verdictOn(await exported(host, "/api/audit/export/3/17"));
    assert.deepEqual([range.holds, range.scope, range.events], [true, "range", 14]);
    const text = await exported(host, `/api/audit/session/${sessions[2]}`);
    const { holds, scope, events, header, unchecked } = await verdictOn(text);
    assert.deepEqual([holds, scope, header?.session], [true, "session", sessions[2]]);
    const named = text.trimEnd().split("\n").slice(1, -1).map(parseExportLine);
    const actions = named.map(({ body }) => "event" in body && parseEvent(body.event).event.action);
    assert.deepEqual(actions, ["log.key-added", "invite.opened", "admit", "words.compared"]);
    assert.deepEqual([events, unchecked.keys], [4, 0]);
  });

  test("begins with the newest checkpoint, though the log grows meanwhile", async (t) => {
    const { host, pen } = await setUp(t);
    const size = (await search(host, {}, null, 1)).total ?? 0;
    await pen.say({ action: "vault.unlocked" });
    const header = parseExportHeader(
      (await exported(host, `/api/audit/export/0/${size}`)).split("\n")[0] ?? "",
    );
    assert.match(header.checkpoint, new RegExp(`^quietroom\\.log/[\\w-]{22}\\n${size}\\n`));
  });

  test("of what there is not is refused", async (t) => {
    const { host } = await setUp(t);
    const size = (await search(host, {}, null, 1)).total ?? 0;
    for (const [path, status, code] of [
      [`/api/audit/export/0/${size + 1}`, 404, "LOG-UNKNOWN"],
      ["/api/audit/export/1/1", 400, "REQUEST-INVALID"],
      ["/api/audit/export/2/1", 400, "REQUEST-INVALID"],
      ["/api/audit/export/0/x", 400, "REQUEST-INVALID"],
      [`/api/audit/session/${"A".repeat(22)}`, 404, "NOT-FOUND"],
      ["/api/audit/session/x", 404, "NOT-FOUND"],
    ] as const) {
      const answer = await host.get(path);
      assert.deepEqual([answer.status, answer.json], [status, { error: { code } }], path);
    }
  });

  test("waits for its reader, and ends when there is none any more", async (t) => {
    let made = 0;
    const ended = Promise.withResolvers<void>();
    async function* endless() {
      try {
        for (; ; made++) yield "x".repeat(100_000);
      } finally {
        ended.resolve();
      }
    }
    const sent = Promise.withResolvers<void>();
    const server = createServer((_request, response) => {
      sendChunks(response, endless()).then(sent.resolve, sent.reject);
    });
    t.after(() => server.close());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const reader = connect(address.port, "127.0.0.1");
    reader.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    reader.pause();
    // Until the kernel takes no more: from then on nothing is made however often it has its turn.
    for (let before = -1, still = 0; still < 200; before = made) {
      await turn();
      still = made === before && made > 0 ? still + 1 : 0;
    }
    assert.ok(made < 500, `${made} chunks for nobody`);
    reader.destroy();
    await ended.promise;
    await sent.promise;
  });
});
