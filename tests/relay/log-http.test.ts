/** The log over HTTP, as a page meets it: what is proven, who may say what, and what of it is in the clear. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import sodium from "libsodium-wrappers";
import * as v from "valibot";
import { openDetails, sealDetails } from "../../crypto/audit/details.ts";
import { parseEvent } from "../../crypto/audit/event.ts";
import { Account } from "../../relay/wire/accounts.ts";
import { AuditKey, Log, MAX_BATCH_EVENTS, Proof, Receipts, Seats } from "../../relay/wire/audit.ts";
import { startTestRelay } from "../support/relay.ts";
import { type Answer, call, join, signIn, type TestHost } from "../support/relay-client.ts";
import { guestSpeaker, id, staffSpeaker } from "../support/speaker.ts";
import { addColleague } from "../support/staff.ts";
import { codes, continues, isProven, open } from "./support/log.ts";

const accountOf = async (host: TestHost) => v.parse(Account, (await host.get("/api/account")).json).id;
const codeOf = ({ text }: Answer) => /"code":"([A-Z-]+)"/.exec(text)?.[1];
const random32 = () => randomBytes(32).toString("base64url");

async function scene(t: TestContext, options: Parameters<typeof startTestRelay>[1] = {}) {
  const relay = await startTestRelay(t, options);
  const host = await signIn(relay);
  const account = await accountOf(host);
  const get = async <S extends v.GenericSchema>(schema: S, path: string) =>
    v.parse(schema, (await call(relay, "GET", path)).json);
  const say = async (...events: string[]) =>
    v.parse(Receipts, (await host.post("/api/log/events", { events })).json);
  return { relay, host, account, speaker: staffSpeaker(account), get, say, log: () => get(Log, "/api/log") };
}

suite("the log over HTTP", () => {
  test("gives receipts and proofs that hold against its key, from one checkpoint to the next", async (t) => {
    const { get, say, speaker, log } = await scene(t);
    const first = await log();
    for (let round = 0; round < 3; round++) {
      const texts = [await speaker.say(), await speaker.say()];
      const answer = await say(...texts);
      for (const [at, text] of texts.entries())
        assert.ok(await isProven(first.key, answer, answer.receipts[at], text));
      const [before, after] = [
        await open(first.checkpoint, first.key),
        await open(answer.checkpoint, first.key),
      ];
      const { proof } = await get(Proof, `/api/log/consistency/${before.size}/${after.size}`);
      assert.ok(await continues(first.key, first.checkpoint, answer.checkpoint, proof));
      const [receipt] = answer.receipts;
      assert.ok(receipt?.outcome === "taken");
      const inclusion = await get(Proof, `/api/log/inclusion/${receipt.index}/${after.size}`);
      assert.deepEqual(inclusion.proof, receipt.proof);
    }
    const now = await log();
    assert.deepEqual([now.key, now.relay], [first.key, first.relay]);
  });

  test("knows nothing beyond its end, and takes no number that is none", async (t) => {
    const { relay, log } = await scene(t);
    const { key, checkpoint } = await log();
    const { size } = await open(checkpoint, key);
    const asked = async (path: string) => codeOf(await call(relay, "GET", `/api/log/${path}`));
    assert.equal(await asked(`consistency/1/${size + 1}`), "LOG-UNKNOWN");
    assert.equal(await asked(`inclusion/0/${size + 1}`), "LOG-UNKNOWN");
    for (const path of [
      "consistency/2/1",
      "inclusion/1/1",
      "inclusion/-1/1",
      "consistency/01/1",
      "inclusion/x/1",
    ])
      assert.equal(await asked(path), "REQUEST-INVALID", path);
  });

  test("takes a guest's events by its session's secret, also after its end, and nobody else's", async (t) => {
    const { relay, host } = await scene(t);
    const invite = await host.makeInvite({ use: "reusable" });
    const [guest, other] = [await join(relay, invite), await join(relay, invite)];
    const speaker = guestSpeaker(guest.session);
    const asGuest = (session: string, resume: string, ...events: string[]) =>
      call(relay, "POST", "/api/log/guest-events", { session, resume, events });
    const taken = async (answer: Promise<Answer>) => codes(v.parse(Receipts, (await answer).json));
    assert.deepEqual(await taken(asGuest(guest.session, guest.resume, await speaker.say())), ["taken"]);
    const next = await speaker.say({ action: "words.compared" });
    assert.deepEqual(await taken(asGuest(other.session, other.resume, next)), ["AUDIT-ACTOR"]);
    const strange = await guestSpeaker(guest.session).say();
    assert.deepEqual(await taken(asGuest(other.session, other.resume, strange)), ["AUDIT-RIGHT"]);
    assert.equal(codeOf(await asGuest(other.session, guest.resume, next)), "SESSION-UNKNOWN");
    assert.equal(codeOf(await asGuest(id(), guest.resume, next)), "SESSION-UNKNOWN");
    await host.end(guest.session);
    assert.deepEqual(await taken(asGuest(guest.session, guest.resume, next)), ["taken"]);
    const knife = new DatabaseSync(joinPath(relay.dataDir, "quietroom.db"));
    knife.exec("DELETE FROM sessions");
    knife.close();
    const late = await speaker.say({ action: "call.ended" });
    assert.deepEqual(await taken(asGuest(guest.session, guest.resume, late)), ["taken"], "removed meanwhile");
    const unknown = await guestSpeaker(guest.session).say();
    assert.deepEqual(await taken(asGuest(guest.session, guest.resume, unknown)), ["AUDIT-ACTOR"]);
    assert.equal(codeOf(await asGuest(other.session, other.resume, unknown)), "SESSION-UNKNOWN");
  });

  test("lets staff speak of a session that the relay opened for them, and of no colleague's", async (t) => {
    const { relay, host, account, speaker, say } = await scene(t);
    const colleague = await addColleague(relay, host, ["practitioner"]);
    const mine = await join(relay, await host.makeInvite());
    const hers = await join(relay, await colleague.host.makeInvite());
    assert.deepEqual(codes(await say(await speaker.say({ action: "admit", session: mine.session }))), [
      "taken",
    ]);
    const refused = await speaker.draft({ action: "admit", session: hers.session });
    assert.deepEqual(codes(await say(refused)), ["AUDIT-RIGHT"]);
    const event = await staffSpeaker(account).draft();
    const answer = await colleague.host.post("/api/log/events", { events: [event] });
    assert.deepEqual(codes(v.parse(Receipts, answer.json)), ["AUDIT-RIGHT"]);
  });

  test("bounds what comes at once and how often", async (t) => {
    const { relay, host, speaker } = await scene(t, {
      limits: { eventsPerAccount: { points: 3, seconds: 60 }, proofsPerAddress: { points: 1, seconds: 60 } },
    });
    const post = async (events: unknown) => codeOf(await host.post("/api/log/events", { events }));
    assert.equal(await post(Array(MAX_BATCH_EVENTS + 1).fill("x")), "REQUEST-INVALID");
    assert.equal(await post([]), "REQUEST-INVALID");
    assert.equal(await post(["x".repeat(170_000)]), "REQUEST-TOO-LARGE");
    for (const _ of [1, 2, 3]) assert.equal(await post([await speaker.say()]), undefined);
    assert.equal(await post([await speaker.say()]), "RATE-LIMITED");
    assert.equal((await call(relay, "GET", "/api/log/inclusion/0/1")).status, 200);
    assert.equal(codeOf(await call(relay, "GET", "/api/log/consistency/1/1")), "RATE-LIMITED");
  });

  test("tells of the start and of the end, with the version", async (t) => {
    const { relay } = await scene(t);
    await relay.close();
    const database = new DatabaseSync(joinPath(relay.dataDir, "quietroom.db"));
    t.after(() => database.close());
    const rows = database.prepare("SELECT action FROM log_entries ORDER BY idx").all();
    const actions = rows.map(({ action }) => action);
    assert.deepEqual(actions.slice(0, 2), ["log.opened", "relay.started"]);
    assert.equal(actions.at(-1), "relay.stopped");
  });
});

suite("the audit key", () => {
  test("is the first one that comes, for good, and the relay seals to it", async (t) => {
    await sodium.ready;
    const { relay, host } = await scene(t);
    const pair = sodium.crypto_box_keypair();
    const key = Buffer.from(pair.publicKey).toString("base64url");
    const keyNow = async () => v.parse(AuditKey, (await host.get("/api/audit/key")).json).key;
    assert.equal(await keyNow(), null);
    assert.deepEqual((await host.post("/api/audit/key", { key })).json, { key });
    assert.deepEqual((await host.post("/api/audit/key", { key })).json, { key }, "again");
    assert.equal(codeOf(await host.post("/api/audit/key", { key: random32() })), "AUDIT-KEY-EXISTS");
    assert.equal(await keyNow(), key);
    await relay.close();
    const database = new DatabaseSync(joinPath(relay.dataDir, "quietroom.db"));
    t.after(() => database.close());
    const again = await startTestRelay(t, { dataDir: relay.dataDir });
    await again.close();
    const [started] = database
      .prepare("SELECT body FROM log_entries WHERE action = 'relay.started' ORDER BY idx DESC LIMIT 1")
      .all();
    assert.ok(started?.["body"] instanceof Uint8Array);
    const { event } = parseEvent(Buffer.from(started["body"]).toString("latin1"));
    const sealed = Buffer.from(event.details ?? "", "base64url");
    const details = openDetails(sodium, pair, "relay.started", sealed);
    assert.match(String(details["version"]), /^\d+\.\d+\.\d+$/);
  });

  test("is handed to the seat of another auditor, and to nothing else", async (t) => {
    const { relay, host } = await scene(t);
    const colleague = await addColleague(relay, host, ["auditor"], "Dr. Berg");
    const seatKey = random32();
    const sealed = randomBytes(80).toString("base64url");
    const seats = (answer: Answer) => v.parse(Seats, answer.json).seats;
    const [made] = seats(await colleague.host.post("/api/audit/seat", { key: seatKey }));
    assert.deepEqual(made, { account: colleague.id, name: "Dr. Berg", key: seatKey, sealed: null });
    const hand = (account: string, key: string) => host.post(`/api/audit/seats/${account}`, { key, sealed });
    assert.equal(
      codeOf(await hand(colleague.id, random32())),
      "PERSON-UNKNOWN",
      "another key than was compared",
    );
    assert.equal(codeOf(await hand(id(), seatKey)), "PERSON-UNKNOWN");
    assert.equal(seats(await hand(colleague.id, seatKey))[0]?.sealed, sealed);
    assert.equal(seats(await colleague.host.get("/api/audit/seats"))[0]?.sealed, sealed);
  });
});

test("nothing of an event's details is anywhere in the database", async (t) => {
  await sodium.ready;
  const { relay, host, account, speaker, say } = await scene(t);
  const pair = sodium.crypto_box_keypair();
  await host.post("/api/audit/key", { key: Buffer.from(pair.publicKey).toString("base64url") });
  const guest = await join(relay, await host.makeInvite());
  const [name, note] = ["Wilhelmina Featherstonehaugh", "metoprolol rumination"];
  const seal = (action: "knock" | "admit" | "log.reviewed", details: Record<string, string | number>) => {
    const sealed = sealDetails(sodium, pair.publicKey, action, details);
    assert.ok(sealed);
    return Buffer.from(sealed).toString("base64url");
  };
  const knock = await guestSpeaker(guest.session).say({ details: seal("knock", { name }) });
  const { session, resume } = guest;
  const asGuest = await call(relay, "POST", "/api/log/guest-events", { session, resume, events: [knock] });
  assert.deepEqual(codes(v.parse(Receipts, asGuest.json)), ["taken"]);
  const admit = await speaker.say({ action: "admit", session, details: seal("admit", { name }) });
  const review = await speaker.say({
    action: "log.reviewed",
    details: seal("log.reviewed", { note, from: 1, until: 2 }),
  });
  assert.deepEqual(codes(await say(admit, review)), ["taken", "taken"]);
  await relay.close();
  const files = readdirSync(relay.dataDir).map((file) => readFileSync(joinPath(relay.dataDir, file)));
  const holds = (text: string | Buffer) => files.some((file) => file.includes(text));
  assert.ok(holds(account), "what is looked for would be found");
  for (const secret of [name, note])
    for (const part of [secret, ...secret.split(" ")])
      for (const form of [Buffer.from(part), Buffer.from(part, "utf16le"), Buffer.from(part).toString("hex")])
        assert.ok(!holds(form), `${part} is in the database`);
  for (const shift of [0, 1, 2]) {
    // As it would look within base64url of something longer, whatever stands before it.
    const text = Buffer.from(`${"x".repeat(shift)}${name}`)
      .toString("base64url")
      .slice(4, -4);
    assert.ok(!holds(text), "nor in base64url");
  }
});
