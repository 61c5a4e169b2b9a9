/** The way back in for a clinic whose only admin has lost every passkey. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import * as v from "valibot";
import { type AdminResetDependencies, resetAdmin } from "../../relay/accounts/admin-reset.ts";
import { leavePending } from "../../relay/audit/pending.ts";
import { createAccountStore } from "../../relay/storage/sqlite/accounts.ts";
import { openDatabase } from "../../relay/storage/sqlite/database.ts";
import { createPendingStore } from "../../relay/storage/sqlite/pending.ts";
import { createPolicyStore } from "../../relay/storage/sqlite/policy.ts";
import { Changes } from "../../relay/wire/policy.ts";
import { type Scope, startTestRelay } from "../support/relay.ts";
import { signIn } from "../support/relay-client.ts";
import { addColleague, enrol, firstAdminsAuthenticator, signInAnswer } from "../support/staff.ts";

function command(scope: Scope, dataDir: string) {
  const { database } = openDatabase(dataDir);
  scope.after(() => database.close());
  const store = createAccountStore(database);
  const { addChanges } = createPolicyStore(database);
  const pending = createPendingStore(database);
  const parts: AdminResetDependencies = {
    store,
    leave: (event) => leavePending(pending, event),
    record: (change) => addChanges([change]),
    now: Date.now,
    random: randomBytes,
  };
  return (name: string | null) => resetAdmin(parts, name);
}

test("a link leads the only admin back to the account, while the relay runs; the lost passkey is dead", async (t) => {
  const relay = await startTestRelay(t);
  const admin = await signIn(relay);
  await addColleague(relay, admin, ["practitioner"]);
  const { room } = await admin.makeInvite();
  const made = await command(t, relay.dataDir)(null);
  assert.ok(made.outcome === "made");
  assert.equal(made.name, "Dr. Okafor");
  assert.equal((await admin.get("/api/account")).status, 401);
  assert.equal((await signInAnswer(relay, firstAdminsAuthenticator(relay))).status, 401);
  const { host } = await enrol(relay, made.token, "Mallory");
  assert.deepEqual(
    (await host.invites()).map((invite) => invite.room),
    [room],
  );
  const { changes } = v.parse(Changes, (await host.get("/api/changes/0")).json);
  assert.deepEqual(
    changes.slice(0, 2).map(({ what, byName }) => [what, byName]),
    [
      ["person.passkeys", "Dr. Okafor"],
      ["person.reset", "Whoever runs the relay"],
    ],
  );
});

test("of several admins one has to be named, and nothing is done to anybody else", async (t) => {
  const relay = await startTestRelay(t);
  const reset = command(t, relay.dataDir);
  assert.deepEqual(await reset(null), { outcome: "choose", names: [] });
  const admin = await signIn(relay);
  await addColleague(relay, admin, ["admin"], "Dr. Berg");
  await addColleague(relay, admin, ["practitioner"], "Dr. Other");
  for (const name of [null, "Dr. Other", "dr. berg"]) {
    const asked = await reset(name);
    assert.ok(asked.outcome === "choose");
    assert.deepEqual(asked.names.toSorted(), ["Dr. Berg", "Dr. Okafor"]);
  }
  assert.equal((await reset("Dr. Berg")).outcome, "made");
  assert.equal((await admin.get("/api/account")).status, 200);
});
