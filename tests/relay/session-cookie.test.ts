/** What a signed-in browser holds: a token that lives minutes, and a cookie that is replaced each time it is shown. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { ACCESS_MS, Logins } from "../../relay/wire/accounts.ts";
import { CLOSE } from "../../relay/wire/frames.ts";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import { type InProcessOptions, startTestRelay, temporaryFolder } from "../support/relay.ts";
import { type Answer, call, hostOf, join, type Place, signIn } from "../support/relay-client.ts";
import {
  cookieOf,
  type Entered,
  entered,
  firstAdminsAuthenticator,
  refreshAnswer,
  signInAnswer,
} from "../support/staff.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function setUp(t: TestContext, options: InProcessOptions = {}) {
  const clock = { now: Date.now() };
  const relay = await startTestRelay(t, { now: () => clock.now, ...options });
  await signIn(relay);
  const enter = async () => entered(await signInAnswer(relay, firstAdminsAuthenticator(relay)));
  return { clock, relay, enter, first: await enter() };
}

const refresh = async (place: Place, cookie: string) => entered(await refreshAnswer(place, cookie));

async function account(place: Place, { signedIn }: Entered): Promise<number> {
  const headers = { authorization: `Bearer ${signedIn.access}` };
  return (await call(place, "GET", "/api/account", undefined, { headers })).status;
}

function assertOver({ status, json, headers }: Answer): void {
  assert.deepEqual([status, json], [401, { error: { code: "SIGN-IN-REQUIRED" } }]);
  assert.match(headers.get("set-cookie") ?? "", /=; Max-Age=0; /);
}

suite("the cookie", () => {
  test("cannot be read by scripts or sent by other sites, and lasts as long as the sign-in", async (t) => {
    const { relay } = await setUp(t);
    const answer = await signInAnswer(relay, firstAdminsAuthenticator(relay));
    const cookie = answer.headers.get("set-cookie") ?? "";
    assert.match(cookie, /^quietroom=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  test("is Secure and bound to the host under https", async (t) => {
    const { relay } = await setUp(t, {
      env: { PUBLIC_URL: "https://rooms.clinic.example", TRUST_PROXY: "1" },
    });
    const answer = await signInAnswer(relay, firstAdminsAuthenticator(relay));
    const cookie = answer.headers.get("set-cookie") ?? "";
    assert.match(
      cookie,
      /^__Host-quietroom=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
    assert.equal((await refreshAnswer(relay, `other=1; ${cookieOf(answer)}`)).status, 200);
    assertOver(await refreshAnswer(relay, cookieOf(answer).replace("__Host-", "")));
  });

  test("renews, and is another one each time", async (t) => {
    const { relay, first } = await setUp(t);
    const second = await refresh(relay, first.cookie);
    const third = await refresh(relay, second.cookie);
    assert.equal(new Set([first.cookie, second.cookie, third.cookie]).size, 3);
    assert.deepEqual(third.signedIn.account, first.signedIn.account);
    assert.equal(third.signedIn.share, first.signedIn.share, "the share is the sign-in's");
    assert.equal(await account(relay, third), 200);
  });

  test("is taken again when the answer to it was lost, as often as that happens", async (t) => {
    const { relay, first } = await setUp(t);
    const second = await refresh(relay, first.cookie);
    for (const _ of [1, 2]) await refreshAnswer(relay, second.cookie);
    const third = await refresh(relay, second.cookie);
    assert.equal(await account(relay, await refresh(relay, third.cookie)), 200);
  });

  test("stolen, and used by the thief first: the sign-in ends when the owner shows it", async (t) => {
    const { relay, first: owner } = await setUp(t);
    const thief = await refresh(relay, await refresh(relay, owner.cookie).then(({ cookie }) => cookie));
    assertOver(await refreshAnswer(relay, owner.cookie));
    assertOver(await refreshAnswer(relay, thief.cookie));
    assert.equal(await account(relay, thief), 401, "and the thief's token with it");
  });

  test("stolen, and used by the owner first: the sign-in ends when the thief shows it", async (t) => {
    const { relay, first } = await setUp(t);
    const stolen = first.cookie;
    const owner = await refresh(relay, (await refresh(relay, first.cookie)).cookie);
    assertOver(await refreshAnswer(relay, stolen));
    assertOver(await refreshAnswer(relay, owner.cookie));
    assert.equal(await account(relay, owner), 401);
  });

  test("stolen before its answer came: two go on from one cookie, and the first to be renewed ends it", async (t) => {
    const { relay, first } = await setUp(t);
    const thief = await refresh(relay, first.cookie);
    // To the relay, the owner's is a lost answer: the thief's cookie is superseded.
    const owner = await refresh(relay, first.cookie);
    assertOver(await refreshAnswer(relay, thief.cookie));
    assertOver(await refreshAnswer(relay, owner.cookie));
  });

  test("reused, closes the desk of its sign-in and no other", async (t) => {
    const { relay, enter, first } = await setUp(t);
    const other = await enter();
    const desk = await hostOf(relay, first.cookie, first.signedIn).connect(t);
    await refresh(relay, (await refresh(relay, first.cookie)).cookie);
    await refreshAnswer(relay, first.cookie);
    assert.equal(await desk.closed, CLOSE.ticketRefused);
    assert.equal(await account(relay, other), 200);
  });

  test("that is nobody's renews nothing", async (t) => {
    const { relay } = await setUp(t);
    const nobodys = ["quietroom=", "quietroom=%00", `quietroom=${"A".repeat(43)}`, "a=b"];
    for (const cookie of nobodys) assertOver(await refreshAnswer(relay, cookie));
  });

  test("renews nothing for another site", async (t) => {
    const { relay, first } = await setUp(t);
    for (const origin of ["https://evil.example", null]) {
      const options = { cookie: first.cookie, origin };
      const { status } = await call(relay, "POST", "/api/session/refresh", {}, options);
      assert.equal(status, 403);
    }
    assert.equal((await refreshAnswer(relay, first.cookie)).status, 200, "and was not used up");
  });

  test("renews so often and no more", async (t) => {
    const { relay, first } = await setUp(t, {
      limits: { refreshesPerAddress: { points: 2, seconds: 60 } },
    });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await refreshAnswer(relay, first.cookie)).status);
    assert.deepEqual(statuses, [200, 200, 429]);
  });
});

suite("a sign-in", () => {
  test("its token lives five minutes, whatever is done with it", async (t) => {
    const { clock, relay, first } = await setUp(t);
    assert.equal(first.signedIn.accessMs, ACCESS_MS);
    clock.now += ACCESS_MS - 1_000;
    assert.equal(await account(relay, first), 200);
    clock.now += 2_000;
    assert.equal(await account(relay, first), 401);
    assert.equal(await account(relay, await refresh(relay, first.cookie)), 200);
  });

  test("is over when nothing was renewed for a quarter of an hour", async (t) => {
    const { clock, relay, first } = await setUp(t);
    clock.now += 15 * MINUTE - 1;
    const second = await refresh(relay, first.cookie);
    clock.now += 15 * MINUTE - 1;
    const third = await refresh(relay, second.cookie);
    clock.now += 15 * MINUTE;
    assertOver(await refreshAnswer(relay, third.cookie));
  });

  test("is over after twelve hours, used or not", async (t) => {
    const { clock, relay, first } = await setUp(t);
    let { cookie, signedIn } = first;
    assert.equal(signedIn.absoluteMs, 12 * HOUR);
    while (signedIn.absoluteMs > 10 * MINUTE) {
      clock.now += 10 * MINUTE;
      ({ cookie, signedIn } = await refresh(relay, cookie));
    }
    clock.now += signedIn.absoluteMs - 1;
    ({ cookie } = await refresh(relay, cookie));
    clock.now += 1;
    assertOver(await refreshAnswer(relay, cookie));
  });

  test("follows the policy of now", async (t) => {
    const { clock, relay, first } = await setUp(t);
    const host = hostOf(relay, first.cookie, first.signedIn);
    const decided = await host.post("/api/policy", { ...DEFAULT_POLICY, idleMinutes: 2, absoluteHours: 1 });
    assert.equal(decided.status, 200, decided.text);
    const { signedIn, cookie } = await refresh(relay, first.cookie);
    assert.deepEqual([signedIn.idleMs, signedIn.absoluteMs], [2 * MINUTE, HOUR]);
    assert.ok(signedIn.accessMs < signedIn.idleMs, "a page that renews in time is never idle");
    clock.now += 2 * MINUTE;
    assert.equal(await account(relay, { signedIn, cookie }), 401);
    assertOver(await refreshAnswer(relay, cookie));
  });

  test("in a call goes on beyond every limit, and ends with it", async (t) => {
    const { clock, relay, first } = await setUp(t);
    const host = hostOf(relay, first.cookie, first.signedIn);
    const desk = await host.connect(t);
    const guest = await join(relay, await host.makeInvite());
    const socket = await guest.connect(t);
    await host.admit(guest.session);
    clock.now += 13 * HOUR;
    const during = await refresh(relay, first.cookie);
    assert.equal(during.signedIn.absoluteMs, 0);
    assert.equal(await account(relay, during), 200);
    assert.equal(desk.socket.readyState, desk.socket.OPEN);
    await socket.close();
    desk.send(JSON.stringify({ t: "ping", n: 1 }));
    await desk.heard("pong");
    assertOver(await refreshAnswer(relay, during.cookie));
  });

  test("survives a restart by its cookie; its token does not", async (t) => {
    const dataDir = temporaryFolder(t);
    const { relay, first } = await setUp(t, { dataDir });
    await relay.close();
    const again = await startTestRelay(t, { dataDir });
    assert.equal(await account(again, first), 401);
    const renewed = await refresh(again, first.cookie);
    assert.equal(await account(again, renewed), 200);
    assert.equal(renewed.signedIn.share, first.signedIn.share);
  });

  test("of one's own can be seen and ended, one or all, with its desk", async (t) => {
    const { clock, relay, enter, first } = await setUp(t);
    clock.now += 1;
    const second = await enter();
    const host = hostOf(relay, first.cookie, first.signedIn);
    const list = async () => v.parse(Logins, (await host.get("/api/logins")).json).logins;
    assert.equal((await list()).length, 3);
    const desk = await hostOf(relay, second.cookie, second.signedIn).connect(t);
    const [newest, ...others] = await list();
    assert.equal(newest?.current, false);
    assert.equal(others.filter(({ current }) => current).length, 1);
    assert.equal((await host.post(`/api/logins/${newest?.id}/end`)).status, 200);
    assert.equal((await host.post(`/api/logins/${newest?.id}/end`)).status, 404);
    assert.equal(await desk.closed, CLOSE.ticketRefused);
    assert.equal(await account(relay, second), 401);
    assertOver(await refreshAnswer(relay, second.cookie));
    assert.equal((await host.post("/api/logins/end-all")).status, 200);
    assert.equal(await account(relay, first), 401);
    assertOver(await refreshAnswer(relay, first.cookie));
  });

  test("tells browser and system in words of ours", async (t) => {
    const { relay, first } = await setUp(t);
    const begun = await call(relay, "POST", "/api/sign-in/begin", {});
    assert.equal(begun.status, 200);
    const host = hostOf(relay, first.cookie, first.signedIn);
    const { logins } = v.parse(Logins, (await host.get("/api/logins")).json);
    assert.ok(logins.every(({ device }) => device === "A browser"));
  });
});

suite("signing out", () => {
  test("ends token, cookie, desk and the tickets made before; a second time is as good", async (t) => {
    const { relay, first } = await setUp(t);
    const host = hostOf(relay, first.cookie, first.signedIn);
    const desk = await host.connect(t);
    const { cookie } = first;
    const answer = await call(relay, "POST", "/api/sign-out", {}, { cookie });
    assert.deepEqual([answer.status, answer.json], [200, {}]);
    assert.equal(
      answer.headers.get("set-cookie"),
      "quietroom=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict",
    );
    assert.equal(await desk.closed, CLOSE.ticketRefused);
    assert.equal(await account(relay, first), 401);
    assertOver(await refreshAnswer(relay, cookie));
    assert.equal((await call(relay, "POST", "/api/sign-out", {}, { cookie })).status, 200);
  });
});
