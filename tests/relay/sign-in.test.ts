/** From the set-up code to a cookie, and back out. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createSetupCode } from "../../relay/accounts/setup-code.ts";
import { CLOSE } from "../../relay/wire/frames.ts";
import { startTestRelay, temporaryFolder } from "../support/relay.ts";
import { call, hostWithCookie, openSocket, signIn } from "../support/relay-client.ts";

const HOURS = 3_600_000;

suite("the set-up code", () => {
  const fixed = () => createSetupCode(() => Uint8Array.from({ length: 16 }, (_, i) => i + 16));

  test("is four groups of letters and digits that are hard to mistake", () => {
    assert.equal(fixed().text, "GHJK-MNPQ-RSTV-WXYZ");
    const codes = new Set(
      Array.from(
        { length: 50 },
        () => createSetupCode((n) => crypto.getRandomValues(new Uint8Array(n))).text,
      ),
    );
    assert.equal(codes.size, 50);
    for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
  });

  const ones = () => createSetupCode(() => new Uint8Array(16).fill(1));
  const zeros = () => createSetupCode(() => new Uint8Array(16));
  const spellings: [string, string, () => ReturnType<typeof fixed>][] = [
    ["as shown", "GHJK-MNPQ-RSTV-WXYZ", fixed],
    ["in small letters, without dashes", "ghjkmnpqrstvwxyz", fixed],
    ["with spaces around and within", " GHJK MNPQ  RSTV WXYZ\n", fixed],
    ["with the dashes that phones make", "GHJK–MNPQ—RSTV-WXYZ", fixed],
    ["with I and L for 1", "1Il1-LLLL-iiii-1111", ones],
    ["with O for 0", "OOOO-oooo-0000-00O0", zeros],
  ];
  for (const [how, typed, make] of spellings)
    test(`is taken ${how}, once`, () => {
      const code = make();
      assert.equal(code.redeem(typed), true);
      assert.equal(code.redeem(typed), false);
    });

  for (const typed of [
    "",
    "GHJK",
    "GHJK-MNPQ-RSTV-WXY",
    "GHJK-MNPQ-RSTV-WXYY",
    "GHJKMNPQRSTVWXYZZ",
    "ghjk\0mnpq",
  ])
    test(`is not ${JSON.stringify(typed)}, and that does not use it up`, () => {
      const code = fixed();
      assert.equal(code.redeem(typed), false);
      assert.equal(code.redeem(code.text), true);
    });
});

suite("signing in", () => {
  test("with the code gives the account once; with anything else the same refusal", async (t) => {
    const relay = await startTestRelay(t);
    const attempt = (code: string) => call(relay, "POST", "/api/sign-in", { code });
    const wrong = await attempt("0000-0000-0000-0000");
    const { cookie } = await signIn(relay);
    const used = await attempt(relay.setupCode);
    assert.deepEqual([wrong.status, wrong.json], [401, { error: { code: "SIGN-IN-REFUSED" } }]);
    assert.deepEqual([used.status, used.text], [wrong.status, wrong.text]);
    assert.equal(wrong.headers.get("set-cookie"), null);
    const account = await hostWithCookie(relay, cookie).get("/api/account");
    assert.equal(account.status, 200);
  });

  test("sets a cookie that scripts cannot read and other sites cannot send", async (t) => {
    const relay = await startTestRelay(t);
    const answer = await call(relay, "POST", "/api/sign-in", { code: relay.setupCode });
    const cookie = answer.headers.get("set-cookie") ?? "";
    assert.match(cookie, /^quietroom=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  test("under https the cookie is Secure and bound to the host", async (t) => {
    const env = { PUBLIC_URL: "https://rooms.clinic.example", TRUST_PROXY: "1" };
    const relay = await startTestRelay(t, { env });
    const answer = await call(relay, "POST", "/api/sign-in", { code: relay.setupCode });
    const cookie = answer.headers.get("set-cookie") ?? "";
    assert.match(
      cookie,
      /^__Host-quietroom=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
    const value = cookie.split(";")[0]?.split("=")[1];
    const account = (name: string) =>
      call(relay, "GET", "/api/account", undefined, { cookie: `other=1; ${name}=${value}` });
    assert.equal((await account("__Host-quietroom")).status, 200);
    assert.equal((await account("quietroom")).status, 401);
  });

  test("every route of the owner's needs it", async (t) => {
    const relay = await startTestRelay(t);
    const room = "A".repeat(22);
    const invite = { room, tokenHash: "A".repeat(43), use: "single", notBefore: 0, expires: Date.now() };
    const routes: [string, string, unknown][] = [
      ["GET", "/api/account", undefined],
      ["POST", "/api/desk/ticket", {}],
      ["GET", "/api/invites", undefined],
      ["POST", "/api/invites", invite],
      ["POST", `/api/invites/${room}/revoke`, {}],
      ["POST", `/api/invites/${room}/strike`, { session: room }],
      ["POST", `/api/sessions/${room}/admit`, {}],
      ["POST", `/api/sessions/${room}/end`, {}],
      ["POST", "/api/ice", { session: room }],
    ];
    for (const [method, path, body] of routes)
      for (const cookie of [undefined, "quietroom=", `quietroom=${"A".repeat(43)}`, "quietroom=%00"]) {
        const answer = await call(relay, method, path, body, { cookie });
        const { status, json } = answer;
        assert.deepEqual([status, json], [401, { error: { code: "SIGN-IN-REQUIRED" } }], `${path} ${cookie}`);
      }
  });

  test("lasts twelve hours, over any number of restarts", async (t) => {
    const dataDir = temporaryFolder(t);
    const clock = { now: Date.now() };
    const start = () => startTestRelay(t, { dataDir, now: () => clock.now });
    const first = await start();
    const { cookie } = await signIn(first);
    await first.close();
    clock.now += 12 * HOURS - 1;
    const second = await start();
    assert.equal((await hostWithCookie(second, cookie).get("/api/account")).status, 200);
    await second.close();
    clock.now += 1;
    const third = await start();
    assert.equal((await hostWithCookie(third, cookie).get("/api/account")).status, 401);
  });

  test("at a later start, from another browser, it is the same account", async (t) => {
    const dataDir = temporaryFolder(t);
    const first = await startTestRelay(t, { dataDir });
    const one = await signIn(first);
    await one.makeInvite();
    await first.close();
    const second = await startTestRelay(t, { dataDir });
    assert.notEqual(second.setupCode, first.setupCode);
    const two = await signIn(second);
    assert.equal((await two.invites()).length, 1);
    assert.deepEqual(
      (await two.get("/api/account")).json,
      (await hostWithCookie(second, one.cookie).get("/api/account")).json,
    );
  });

  test("guesses are slowed down, also for the right code", async (t) => {
    const relay = await startTestRelay(t, { limits: { signInsPerAddress: { points: 3, seconds: 600 } } });
    const attempt = (code: string) => call(relay, "POST", "/api/sign-in", { code });
    for (const _ of [1, 2, 3]) assert.equal((await attempt("wrong")).status, 401);
    const { status, json, headers } = await attempt(relay.setupCode);
    assert.deepEqual([status, json], [429, { error: { code: "RATE-LIMITED" } }]);
    const seconds = Number(headers.get("retry-after"));
    assert.ok(seconds > 590 && seconds <= 600, String(seconds));
  });

  test("guesses from many addresses are slowed down together", async (t) => {
    const env = { PUBLIC_URL: "https://rooms.clinic.example", TRUST_PROXY: "1" };
    const relay = await startTestRelay(t, { env, limits: { signIns: { points: 3, seconds: 600 } } });
    const statuses = [];
    for (let i = 1; i <= 5; i++) {
      const headers = { "x-forwarded-for": `198.51.100.${i}` };
      statuses.push((await call(relay, "POST", "/api/sign-in", { code: "x" }, { headers })).status);
    }
    assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
  });
});

suite("signing out", () => {
  test("ends the cookie, the desk's socket and the tickets made before", async (t) => {
    const relay = await startTestRelay(t);
    const host = await signIn(relay);
    const desk = await host.connect(t);
    const ticket = await host.ticket();
    const answer = await host.post("/api/sign-out");
    assert.deepEqual([answer.status, answer.json], [200, {}]);
    assert.equal(
      answer.headers.get("set-cookie"),
      "quietroom=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict",
    );
    assert.equal(await desk.closed, CLOSE.ticketRefused);
    assert.equal((await host.get("/api/account")).status, 401);
    const late = await openSocket(t, relay);
    late.hello(ticket);
    assert.equal(await late.closed, CLOSE.ticketRefused);
    assert.equal((await host.post("/api/sign-out")).status, 200, "a second time is as good");
  });
});
