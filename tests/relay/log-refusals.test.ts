/** Which events the log takes, and with which code it refuses the others. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { MAX_EVENT_BYTES } from "../../crypto/audit/event.ts";
import type { Sender } from "../../relay/audit/judge.ts";
import { MAX_SKEW_MS } from "../../relay/wire/audit.ts";
import { createSpeaker, forge, guestSpeaker, id, staffSpeaker } from "../support/speaker.ts";
import { codes, isProven, openSession, openTestLog, type TestLogOptions } from "./support/log.ts";

/** A log with a session of hers, and two people who can speak. */
async function scene(t: TestContext, options: TestLogOptions = {}) {
  const opened = await openTestLog(t, options);
  const { log } = opened;
  const [her, session] = [id(), id()];
  await openSession(log, her, session);
  const asHer: Sender = { signer: "staff", account: her };
  const asGuest: Sender = { signer: "guest", session, proven: true };
  const say = async (sender: Sender, ...texts: string[]) => codes(await log.append(texts, sender));
  return {
    ...opened,
    her,
    session,
    asHer,
    asGuest,
    say,
    staff: staffSpeaker(her),
    guest: guestSpeaker(session),
  };
}

suite("the log takes", () => {
  test("what staff say of themselves and of their sessions, and what a guest says of its own", async (t) => {
    const { say, staff, guest, session, asHer, asGuest, database } = await scene(t);
    assert.deepEqual(await say(asHer, await staff.say(), await staff.say({ action: "admit", session })), [
      "taken",
      "taken",
    ]);
    assert.deepEqual(await say(asGuest, await guest.say(), await guest.say({ action: "words.compared" })), [
      "taken",
      "taken",
    ]);
    const actions = database.prepare("SELECT action FROM log_entries ORDER BY idx").all();
    assert.deepEqual(
      actions.map(({ action }) => action),
      [
        "log.opened",
        "invite.opened",
        "log.key-added",
        "log.read",
        "admit",
        "log.key-added",
        "knock",
        "words.compared",
      ],
      "a key is made known before its first event, once",
    );
  });

  test("the same event again, with the same receipt and once", async (t) => {
    const { log, staff, asHer } = await scene(t);
    const text = await staff.say();
    const first = await log.append([text], asHer);
    const size = log.size();
    const again = await log.append([text, text], asHer);
    assert.equal(log.size(), size);
    const [one] = first.receipts;
    assert.ok(one?.outcome === "taken");
    for (const receipt of again.receipts) {
      assert.ok(receipt.outcome === "taken");
      assert.deepEqual([receipt.index, receipt.received], [one.index, one.received]);
      assert.ok(await isProven(log.describe().key, again, receipt, text));
    }
  });

  test("the same event twice in one request, and in two at the same time", async (t) => {
    const { log, staff, asHer } = await scene(t);
    const text = await staff.say();
    const answers = await Promise.all([log.append([text, text], asHer), log.append([text], asHer)]);
    const places = answers.flatMap(({ receipts }) =>
      receipts.map((receipt) => receipt.outcome === "taken" && receipt.index),
    );
    assert.deepEqual(places, [3, 3, 3]);
    assert.equal(log.size(), 4);
  });

  test("what comes from a clock that is far off, and flags it", async (t) => {
    const { staff, say, asHer, database } = await scene(t);
    const now = Date.now();
    const times = [now - MAX_SKEW_MS - 5_000, now + MAX_SKEW_MS + 60_000, now];
    for (const time of times) assert.deepEqual(await say(asHer, await staff.say({ time })), ["taken"]);
    const rows = database
      .prepare("SELECT skewed FROM log_entries WHERE action = 'log.read' ORDER BY idx")
      .all();
    assert.deepEqual(
      rows.map(({ skewed }) => skewed),
      [1, 1, 0],
    );
  });

  test("events at times that never go back, whatever the relay's clock does", async (t) => {
    const clock = { now: 2_000_000 };
    const { staff, log, asHer } = await scene(t, { now: () => clock.now });
    const received: number[] = [];
    for (const now of [2_000_500, 1_000_000, 2_000_600]) {
      clock.now = now;
      const [receipt] = (await log.append([await staff.say()], asHer)).receipts;
      assert.ok(receipt?.outcome === "taken");
      received.push(receipt.received);
    }
    assert.deepEqual(received, [2_000_500, 2_000_500, 2_000_600]);
  });

  test("a known key's late events, though its session's secret is forgotten; no new key", async (t) => {
    const { say, guest, session, asGuest } = await scene(t);
    const late: Sender = { signer: "guest", session, proven: false };
    assert.deepEqual(await say(late, await guest.draft()), ["AUDIT-ACTOR"]);
    assert.deepEqual(await say(asGuest, await guest.say()), ["taken"]);
    assert.deepEqual(await say(late, await guest.say({ action: "words.compared" })), ["taken"]);
  });
});

suite("the log refuses", () => {
  test("AUDIT-MALFORMED: what is no event, or too long", async (t) => {
    const { say, staff, asHer, log } = await scene(t);
    const text = await staff.draft();
    const size = log.size();
    const bad = [
      "",
      "x",
      `${text}=`,
      text.slice(1),
      `${text} `,
      text.replace(".", ".."),
      "a".repeat(MAX_EVENT_BYTES + 1),
    ];
    assert.deepEqual(
      await say(asHer, ...bad),
      bad.map(() => "AUDIT-MALFORMED"),
    );
    assert.equal(log.size(), size);
  });

  test("AUDIT-SIGNATURE: what its key did not sign", async (t) => {
    const { say, staff, asHer } = await scene(t);
    const text = await staff.say();
    assert.deepEqual(await say(asHer, forge(text)), ["AUDIT-SIGNATURE"]);
    assert.deepEqual(await say(asHer, text), ["taken"]);
  });

  test("AUDIT-ACTOR: another's key, and the relay's", async (t) => {
    const { say, staff, guest, session, asHer, asGuest, log, database } = await scene(t);
    const text = await staff.say();
    assert.deepEqual(await say(asHer, text), ["taken"]);
    await say(asGuest, await guest.say());
    const other = id();
    await openSession(log, other, id());
    const asOther: Sender = { signer: "staff", account: other };
    assert.deepEqual(await say(asOther, text, await staff.draft({ account: other })), [
      "AUDIT-ACTOR",
      "AUDIT-ACTOR",
    ]);
    assert.deepEqual(await say(asOther, await guest.draft()), ["AUDIT-ACTOR"], "a guest's key, by staff");
    assert.deepEqual(await say(asGuest, text), ["AUDIT-ACTOR"], "her key, by a guest");
    const elsewhere: Sender = { signer: "guest", session: id(), proven: true };
    assert.deepEqual(
      await say(elsewhere, await guest.draft({ session })),
      ["AUDIT-ACTOR"],
      "of another session",
    );
    const [own] = database.prepare("SELECT body FROM log_entries WHERE idx = 0").all();
    assert.ok(own?.["body"] instanceof Uint8Array);
    const relays = Buffer.from(own["body"]).toString("latin1");
    assert.deepEqual(await say(asHer, relays), ["AUDIT-ACTOR"]);
  });

  test("AUDIT-RIGHT: of another account, another's session, none at all, or what others say", async (t) => {
    const { say, staff, guest, her, session, asHer, asGuest, log } = await scene(t);
    const [other, theirs] = [id(), id()];
    await openSession(log, other, theirs);
    const refused = [
      await staff.draft({ account: other }),
      await staff.draft({ action: "admit", session: theirs }),
      await staff.draft({ action: "admit", session: id() }),
      await staff.draft({ action: "knock", session, account: null }),
      await createSpeaker({ action: "relay.stopped", account: her }).draft(),
    ];
    assert.deepEqual(
      await say(asHer, ...refused),
      refused.map(() => "AUDIT-RIGHT"),
    );
    const guests = [
      await guest.draft({ session: theirs }),
      await createSpeaker({ session: theirs, action: "knock" }).draft(),
      await guest.draft({ action: "admit", account: her }),
    ];
    assert.deepEqual(
      await say(asGuest, ...guests),
      guests.map(() => "AUDIT-RIGHT"),
    );
  });

  test("AUDIT-CHAIN: reordered, left out, or twice in other words; and says what would follow", async (t) => {
    const { say, staff, asHer, log } = await scene(t);
    const [zero, one, two] = [await staff.say(), await staff.say(), await staff.say()];
    assert.deepEqual(await say(asHer, one), ["AUDIT-CHAIN"], "not before the first");
    assert.deepEqual(await say(asHer, zero, two, one), ["taken", "AUDIT-CHAIN", "taken"]);
    const { receipts } = await log.append([await staff.draft({ seq: 1 })], asHer);
    const [receipt] = receipts;
    assert.ok(receipt?.outcome === "refused" && receipt.head);
    assert.equal(receipt.head.seq, 2);
    assert.deepEqual(await say(asHer, await staff.draft({ seq: 2, prev: staff.key })), ["AUDIT-CHAIN"]);
    assert.deepEqual(await say(asHer, two), ["taken"]);
  });

  test("AUDIT-DUPLICATE: another event with an id that is there", async (t) => {
    const { say, staff, asHer } = await scene(t);
    const taken = "01890a5d-ac96-774b-bcce-b302099a8057";
    assert.deepEqual(await say(asHer, await staff.say({ id: taken })), ["taken"]);
    assert.deepEqual(await say(asHer, await staff.draft({ id: taken })), ["AUDIT-DUPLICATE"]);
    const twice = "01890a5d-ac96-774b-bcce-b302099a8058";
    const both = [await staff.say({ id: twice }), await staff.draft({ id: twice })];
    assert.deepEqual(await say(asHer, ...both), ["taken", "AUDIT-DUPLICATE"], "also within one request");
  });

  test("AUDIT-LIMIT: more than a page ever says, and more keys than an owner ever has", async (t) => {
    const few = { events: { staff: 2, guest: 1 }, keys: { staff: 2, guest: 1 } };
    const { say, staff, guest, her, session, asHer, asGuest } = await scene(t, {
      limits: { auditEvents: few },
    });
    const texts = [await staff.say(), await staff.say(), await staff.say()];
    assert.deepEqual(await say(asHer, ...texts), ["taken", "taken", "AUDIT-LIMIT"]);
    assert.deepEqual(await say(asHer, texts[1] ?? ""), ["taken"], "what is there is there");
    const keys = [await staffSpeaker(her).say(), await staffSpeaker(her).say()];
    assert.deepEqual(await say(asHer, ...keys), ["taken", "AUDIT-LIMIT"]);
    assert.deepEqual(await say(asGuest, await guest.say(), await guest.say()), ["taken", "AUDIT-LIMIT"]);
    assert.deepEqual(await say(asGuest, await guestSpeaker(session).say()), ["AUDIT-LIMIT"]);
  });

  test("nothing that is behind a refused one of the same key, and everything else", async (t) => {
    const { say, staff, guest, her, asHer, asGuest } = await scene(t);
    const bad = await staff.say({ action: "admit", session: id() });
    const behind = [await staff.say(), await staff.say()];
    const elsewhere = staffSpeaker(her);
    assert.deepEqual(await say(asHer, bad, ...behind, await elsewhere.say()), [
      "AUDIT-RIGHT",
      "AUDIT-CHAIN",
      "AUDIT-CHAIN",
      "taken",
    ]);
    assert.deepEqual(await say(asGuest, await guest.say()), ["taken"]);
  });
});
