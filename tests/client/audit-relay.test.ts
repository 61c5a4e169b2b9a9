/** Trails of a therapist and of a patient over a real relay: what they sign is in its log, with proofs that hold. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, type TestContext, test } from "node:test";
import { newOutboxDisk } from "../../client/audit/memory-outbox.ts";
import { createAsk } from "../../client/transport/api.ts";
import { auditKeyApi, guestEvents, logApi, staffEvents } from "../../client/transport/api-audit.ts";
import { systemClock } from "../../client/transport/clock.ts";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import { toBase64Url } from "../../crypto/bytes.ts";
import { deriveRoom, parseInvite } from "../../crypto/invite.ts";
import { DATABASE_FILE } from "../../relay/storage/sqlite/database.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { signIn } from "../support/relay-client.ts";
import { apiTo, browserFetch, sodium, therapistWith } from "./support/people.ts";
import { signedInFetch } from "./support/relay-api.ts";
import { closeTrails, trailOn } from "./support/trail-page.ts";

afterEach(closeTrails);

async function staffOf(relay: TestRelay) {
  const host = await signIn(relay);
  const ask = createAsk({ base: "", fetch: signedInFetch(host, browserFetch(relay)), clock: systemClock });
  const api = apiTo(relay, { fetch: signedInFetch(host, browserFetch(relay)) });
  const { id: account } = await api.account();
  const therapist = await therapistWith(relay, api, openMemoryStore());
  return { ask, account, therapist };
}

function actions({ dataDir }: TestRelay, signer: string): string[] {
  const database = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true });
  const rows = database
    .prepare("SELECT action FROM log_entries JOIN log_actors ON number = actor WHERE signer = ? ORDER BY idx")
    .all(signer);
  database.close();
  return rows.map(({ action }) => String(action));
}

async function scene(t: TestContext) {
  const relay = await startTestRelay(t);
  const { ask, account, therapist } = await staffOf(relay);
  const staff = await trailOn(
    newOutboxDisk(),
    { api: logApi(ask), send: staffEvents(ask) },
    { signatory: { kind: "staff", account } },
  );
  const stranger = createAsk({ base: "", fetch: browserFetch(relay), clock: systemClock });
  const { room, token } = deriveRoom(sodium, parseInvite(sodium, await therapist.invite()).secret);
  const joined = await apiTo(relay).join(toBase64Url(room), toBase64Url(token));
  const { session, resume } = joined;
  const disk = newOutboxDisk();
  const page = () =>
    trailOn(
      disk,
      { api: logApi(stranger), send: guestEvents(stranger, session, resume) },
      { signatory: { kind: "guest", session, resume } },
    );
  return { relay, ask, account, therapist, staff, session, page };
}

test("both sides' events are taken, receipted, and of one log", async (t) => {
  const { relay, staff, session, page } = await scene(t);
  const guest = await page();
  await guest.record({ action: "knock", outcome: "success" });
  await staff.record({ action: "vault.unlocked", outcome: "success" });
  await staff.record({ action: "admit", outcome: "success", session });
  await guest.record({ action: "call.started", outcome: "success", details: { suite: 1 } });
  assert.deepEqual(await Promise.all([guest.flush(5_000), staff.flush(5_000)]), [true, true]);
  assert.deepEqual(actions(relay, "guest"), ["knock", "call.started"]);
  assert.deepEqual(actions(relay, "staff"), ["vault.unlocked", "admit"]);
  assert.deepEqual([guest.status.refused, staff.status.refused], [0, 0]);
  // Each is shown what the other was shown.
  const { checkpoint, key } = staff.status.view;
  assert.ok(checkpoint && key);
  await guest.trust({ log: key, audit: null });
  guest.compare(checkpoint);
  staff.compare(guest.status.view.checkpoint ?? "");
  await Promise.all([guest.look(), staff.look()]);
  assert.deepEqual([guest.status.alarm, staff.status.alarm], [null, null]);
});

test("the session is over: what was left is taken all the same, from another page", async (t) => {
  const { relay, therapist, session, page } = await scene(t);
  const first = await page();
  await first.record({ action: "knock", outcome: "success" });
  first.close();
  await therapist.api.endSession(session);
  const second = await page();
  assert.equal(await second.flush(5_000), true);
  assert.deepEqual([second.status.refused, actions(relay, "guest")], [0, ["knock"]]);
});

test("another's session is refused, kept aside, and holds nothing up", async (t) => {
  const { relay, staff } = await scene(t);
  await staff.record({
    action: "admit",
    outcome: "success",
    session: toBase64Url(new Uint8Array(16).fill(9)),
  });
  await staff.record({ action: "vault.unlocked", outcome: "success" });
  assert.equal(await staff.flush(5_000), true);
  assert.equal(staff.status.refused, 1);
  assert.deepEqual(actions(relay, "staff"), ["vault.unlocked"]);
});

test("the clinic's audit key, as the relay keeps it", async (t) => {
  const { ask } = await scene(t);
  const api = auditKeyApi(ask);
  assert.deepEqual(await api.auditKey(), { key: null });
  const key = toBase64Url(new Uint8Array(32).fill(5));
  assert.deepEqual(await api.storeAuditKey(key), { key });
  await assert.rejects(api.storeAuditKey(toBase64Url(new Uint8Array(32).fill(6))), {
    code: "AUDIT-KEY-EXISTS",
  });
});
