/** What strangers try is on record in a bounded number; what is beyond is counted, and told in the next. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, suite, test } from "node:test";
import type { RelayHappening } from "../../crypto/audit/registry.ts";
import { createRefusals } from "../../relay/audit/refusals.ts";
import { call } from "../support/relay-client.ts";
import { firstAdminsAuthenticator, signInAnswer } from "../support/staff.ts";
import { HOUR, MINUTE, openClinic, strangersAuthenticator } from "./support/record-clinic.ts";

const clinic = await openClinic({ after }, { limits: { refusalsOnRecord: { points: 2, seconds: 3_600 } } });
const { clock, relay, self, record, freshAdmin } = clinic;

const failed = { action: "sign-in.passkey", outcome: "failure", details: { reason: "not-proven" } } as const;

/** So many of a bucket until the next hour begins. */
function setUp(first: number) {
  let most = first;
  const taken = new Map<string, number>();
  const recorded: RelayHappening[] = [];
  const refusals = createRefusals({
    record: async (happening) => void recorded.push(happening),
    limiter: {
      async take(bucket) {
        taken.set(bucket, (taken.get(bucket) ?? 0) + 1);
        return (taken.get(bucket) ?? 0) > most ? 1 : 0;
      },
    },
  });
  const counts = () =>
    recorded
      .splice(0)
      .map(({ details }) => (details !== undefined && "count" in details ? details.count : 1));
  return {
    ...refusals,
    counts,
    nextHour: () => taken.clear(),
    allow(number: number): void {
      most = number;
    },
  };
}

suite("of many refusals", () => {
  test("the first are on record each, and those beyond in one, when there is room again", async () => {
    const { refused, flush, counts, nextHour } = setUp(3);
    for (let tries = 0; tries < 10; tries++) await refused("a", "x", failed);
    await flush();
    assert.deepEqual(counts(), [1, 1, 1]);
    nextHour();
    await flush();
    assert.deepEqual(counts(), [7]);
    await flush();
    assert.deepEqual(counts(), []);
  });

  test("the next one says how many came before it, of its own kind", async () => {
    const { refused, counts, nextHour } = setUp(1);
    for (const like of ["x", "x", "y", "x"]) await refused("a", like, failed);
    nextHour();
    await refused("a", "x", failed);
    assert.deepEqual(counts(), [1, 3]);
  });

  test("one bucket does not crowd out another", async () => {
    const { refused, counts } = setUp(1);
    for (let tries = 0; tries < 9; tries++) await refused("strangers", "x", failed);
    await refused("her", "x", failed);
    assert.deepEqual(counts(), [1, 1]);
  });

  test("kinds that are counted at a time are bounded", async () => {
    const { refused, flush, counts, allow } = setUp(0);
    for (let kind = 0; kind < 1_500; kind++) await refused("a", String(kind), failed);
    allow(10_000);
    await flush();
    assert.equal(counts().length, 1_000);
  });
});

test("a stranger's knocks cannot fill the log, nor be told from one another; one invite's do not hide another's", async () => {
  const host = await freshAdmin();
  const window = { notBefore: clock.now - MINUTE, expires: clock.now + HOUR };
  const closed = [await host.makeInvite(window), await host.makeInvite(window)];
  for (const { room } of closed) await host.revoke(room);
  record.news();
  const token = () => randomBytes(32).toString("base64url");
  const knock = (room: string, shown: string) => call(relay, "POST", "/api/join", { room, token: shown });
  for (let tries = 0; tries < 6; tries++) await knock(randomBytes(16).toString("base64url"), token());
  for (const { room } of closed) await knock(room, token());
  assert.deepEqual(
    record.news().map(({ action }) => action),
    ["invite.unknown", "invite.unknown"],
  );
  for (const { room, token: right } of closed) for (const _ of [1, 2, 3]) await knock(room, right);
  assert.deepEqual(
    record.news().map(({ action, subject }) => [action, subject]),
    closed.flatMap(({ room }) => Array(2).fill(["invite.refused", room])),
  );
});

test("what is tried with her passkey is on record, though strangers have used up their number", async () => {
  const [authenticator, stranger] = [firstAdminsAuthenticator(relay), await strangersAuthenticator(relay)];
  record.news();
  for (let tries = 0; tries < 4; tries++) await signInAnswer(relay, stranger);
  assert.deepEqual(
    record.news().map(({ action, account }) => [action, account]),
    Array(2).fill(["sign-in.passkey", null]),
  );
  for (let tries = 0; tries < 4; tries++) await signInAnswer(relay, authenticator, { userVerified: false });
  assert.deepEqual(
    record.news().map(({ action, account }) => [action, account]),
    Array(2).fill(["sign-in.passkey", self]),
  );
});
