/** What two people's browsers sign reaches the log, whatever happens on the way; and a log that lies is found out. */
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import * as v from "valibot";
import { encodeVerifierKey } from "../../crypto/audit/checkpoint.ts";
import { encodeEntry } from "../../crypto/audit/entry.ts";
import { leafHash } from "../../crypto/audit/merkle.ts";
import { DATABASE_FILE } from "../../relay/storage/sqlite/database.ts";
import { type LogKeys, noteOf, sha256, Tree } from "../client/support/log-relay.ts";
import { outboxCases } from "../contract/outbox.ts";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  press,
  sees,
  suiteScope,
  toDesk,
  waits,
} from "../support/app.ts";
import { eventually, launch, type Person, type TestBrowser } from "../support/browsers.ts";
import { fragileRelay } from "../support/fragile-relay.ts";
import { HONEST, startHostileRelay } from "../support/hostile-relay.ts";
import { servePage } from "../support/page-server.ts";
import { startTestRelay } from "../support/relay.ts";
import "../client/support/outbox-page.ts";

const everything = suiteScope();
let chromium: TestBrowser;
let firefox: TestBrowser;

before(async () => {
  await builtClient();
  [chromium, firefox] = await Promise.all([launch("chromium"), launch("firefox")]);
  everything.after(async () => {
    await Promise.all([chromium.close(), firefox.close()]);
  });
});
after(everything.clean);

// ---- what the relay has ------------------------------------------------------------------------------------------

interface Logged {
  readonly signer: string;
  readonly action: string;
  readonly session: string | null;
  readonly id: string;
}

function logged(dataDir: string): Logged[] {
  const database = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true });
  try {
    return database
      .prepare(
        "SELECT signer, action, log_entries.session AS session, hex(id) AS id FROM log_entries" +
          " JOIN log_actors ON number = actor ORDER BY idx",
      )
      .all() as unknown as Logged[];
  } finally {
    database.close();
  }
}

/** What this signer put on record, in order; each once. */
function actionsOf(dataDir: string, signer: "staff" | "guest"): string[] {
  const all = logged(dataDir);
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length, "nothing is there twice");
  return all.filter((event) => event.signer === signer).map(({ action }) => action);
}

const has = (actions: readonly string[], ...wanted: string[]) =>
  wanted.every((action) => actions.includes(action));

/** Events that this page still has to send. */
const unsent = ({ page }: Person): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open("quietroom-outbox");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const counting = opening.result.transaction("queue").objectStore("queue").count();
          counting.onsuccess = () => {
            opening.result.close();
            resolve(counting.result);
          };
        };
      }),
  );

async function endBoth(therapist: Person, patient: Person): Promise<void> {
  await press(therapist, /^end/);
  await press(therapist, /^end the session$/);
  await sees(patient, /ended the session/);
}

// ---- tests -------------------------------------------------------------------------------------------------------

test("the outbox of a browser keeps its contract", async () => {
  const server = await servePage({ entry: "tests/client/support/outbox-page.ts", worker: null });
  everything.after(() => server.close());
  for (const browser of [chromium, firefox]) {
    const { page } = await browser.person();
    await page.goto(server.url);
    await page.waitForFunction(() => "runOutboxCase" in globalThis);
    for (const { name } of outboxCases)
      assert.equal(await page.evaluate((rule) => globalThis.runOutboxCase(rule), name), null, name);
  }
});

test("a whole session is on record, by both, and nothing waits any more", async () => {
  const relay = await startTestRelay(everything);
  const [therapist, patient] = await Promise.all([chromium.person(), firefox.person()]);
  await openDesk(therapist, relay);
  const { link } = await makeInvite(therapist);
  await arrive(patient, link);
  await waits(patient);
  await admit(therapist);
  await inCall(therapist, patient);
  for (const each of [therapist, patient]) await press(each, /^words/);
  for (const each of [therapist, patient]) await press(each, /^they match$/);
  // A call that is over at once never tells over which path it went.
  for (const signer of ["staff", "guest"] as const)
    await eventually("the path", async () => has(actionsOf(relay.dataDir, signer), "call.path"));
  await endBoth(therapist, patient);
  await eventually("all of hers", async () =>
    has(
      actionsOf(relay.dataDir, "staff"),
      "vault.unlocked",
      "invite.made",
      "admit",
      "words.compared",
      "call.started",
      "call.path",
      "call.ended",
    ),
  );
  await eventually("all of the patient's", async () =>
    has(
      actionsOf(relay.dataDir, "guest"),
      "knock",
      "words.compared",
      "call.started",
      "call.path",
      "call.ended",
    ),
  );
  for (const each of [therapist, patient])
    await eventually("no more", async () => (await unsent(each)) === 0);
  await Promise.all([therapist.close(), patient.close()]);
});

test("a relay that is killed in the call, and a tab that is closed before it is back: nothing is lost or doubled", async () => {
  const relay = await fragileRelay(everything);
  const [therapist, patient] = await Promise.all([chromium.person(), chromium.person()]);
  for (const each of [therapist, patient])
    each.expectProblems(/ERR_CONNECTION_REFUSED|WebSocket|Failed to load/);
  await openDesk(therapist, relay);
  const { link } = await makeInvite(therapist);
  await arrive(patient, link);
  await waits(patient);
  await admit(therapist);
  await inCall(therapist, patient);
  await relay.kill();
  for (const each of [therapist, patient]) await press(each, /^words/);
  for (const each of [therapist, patient]) await press(each, /^they match$/);
  for (const each of [therapist, patient]) await eventually("it waits", async () => (await unsent(each)) > 0);
  const waited = await unsent(patient);
  await patient.page.close();
  await relay.start();
  const again = await patient.context.newPage();
  // Any page of the patient's, with any link: this one opens nothing.
  await again.goto(link);
  const { dataDir } = relay;
  await eventually("what the closed tab had", async () => has(actionsOf(dataDir, "guest"), "words.compared"));
  assert.ok(waited > 0);
  await eventually("hers", async () => has(actionsOf(dataDir, "staff"), "words.compared"));
  for (const signer of ["staff", "guest"] as const) {
    const actions = actionsOf(dataDir, signer);
    assert.equal(actions.filter((action) => action === "words.compared").length, 1);
  }
  await Promise.all([therapist.close(), patient.close()]);
});

test("a relay that shows the two people two logs is found out by both, in one session", async () => {
  const hostile = await startHostileRelay(everything);
  const keys = logKeys(hostile.relay.dataDir);
  const fork = new Tree();
  hostile.lies.answer = async (asked, honest) => {
    const [, first = 0, second = 0] = (/^\/api\/log\/consistency\/(\d+)\/(\d+)$/.exec(asked.path) ?? []).map(
      Number,
    );
    if (first > 0 && second <= fork.leaves.length)
      return { status: 200, body: { proof: fork.consistency(first, second) } };
    if (asked.path !== "/api/log/guest-events") return honest();
    const { events } = v.parse(v.object({ events: v.array(v.string()) }), asked.body);
    const received = Date.now();
    const from = fork.leaves.length;
    for (const event of events) fork.leaves.push(leafHash(sha256, encodeEntry({ received, event })));
    const receipts = events.map((_, index) => ({
      outcome: "taken",
      index: from + index,
      received,
      proof: fork.inclusion(from + index),
    }));
    return { status: 200, body: { checkpoint: await noteOf(keys, fork), receipts } };
  };
  const [therapist, patient] = await Promise.all([chromium.person(), firefox.person()]);
  // To the patient's page it is a fork, or a log that was changed, by what came first: hers, or the relay's own.
  const foundOut = async () => {
    await sees(therapist, /different records.*LOG-FORKED/s);
    await sees(patient, /LOG-(FORKED|REWRITTEN|SHRUNK)/);
  };
  await openDesk(therapist, hostile);
  const { link } = await makeInvite(therapist);
  await arrive(patient, link);
  await waits(patient);
  await foundOut();
  await admit(therapist);
  await inCall(therapist, patient);
  await foundOut();
  await eventually("it is signed", async () => has(actionsOf(hostile.relay.dataDir, "staff"), "log.alarm"));
  hostile.lies.answer = HONEST.answer;
  await press(therapist, /^end/);
  await press(therapist, /^end the session$/);
  await toDesk(therapist);
  await sees(therapist, /LOG-FORKED/);
  await press(therapist, /i have reported it/);
  await Promise.all([therapist.close(), patient.close()]);
});

/** A relay that lies has its own key. */
function logKeys(dataDir: string): LogKeys {
  const database = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true });
  const row = database.prepare("SELECT origin, log_seed FROM log_keys").get();
  database.close();
  const { origin, log_seed: seed } = v.parse(
    v.object({ origin: v.string(), log_seed: v.instance(Uint8Array) }),
    row,
  );
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const raw = new Uint8Array(createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32));
  return { origin, secret, raw, verifier: encodeVerifierKey(sha256, origin, raw) };
}
