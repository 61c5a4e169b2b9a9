/** Invites opened, refused and burnt: one event of each. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { call, join, type TestHost, type TestInvite } from "../support/relay-client.ts";
import { event, HOUR, MINUTE, openClinic } from "./support/record-clinic.ts";

const clinic = await openClinic({ after });
const { clock, relay, self, record, freshAdmin, colleague, asAdmin } = clinic;

/** Valid on the relay's clock. */
const window = () => ({ notBefore: clock.now - MINUTE, expires: clock.now + HOUR });
const knock = (room: string, token: string) => call(relay, "POST", "/api/join", { room, token });

test("an invite opened, with the session and whose it is", async () => {
  const host = await freshAdmin();
  const invite = await host.makeInvite(window());
  record.news();
  const { session } = await join(relay, invite);
  assert.deepEqual(record.news(), [event("invite.opened", { session, account: self, subject: invite.room })]);
});

type Closing = (host: TestHost) => Promise<TestInvite>;

async function guessed(host: TestHost, use: "single" | "reusable"): Promise<TestInvite> {
  const invite = await host.makeInvite({ ...window(), use });
  for (const _ of [1, 2, 3]) await host.strike(invite.room, (await join(relay, invite)).session);
  return invite;
}

/** An invite that takes no knock, and the reason on record. */
const CLOSED: Readonly<Record<string, Closing>> = {
  "not-yet": (host) => host.makeInvite({ notBefore: clock.now + HOUR, expires: clock.now + 2 * HOUR }),
  expired: (host) => host.makeInvite({ notBefore: clock.now - HOUR, expires: clock.now - MINUTE }),
  async revoked(host) {
    const invite = await host.makeInvite(window());
    await host.revoke(invite.room);
    return invite;
  },
  async used(host) {
    const invite = await host.makeInvite(window());
    await host.admit((await join(relay, invite)).session);
    return invite;
  },
  burnt: (host) => guessed(host, "single"),
  locked: (host) => guessed(host, "reusable"),
  async paused(host) {
    const invite = await host.makeInvite({ ...window(), use: "reusable" });
    await host.pause(invite.room, true);
    return invite;
  },
  async full(host) {
    const invite = await host.makeInvite(window());
    for (let knocks = 0; knocks < 5; knocks++) await join(relay, invite);
    return invite;
  },
};

for (const [reason, close] of Object.entries(CLOSED))
  test(`a knock at an invite that is ${reason}`, async () => {
    const { room, token } = await close(await freshAdmin());
    record.news();
    assert.ok((await knock(room, token)).status >= 400);
    const refused = { outcome: "failure", account: self, subject: room } as const;
    assert.deepEqual(record.news(), [event("invite.refused", refused, { reason })]);
  });

test("a knock at somebody's who is suspended", async () => {
  const { id, host } = await colleague();
  const { room, token } = await host.makeInvite(window());
  await asAdmin(`/api/people/${id}/suspend`);
  record.news();
  assert.equal((await knock(room, token)).status, 403);
  const refused = { outcome: "failure", account: id, subject: room } as const;
  assert.deepEqual(record.news(), [event("invite.refused", refused, { reason: "suspended" })]);
});

test("a knock with a wrong token, and one at a room that is not there, of which nothing is said", async () => {
  const { room } = await (await freshAdmin()).makeInvite(window());
  record.news();
  const token = randomBytes(32).toString("base64url");
  await knock(room, token);
  const refused = { outcome: "failure", account: self, subject: room } as const;
  assert.deepEqual(record.news(), [event("invite.refused", refused, { reason: "token" })]);
  await knock(randomBytes(16).toString("base64url"), token);
  assert.deepEqual(record.news(), [event("invite.unknown", { outcome: "failure" })]);
});

test("the third wrong passcode, and no other, burns an invite", async () => {
  const host = await freshAdmin();
  const { room, token } = await host.makeInvite(window());
  const sessions: string[] = [];
  for (const _ of [1, 2, 3]) sessions.push((await join(relay, { room, token })).session);
  record.news();
  for (const session of sessions.slice(0, 2)) await host.strike(room, session);
  await host.strike(room, sessions[0] ?? "");
  assert.deepEqual(record.news(), []);
  const [, , session = ""] = sessions;
  await host.strike(room, session);
  const burnt = { outcome: "failure", account: self, session, subject: room } as const;
  assert.deepEqual(record.news(), [event("invite.burnt", burnt, { strikes: 3 })]);
  await host.strike(room, session);
  assert.deepEqual(record.news(), []);
});

test("the third wrong passcode at a personal room locks it, and each further three make that longer", async () => {
  const host = await freshAdmin();
  const { room, token } = await host.makeInvite({ use: "reusable" });
  const sessions: string[] = [];
  for (const _ of [1, 2, 3, 4, 5, 6]) sessions.push((await join(relay, { room, token })).session);
  record.news();
  for (const session of sessions) await host.strike(room, session);
  const locked = (session = "") =>
    event("invite.locked", { outcome: "failure", account: self, session, subject: room }, { strikes: 3 });
  assert.deepEqual(record.news(), [locked(sessions[2]), locked(sessions[5])]);
});
