/** What people do is written down before it counts, reaches the log once, and leaves this device for a proof alone. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import fc from "fast-check";
import { newOutboxDisk, openMemoryOutbox } from "../../client/audit/memory-outbox.ts";
import { OutboxError } from "../../client/audit/outbox.ts";
import { ApiError } from "../../client/transport/api.ts";
import { openDetails } from "../../crypto/audit/details.ts";
import { eventHash, parseEvent } from "../../crypto/audit/event.ts";
import type { Happening } from "../../crypto/audit/registry.ts";
import { adopt, fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { logRelay, sha256 } from "./support/log-relay.ts";
import { sodium } from "./support/people.ts";
import { ADA, closeTrails, endingAfter, fullAfter, GUEST, newLocks, trailOn } from "./support/trail-page.ts";

afterEach(closeTrails);

const SESSION = "BBBBBBBBBBBBBBBBBBBBBA";
const admit: Happening = { action: "admit", outcome: "success", session: SESSION, details: { name: "Ada" } };
const words: Happening = { action: "words.compared", outcome: "success", session: SESSION };
const unlocked: Happening = { action: "vault.unlocked", outcome: "success", details: { way: "passkey" } };

const eventsOf = (texts: readonly string[]) => texts.map((text) => parseEvent(text).event);

test("an event is on the device when `record` resolves, in the log soon, and gone from here with its receipt", async () => {
  const relay = logRelay();
  relay.troubles.push("lost");
  const disk = newOutboxDisk();
  const trail = await trailOn(disk, relay);
  const written = trail.record(admit);
  await written;
  assert.equal(disk.queues.get(`staff:${ADA.account}`)?.length, 1);
  assert.equal(await trail.flush(5_000), true);
  assert.equal(disk.queues.get(`staff:${ADA.account}`)?.length, 0);
  const [event] = eventsOf(relay.events);
  assert.deepEqual(
    [event?.action, event?.account, event?.session, event?.seq, event?.prev, event?.details, event?.device],
    ["admit", ADA.account, SESSION, 0, null, null, "Firefox on Linux"],
  );
  assert.deepEqual(
    [trail.status.pending, trail.status.refused, trail.status.alarm, trail.status.storage],
    [0, 0, null, "device"],
  );
});

test("each event names the newest checkpoint that was verified, and follows the one before", async () => {
  const relay = logRelay();
  const trail = await trailOn(newOutboxDisk(), relay);
  await trail.record(unlocked);
  await trail.flush(5_000);
  await Promise.all([trail.record(admit), trail.record(words)]);
  await trail.flush(5_000);
  const [one, two, three] = eventsOf(relay.events);
  assert.equal(one?.checkpoint, null);
  assert.equal(two?.checkpoint?.size, 3);
  assert.equal(two?.checkpoint?.root, toBase64Url(relay.tree.root(3)));
  assert.deepEqual([two?.seq, three?.seq, three?.prev === two?.prev], [1, 2, false]);
});

test("details are sealed to the audit key that somebody vouched for; a guest's event has its session alone", async () => {
  const relay = logRelay();
  const privateKey = new Uint8Array(32).fill(7);
  const publicKey = adopt(sodium.crypto_scalarmult_base(privateKey));
  const trail = await trailOn(newOutboxDisk(), relay, { signatory: GUEST });
  await trail.record({ action: "knock", outcome: "success", details: { name: "Ada" } });
  await trail.trust({ log: relay.keys.verifier, audit: toBase64Url(publicKey) });
  await trail.record({ action: "knock", outcome: "success", details: { name: "Ada" } });
  await trail.flush(5_000);
  const [without, event] = eventsOf(relay.events);
  assert.equal(without?.details, null);
  assert.deepEqual([event?.account, event?.session], [null, SESSION]);
  const sealed = fromBase64Url(event?.details ?? "");
  assert.ok(sealed);
  assert.deepEqual(openDetails(sodium, { publicKey, privateKey }, "knock", sealed), { name: "Ada" });
});

test("a receipt that proves nothing takes nothing out, and is told when it comes again and again", async () => {
  const relay = logRelay();
  const trail = await trailOn(newOutboxDisk(), {
    ...relay,
    async send(texts) {
      const answer = await relay.send(texts);
      return {
        ...answer,
        receipts: answer.receipts.map((each) =>
          each.outcome === "taken" ? { ...each, received: each.received + 1 } : each,
        ),
      };
    },
  });
  await trail.record(admit);
  assert.equal(await trail.flush(200), false);
  assert.equal(trail.status.alarm?.code, "LOG-WITHHELD");
  // The alarm itself is an event.
  assert.equal(trail.status.pending, 2);
});

test("what the relay refuses is kept aside and shown, and what comes behind it is signed anew", async () => {
  const relay = logRelay();
  relay.refuses.set("admit", "AUDIT-RIGHT");
  const disk = newOutboxDisk();
  const trail = await trailOn(disk, relay);
  relay.troubles.push("lost");
  for (const happening of [unlocked, admit, words]) await trail.record(happening);
  assert.equal(await trail.flush(5_000), true);
  assert.deepEqual(
    eventsOf(relay.events).map(({ action, seq }) => [action, seq]),
    [
      ["vault.unlocked", 0],
      ["words.compared", 1],
    ],
  );
  assert.equal(trail.status.refused, 1);
  assert.equal(disk.refused.get(`staff:${ADA.account}`)?.[0]?.code, "AUDIT-RIGHT");
  await trail.record(unlocked);
  assert.equal(await trail.flush(5_000), true);
  assert.equal(relay.events.length, 3);
});

test("a log that has forgotten what it had proven raises the alarm; the events go on from where it stands", async () => {
  const first = logRelay();
  const disk = newOutboxDisk();
  const trail = await trailOn(disk, first);
  await trail.record(unlocked);
  await trail.flush(5_000);
  trail.close();
  // The same keys, and nothing of what was there.
  const second = logRelay(first.keys);
  const again = await trailOn(disk, second);
  await again.record(admit);
  await again.flush(300);
  assert.equal(again.status.alarm?.code, "LOG-SHRUNK");
  assert.ok(again.status.alarm.mine.includes("\n3\n"), "what was seen before");
  // Nothing is believed of it, and nothing lost, until somebody takes note.
  assert.ok(again.status.pending > 0);
  await again.acknowledge();
  assert.equal(await again.flush(5_000), true);
  const actions = eventsOf(second.events).map(({ action }) => action);
  assert.deepEqual(new Set(actions), new Set(["admit", "log.alarm"]));
});

test("where nothing can be kept, it is in memory, said so, and sent all the same", async () => {
  const relay = logRelay();
  const trail = await trailOn(() => Promise.reject(new OutboxError()), relay);
  assert.equal(trail.status.storage, "memory");
  await trail.record(admit);
  assert.equal(await trail.flush(5_000), true);
  assert.equal(relay.events.length, 1);
});

for (const writes of [0, 1, 2, 3, 4])
  test(`a disk that is full after ${writes} writes: everything is sent, in two chains if need be`, async () => {
    const relay = logRelay();
    const trail = await trailOn(async () => fullAfter(openMemoryOutbox(), writes), relay);
    for (const happening of [unlocked, admit, words]) await trail.record(happening);
    assert.equal(await trail.flush(5_000), true);
    assert.equal(trail.status.storage, "memory");
    assert.deepEqual(
      eventsOf(relay.events)
        .map(({ action }) => action)
        .sort(),
      ["admit", "vault.unlocked", "words.compared"],
    );
  });

test("a guest's key leaves nothing behind when it has said all, and everything while it has not", async () => {
  const relay = logRelay();
  const disk = newOutboxDisk();
  const trail = await trailOn(disk, relay, { signatory: GUEST });
  relay.troubles.push(...Array<"lost">(50).fill("lost"));
  await trail.record({ action: "knock", outcome: "success" });
  trail.finish();
  assert.equal(await trail.flush(20), false);
  assert.equal(disk.actors.size, 1);
  relay.troubles.length = 0;
  assert.equal(await trail.flush(5_000), true);
  assert.deepEqual([disk.actors.size, disk.queues.size, disk.watches.size], [0, 0, 0]);
});

test("a session that the relay has forgotten: its events are kept aside, not sent for ever", async () => {
  const relay = logRelay();
  const send = () => Promise.reject(new ApiError("SESSION-UNKNOWN"));
  const trail = await trailOn(newOutboxDisk(), { ...relay, send }, { signatory: GUEST });
  await trail.record({ action: "knock", outcome: "success" });
  assert.equal(await trail.flush(5_000), true);
  assert.deepEqual([trail.status.pending, trail.status.refused], [0, 1]);
});

test("a relay that took an event and says that it does not follow gets it no second time", async () => {
  const relay = logRelay();
  let lies = 1;
  const trail = await trailOn(newOutboxDisk(), {
    ...relay,
    async send(texts) {
      const answer = await relay.send(texts);
      if (lies-- <= 0) return answer;
      const head = { seq: relay.events.length, hash: eventHash(sha256, relay.events.at(-1) ?? "") };
      return {
        ...answer,
        receipts: texts.map(() => ({ outcome: "refused", code: "AUDIT-CHAIN", head })),
      };
    },
  });
  await trail.record(admit);
  assert.equal(await trail.flush(5_000), true);
  assert.equal(relay.events.length, 1);
  // It is there, and also aside: what the relay says of it does not fit together.
  assert.equal(trail.status.refused, 1);
});

// ---- whatever ends, and whenever ---------------------------------------------------------------------------------

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("record" as const), tab: fc.nat(1), what: fc.nat(2) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("crash" as const),
      after: fc.integer({ min: 1, max: 12 }),
      done: fc.boolean(),
      what: fc.nat(2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("trouble" as const),
      what: fc.constantFrom("lost" as const, "answer lost" as const, "refused" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("right" as const), given: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("pause" as const) }) },
);

test("pages end at any step, answers get lost, rights come and go: nothing recorded is lost, nothing is there twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const relay = logRelay();
      const disk = newOutboxDisk();
      const locks = newLocks();
      const tabs = [await trailOn(disk, relay, { locks }), await trailOn(disk, relay, { locks })];
      let recorded = 0;
      const kinds = [unlocked, admit, words];
      const kind = (what: number) => kinds[what] ?? unlocked;
      for (const now of steps) {
        switch (now.type) {
          case "record":
            await tabs[now.tab]?.record(kind(now.what));
            recorded += 1;
            break;
          case "crash": {
            const page = endingAfter(openMemoryOutbox(disk), locks, { steps: now.after, done: now.done });
            const trail = trailOn(async () => page.outbox, relay, { locks: page.locks });
            const written = trail.then((opened) => opened.record(kind(now.what))).then(() => true);
            if (await Promise.race([written, page.ended.then(() => false)])) recorded += 1;
            break;
          }
          case "trouble":
            relay.troubles.push(now.what);
            break;
          case "right":
            if (now.given) relay.refuses.clear();
            else relay.refuses.set("admit", "AUDIT-RIGHT");
            break;
          case "pause":
            await tabs[0]?.flush(5);
        }
      }
      relay.troubles.length = 0;
      for (const tab of tabs) tab.close();
      // A closed tab may still be at it: what comes next waits for it, as tabs of one browser do.
      const last = await trailOn(disk, relay, { locks });
      assert.equal(await last.flush(5_000), true);
      const ids = relay.ids();
      assert.equal(new Set(ids).size, ids.length, "nothing is there twice");
      const aside = (disk.refused.get(`staff:${ADA.account}`) ?? []).map(
        ({ text }) => parseEvent(text).event.id,
      );
      assert.equal(new Set([...ids, ...aside]).size, ids.length + aside.length, "nothing is in both places");
      // One that was written and whose page ended before it heard so is there as well.
      assert.ok(ids.length + aside.length >= recorded, `${ids.length} and ${aside.length} of ${recorded}`);
      assert.equal(last.status.alarm, null);
      closeTrails();
    }),
    { numRuns: 60 },
  );
});
