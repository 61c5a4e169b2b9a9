/** Events that wait together share a commit, and every receipt proves what it says against every later checkpoint. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import type { Sender } from "../../relay/audit/judge.ts";
import { Refusal } from "../../relay/refusal.ts";
import { temporaryFolder } from "../support/relay.ts";
import { id, staffSpeaker } from "../support/speaker.ts";
import { codes, continues, isProven, open, openSession, openTestLog } from "./support/log.ts";

suite("a commit of the log", () => {
  test("is shared by all who wait for one", async (t) => {
    const { log } = await openTestLog(t);
    const people = Array.from({ length: 50 }, () => id());
    const speakers = people.map(staffSpeaker);
    const say = async () => {
      const texts = await Promise.all(speakers.map((speaker) => speaker.say()));
      const before = log.counters.commits;
      const answers = await Promise.all(
        texts.map((text, at) => log.append([text], { signer: "staff", account: people[at] ?? "" })),
      );
      return { texts, answers, commits: log.counters.commits - before };
    };
    await say();
    const { texts, answers, commits } = await say();
    assert.ok(commits <= 25, `${commits} commits for 50 events`);
    const { key } = log.describe();
    for (const [at, text] of texts.entries()) {
      const answer = answers[at] ?? assert.fail();
      assert.ok(await isProven(key, answer, answer.receipts[0], text));
      const proof = await log.consistency((await open(answer.checkpoint, key)).size, log.size());
      assert.ok(await continues(key, answer.checkpoint, log.describe().checkpoint, proof));
    }
  });

  test("is one for what comes one after another, however fast", async (t) => {
    const { log } = await openTestLog(t);
    for (let count = 1; count <= 50; count++) {
      await openSession(log, id(), id());
      assert.deepEqual([log.size(), log.counters.commits], [1 + count, 1 + count]);
    }
  });

  test("is none when everything is refused or there already", async (t) => {
    const { log } = await openTestLog(t);
    const her = id();
    const sender: Sender = { signer: "staff", account: her };
    const text = await staffSpeaker(her).say();
    await log.append([text], sender);
    const { commits } = log.counters;
    assert.deepEqual(codes(await log.append([text, "x"], sender)), ["taken", "AUDIT-MALFORMED"]);
    assert.equal(log.counters.commits, commits);
  });

  test("waits for no more than so many events", async (t) => {
    const { log } = await openTestLog(t, { limits: { auditQueue: 3 } });
    const asked = await Promise.allSettled([1, 2, 3, 4].map(() => openSession(log, id(), id())));
    assert.deepEqual(
      asked.map((each) => each.status === "fulfilled" || (each.reason as Refusal).code),
      [true, true, true, "RATE-LIMITED"],
    );
    await openSession(log, id(), id());
  });

  test("is found again after a restart, and nothing comes after the end", async (t) => {
    const dataDir = temporaryFolder(t);
    const first = await openTestLog(t, { dataDir });
    const her = id();
    const speaker = staffSpeaker(her);
    const sender: Sender = { signer: "staff", account: her };
    const text = await speaker.say();
    await first.log.append([text], sender);
    const before = first.log.describe();
    await first.log.close();
    await assert.rejects(openSession(first.log, her, id()), new Refusal("LOG-UNAVAILABLE"));
    const { log } = await openTestLog(t, { dataDir });
    assert.deepEqual(log.describe(), before);
    assert.deepEqual(codes(await log.append([text, await speaker.say()], sender)), ["taken", "taken"]);
    const proof = await log.consistency(log.size() - 1, log.size());
    assert.ok(await continues(before.key, before.checkpoint, log.describe().checkpoint, proof));
  });

  test("goes on top of what another writer has added", async (t) => {
    const dataDir = temporaryFolder(t);
    const one = await openTestLog(t, { dataDir });
    const other = await openTestLog(t, { dataDir });
    for (const { log } of [one, other, one, other]) {
      const before = log.describe().checkpoint;
      await openSession(log, id(), id());
      const { key, checkpoint } = log.describe();
      const { size } = await open(before, key);
      assert.ok(await continues(key, before, checkpoint, await log.consistency(size, log.size())));
    }
    assert.equal(other.log.size(), 5);
    const rows = one.database.prepare("SELECT count(DISTINCT idx) AS rows FROM log_entries").get();
    assert.deepEqual({ ...rows }, { rows: 5 });
  });
});

suite("proofs", () => {
  test("of inclusion and of consistency hold for every index and every two sizes", async (t) => {
    const { log } = await openTestLog(t);
    const her = id();
    const sender: Sender = { signer: "staff", account: her };
    const speaker = staffSpeaker(her);
    const { key } = log.describe();
    const notes = new Map([[1, log.describe().checkpoint]]);
    const texts = new Map<number, { text: string; received: number }>();
    for (let count = 0; count < 40; count++) {
      const text = await speaker.say();
      const { receipts, checkpoint } = await log.append([text], sender);
      const [receipt] = receipts;
      assert.ok(receipt?.outcome === "taken");
      texts.set(receipt.index, { text, received: receipt.received });
      notes.set(log.size(), checkpoint);
    }
    const sizes = [...notes.keys()];
    for (const first of sizes)
      for (const second of sizes.filter((size) => size >= first)) {
        const proof = await log.consistency(first, second);
        const [earlier = "", later = ""] = [notes.get(first), notes.get(second)];
        assert.ok(await continues(key, earlier, later, proof), `${first} ${second}`);
      }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...texts.keys()), fc.constantFrom(...sizes), async (index, size) => {
        const entry = texts.get(index) ?? assert.fail();
        if (index >= size) {
          await assert.rejects(log.inclusion(index, size), new Refusal("REQUEST-INVALID"));
          return;
        }
        const proof = [...(await log.inclusion(index, size))];
        const receipt = { outcome: "taken", index, received: entry.received, proof } as const;
        const checkpoint = notes.get(size) ?? "";
        assert.ok(await isProven(key, { checkpoint }, receipt, entry.text));
        const late = { ...receipt, received: entry.received + 1 };
        assert.ok(!(await isProven(key, { checkpoint }, late, entry.text)), "the time is part of it");
      }),
      { numRuns: 200 },
    );
    await assert.rejects(log.inclusion(0, log.size() + 1), new Refusal("LOG-UNKNOWN"));
    await assert.rejects(log.consistency(1, log.size() + 1), new Refusal("LOG-UNKNOWN"));
    await assert.rejects(log.consistency(2, 1), new Refusal("REQUEST-INVALID"));
    assert.deepEqual(await log.consistency(0, 5), []);
  });
});
