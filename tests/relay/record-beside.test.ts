/** What is done beside the running relay, or could not wait for the log: the relay puts it on record, before all else. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join as joinPath } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import type { RelayHappening } from "../../crypto/audit/registry.ts";
import { resetAdmin } from "../../relay/accounts/admin-reset.ts";
import { createPending, leavePending, type PendingStore } from "../../relay/audit/pending.ts";
import { Refusal } from "../../relay/refusal.ts";
import { createAccountStore } from "../../relay/storage/sqlite/accounts.ts";
import { openDatabase } from "../../relay/storage/sqlite/database.ts";
import { createPendingStore } from "../../relay/storage/sqlite/pending.ts";
import { createPolicyStore } from "../../relay/storage/sqlite/policy.ts";
import { startTestRelay, temporaryFolder } from "../support/relay.ts";
import { signIn } from "../support/relay-client.ts";
import { enrol } from "../support/staff.ts";
import { giveAuditKey, watchRecord } from "./support/record.ts";
import { accountOf, event, loginOf } from "./support/record-clinic.ts";

/** `npm run admin:reset`, in a connection of its own. @returns the link's token */
async function adminReset(dataDir: string): Promise<string> {
  const { database } = openDatabase(dataDir);
  try {
    const pending = createPendingStore(database);
    const made = await resetAdmin(
      {
        store: createAccountStore(database),
        leave: (happening) => leavePending(pending, happening),
        record: (change) => createPolicyStore(database).addChanges([change]),
        now: Date.now,
        random: randomBytes,
      },
      null,
    );
    assert.ok(made.outcome === "made");
    return made.token;
  } finally {
    database.close();
  }
}

suite("admin:reset", () => {
  async function setUp(t: TestContext, sweepMs: number) {
    const dataDir = temporaryFolder(t);
    const options = { dataDir, env: { LOG_LEVEL: "debug" }, limits: { sweepMs } };
    const relay = await startTestRelay(t, options);
    const admin = await signIn(relay);
    const record = watchRecord(dataDir, await giveAuditKey(admin));
    t.after(() => record.close());
    const account = await accountOf(admin);
    const login = await loginOf(admin);
    record.news();
    const reset = [
      event(
        "person.changed",
        { account, subject: account },
        { what: "person.reset", from: "beside the relay" },
      ),
      event("sign-in.ended", { account, subject: login }, { reason: "reset" }),
    ];
    return { dataDir, options, relay, record, account, reset };
  }

  test("is on record before what its link is used for, while the relay runs", async (t) => {
    const { dataDir, relay, record, account, reset } = await setUp(t, 600_000);
    const token = await adminReset(dataDir);
    assert.deepEqual(record.news(), [], "the command itself does not append");
    await enrol(relay, token, "Dr. Okafor");
    const [one, two, passkey, signedIn, ...others] = record.news();
    assert.deepEqual([one, two], reset);
    const ids = { account, subject: account };
    assert.deepEqual(passkey, event("passkey.added", ids, { name: "A test's key" }));
    assert.deepEqual([signedIn?.action, ...others], ["sign-in.passkey"]);
  });

  test("is on record though nobody comes: soon, or at the relay's next start", async (t) => {
    const { dataDir, options, relay, record, reset } = await setUp(t, 20);
    await adminReset(dataDir);
    const sweeps = relay.logs().split('"housekeeping"').length - 1;
    await relay.logged('"housekeeping"', sweeps + 2);
    assert.deepEqual(record.news(), reset);
    await relay.close();
    record.news();
    await adminReset(dataDir);
    const next = await startTestRelay(t, options);
    await next.logged('"housekeeping"');
    const [again, ...others] = record.news().filter(({ account }) => account !== null);
    assert.deepEqual([again, others], [reset[0], []]);
  });
});

const ENDED: RelayHappening = {
  action: "sign-in.ended",
  outcome: "success",
  account: "A".repeat(22),
  subject: "B".repeat(21).concat("A"),
  details: { reason: "idle" },
};
const STARTED: RelayHappening = { action: "relay.stopped", outcome: "success" };

suite("what waits to be put on record", () => {
  function setUp(t: TestContext) {
    const { database } = openDatabase(temporaryFolder(t));
    t.after(() => database.close());
    const store = createPendingStore(database);
    const recorded: string[] = [];
    const failures: unknown[] = [];
    let broken: unknown = null;
    const pendingOf = (of: PendingStore) =>
      createPending({
        store: of,
        append: async ({ action }) => {
          if (broken !== null) throw broken;
          recorded.push(action);
        },
        failed: (error) => void failures.push(error),
      });
    const waiting = async () => (await store.listPending()).length;
    return {
      store,
      recorded,
      failures,
      waiting,
      pending: pendingOf(store),
      pendingOf,
      break(error: unknown): void {
        broken = error;
      },
    };
  }

  test("waits while the log cannot be written, and comes first after it, once", async (t) => {
    const { pending, recorded, waiting, break: cut } = setUp(t);
    cut(new Refusal("LOG-UNAVAILABLE"));
    await pending.recordAnyway(ENDED);
    await assert.rejects(pending.record(STARTED), new Refusal("LOG-UNAVAILABLE"));
    assert.deepEqual([recorded, await waiting()], [[], 1]);
    cut(null);
    await Promise.all([pending.record(STARTED), pending.drain(), pending.record(STARTED)]);
    assert.deepEqual(recorded, ["sign-in.ended", "relay.stopped", "relay.stopped"]);
    assert.equal(await waiting(), 0);
  });

  test("does not stand before everything else for good when it is no event", async (t) => {
    const { store, pending, recorded, failures, waiting } = setUp(t);
    for (const text of ["{", "null", "{}", '{"action":"nothing","outcome":"success"}'])
      await store.addPending(text);
    await pending.record(STARTED);
    assert.deepEqual([recorded, failures.length, await waiting()], [["relay.stopped"], 4, 0]);
  });

  test("is on record twice rather than never after a crash in between", async (t) => {
    const { store, pending, pendingOf, recorded } = setUp(t);
    await leavePending(store, ENDED);
    const dying = pendingOf({ ...store, removePending: () => Promise.reject(new Error("killed")) });
    await assert.rejects(dying.drain(), /killed/);
    await pending.drain();
    assert.deepEqual(recorded, ["sign-in.ended", "sign-in.ended"]);
  });

  test("is told of when not even that is possible, and nothing is thrown", async (t) => {
    const { store, pendingOf, failures, break: cut } = setUp(t);
    cut(new Refusal("LOG-UNAVAILABLE"));
    const full = pendingOf({ ...store, addPending: () => Promise.reject(new Error("full")) });
    await full.recordAnyway(ENDED);
    assert.deepEqual(failures, [new Error("full")]);
  });

  test("holds ids and codes alone", async (t) => {
    const dataDir = temporaryFolder(t);
    const relay = await startTestRelay(t, { dataDir, limits: { sweepMs: 600_000 } });
    await signIn(relay);
    await adminReset(dataDir);
    const database = new DatabaseSync(joinPath(dataDir, "quietroom.db"), { readOnly: true });
    const rows = JSON.stringify(database.prepare("SELECT * FROM log_pending").all());
    database.close();
    assert.match(rows, /person\.reset/);
    assert.doesNotMatch(rows, /Okafor/);
  });
});
