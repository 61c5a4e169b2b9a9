/** The access token: renewed in time, once for all, in turn over the tabs of a browser, and the passkey touched for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Access, type Alone, createAccess } from "../../client/transport/access.ts";
import type { SignedIn } from "../../relay/wire/accounts.ts";
import { Empty } from "../../relay/wire/requests.ts";
import { ACCOUNT } from "./fixtures.ts";
import { type FakeClock, fakeClock } from "./support/fake-clock.ts";

const ACCESS_MS = 300_000;
const SHARE = "A".repeat(43);

/** A relay as far as tokens and cookies go: it takes the newest of each, and ends the sign-in over an old cookie. */
function tokenRelay(clock: FakeClock) {
  let cookie = 1;
  let token = 0;
  let until = 0;
  let over = false;
  let fresh = true;
  let account = ACCOUNT;
  let cut = false;
  let restarts = 0;
  const seen: string[] = [];
  const refused = (status: number, code: string) => Response.json({ error: { code } }, { status });
  function signedIn(): SignedIn {
    token += 1;
    until = clock.now() + ACCESS_MS;
    return {
      account,
      access: `token-${token}`,
      accessMs: ACCESS_MS,
      absoluteMs: 43_200_000,
      idleMs: 900_000,
      share: SHARE,
    };
  }
  function answer(browser: { cookie: number }, path: string, bearer: string | null): Response {
    if (path === "/api/session/refresh") {
      if (browser.cookie !== cookie) over = true;
      if (over) return refused(401, "SIGN-IN-REQUIRED");
      cookie += 1;
      browser.cookie = cookie;
      return Response.json(signedIn());
    }
    if (path === "/api/sign-out") {
      over = true;
      return Response.json({});
    }
    // It was started anew between the renewal and this.
    if (restarts > 0) {
      restarts -= 1;
      token += 1;
    }
    if (over || bearer !== `Bearer token-${token}` || clock.now() >= until)
      return refused(401, "SIGN-IN-REQUIRED");
    if (path === "/api/touch/finish") fresh = true;
    if (path === "/fresh" && !fresh) return refused(403, "TOUCH-REQUIRED");
    return Response.json({});
  }
  return {
    seen,
    browser: () => ({ cookie }),
    async fetch(browser: { cookie: number }, path: string, init?: RequestInit): Promise<Response> {
      seen.push(path);
      if (cut) throw new TypeError("no network");
      // Two requests at once carry the cookie that the browser has when they leave.
      const sent = { ...browser };
      await Promise.resolve();
      const response = answer(sent, path, new Headers(init?.headers).get("authorization"));
      if (sent.cookie > browser.cookie) browser.cookie = sent.cookie;
      return response;
    },
    forget: () => {
      token += 1;
    },
    end: () => {
      over = true;
    },
    stale: () => {
      fresh = false;
    },
    becomes: (next: typeof ACCOUNT) => {
      account = next;
    },
    restart: (times: number) => {
      restarts = times;
    },
    cutOff: (now: boolean) => {
      cut = now;
    },
    count: (path: string) => seen.filter((each) => each === path).length,
  };
}

/** As the browser's lock, for all tabs of one browser. */
function inTurn(): Alone {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

function scene() {
  const clock = fakeClock();
  const relay = tokenRelay(clock);
  const browser = relay.browser();
  const alone = inTurn();
  const log: string[] = [];
  let touches = 0;
  const tab = (own: Alone = alone): Access =>
    createAccess({
      base: "",
      clock,
      alone: own,
      fetch: (path, init) => relay.fetch(browser, String(path), init),
      touch: async (ask) => {
        touches += 1;
        await ask("POST", "/api/touch/finish", Empty);
      },
      onRenewed: () => void log.push("renewed"),
      onEnded: () => void log.push("ended"),
    });
  return { clock, relay, tab, log, touches: () => touches, browser };
}

const get = (access: Access, path = "/thing") => access.ask("GET", path, Empty);
const REFRESH = "/api/session/refresh";

test("a token that is about to run out is renewed before it is shown", async () => {
  const { clock, relay, tab } = scene();
  const access = tab();
  await access.resume();
  await get(access);
  assert.equal(relay.count(REFRESH), 1);
  await clock.advance(ACCESS_MS - 10_000);
  await get(access);
  assert.equal(relay.count(REFRESH), 2);
  assert.equal(relay.seen.filter((path) => path === "/thing").length, 2, "no request was wasted");
});

test("a relay that is started anew again and again is away, and ends no sign-in", async () => {
  const { relay, tab, log } = scene();
  const access = tab();
  await access.resume();
  relay.restart(2);
  await get(access);
  relay.restart(20);
  await assert.rejects(get(access), { code: "OFFLINE" });
  assert.ok(relay.count(REFRESH) < 8, "no endless renewing");
  relay.restart(0);
  await get(access);
  assert.ok(!log.includes("ended"));
});

test("a token that the relay does not know any more is renewed once for all who ask", async () => {
  const { relay, tab, log } = scene();
  const access = tab();
  await access.resume();
  relay.forget();
  await Promise.all([get(access), get(access), get(access)]);
  assert.equal(relay.count(REFRESH), 2);
  assert.deepEqual(log, ["renewed"]);
});

test("a download is asked for as everything else: renewed, touched for, and refused with its code", async () => {
  const { relay, tab, touches } = scene();
  const access = tab();
  await access.resume();
  relay.forget();
  relay.stale();
  assert.equal(await (await access.download("/fresh")).text(), "{}");
  assert.equal(touches(), 1);
  assert.deepEqual(relay.seen.slice(1), ["/fresh", REFRESH, "/fresh", "/api/touch/finish", "/fresh"]);
  relay.cutOff(true);
  await assert.rejects(access.download("/thing"), { code: "OFFLINE" });
  const stopped = AbortSignal.abort(new Error("no more"));
  await assert.rejects(access.download("/thing", stopped), { message: "no more" });
});

test("two tabs renew in turn, so that neither shows a cookie that was replaced", async () => {
  const { clock, tab, log } = scene();
  const [one, two] = [tab(), tab()];
  await one.resume();
  await two.resume();
  await clock.advance(ACCESS_MS);
  await Promise.all([one.renew(), two.renew()]);
  await get(two);
  assert.deepEqual(log, ["renewed", "renewed"]);
});

test("without taking turns they would end the sign-in", async () => {
  const { clock, tab, log } = scene();
  const [one, two] = [tab((work) => work()), tab((work) => work())];
  await one.resume();
  await two.resume();
  await clock.advance(ACCESS_MS);
  await Promise.all([one.renew(), two.renew()]);
  assert.ok(log.includes("ended"));
});

test("a sign-in that the relay has ended is told once, and every request says so", async () => {
  const { relay, tab, log } = scene();
  const access = tab();
  await access.resume();
  relay.end();
  for (let times = 0; times < 3; times++) await assert.rejects(get(access), { code: "SIGN-IN-REQUIRED" });
  await Promise.all([access.renew(), access.renew()]);
  assert.deepEqual(log, ["ended"]);
});

test("nobody is signed in: null, and nothing has ended", async () => {
  const { relay, tab, log } = scene();
  relay.end();
  const access = tab();
  assert.equal(await access.resume(), null);
  await assert.rejects(get(access), { code: "SIGN-IN-REQUIRED" });
  assert.deepEqual(log, []);
});

test("a relay that cannot be reached ends nothing", async () => {
  const { clock, relay, tab, log } = scene();
  const access = tab();
  await access.resume();
  await clock.advance(ACCESS_MS);
  relay.cutOff(true);
  await assert.rejects(get(access), { code: "OFFLINE" });
  await access.renew();
  assert.deepEqual(log, []);
  relay.cutOff(false);
  await get(access);
  assert.deepEqual(log, ["renewed"]);
});

test("another person's sign-in in this browser ends what this tab held open", async () => {
  const { relay, clock, tab, log } = scene();
  const access = tab();
  await access.resume();
  relay.becomes({ ...ACCOUNT, id: "BBBBBBBBBBBBBBBBBBBBBA" });
  await clock.advance(ACCESS_MS);
  await assert.rejects(get(access), { code: "SIGN-IN-REQUIRED" });
  assert.deepEqual(log, ["ended"]);
});

test("the passkey is touched once for two that need it, and each is asked again", async () => {
  const { relay, tab, touches } = scene();
  const access = tab();
  await access.resume();
  relay.stale();
  await Promise.all([get(access, "/fresh"), get(access, "/fresh")]);
  assert.equal(touches(), 1);
  assert.equal(relay.count("/fresh"), 4);
});

test("a touch that is not enough is not asked for again and again", async () => {
  const { clock, relay, browser } = scene();
  let touches = 0;
  const access = createAccess({
    base: "",
    clock,
    alone: inTurn(),
    fetch: (path, init) => relay.fetch(browser, String(path), init),
    touch: async () => {
      touches += 1;
    },
    onRenewed: () => undefined,
    onEnded: () => undefined,
  });
  await access.resume();
  relay.stale();
  await assert.rejects(get(access, "/fresh"), { code: "TOUCH-REQUIRED" });
  assert.equal(touches, 1);
});

test("who left has no token any more, also where the relay could not be told", async () => {
  const { relay, tab, log } = scene();
  const access = tab();
  await access.resume();
  relay.cutOff(true);
  await assert.rejects(access.leave(), { code: "OFFLINE" });
  relay.cutOff(false);
  await assert.rejects(get(access), { code: "SIGN-IN-REQUIRED" });
  assert.deepEqual(log, [], "she knows that she left");
  assert.equal(relay.count("/thing"), 0);
});

test("a renewal that comes back after somebody left lets nobody in", async () => {
  const { clock, tab } = scene();
  const access = tab();
  await access.resume();
  await clock.advance(ACCESS_MS);
  const late = access.renew();
  const left = access.leave();
  await Promise.all([late, left]);
  await assert.rejects(get(access), { code: "SIGN-IN-REQUIRED" });
});
