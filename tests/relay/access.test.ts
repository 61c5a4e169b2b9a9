/**
 * Every route x every role x the owner or another x freshly touched or not. What is expected is written down here once
 * more, by hand: access.ts is what is tested.
 */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { ACCESS, type RouteName } from "../../relay/access.ts";
import { createGate } from "../../relay/http/gate.ts";
import { jsonRoutes } from "../../relay/http/json.ts";
import { FRESH_MS, Logins, Passkeys, type Role } from "../../relay/wire/accounts.ts";
import type { ErrorCode } from "../../relay/wire/errors.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { call, join, signIn, type TestHost } from "../support/relay-client.ts";
import { addColleague } from "../support/staff.ts";

/** "open": nobody has to be signed in. Otherwise whose roles may: a(dmin), p(ractitioner), u: auditor. */
interface Expected {
  readonly may: "open" | "apu" | "a" | "p" | "u" | "au";
  readonly fresh?: boolean;
  /** Another's row is answered with this. */
  readonly own?: ErrorCode;
}

const open: Expected = { may: "open" };
const staff: Expected = { may: "apu" };
const admin: Expected = { may: "a" };
const adminFresh: Expected = { may: "a", fresh: true };
const auditor: Expected = { may: "u" };
const auditorFresh: Expected = { may: "u", fresh: true };
const desk: Expected = { may: "p" };

const EXPECTED: Record<RouteName, Expected> = {
  "GET /healthz": open,
  "POST /api/enrol/begin": open,
  "POST /api/enrol/finish": open,
  "POST /api/sign-in/begin": open,
  "POST /api/sign-in/finish": open,
  "POST /api/session/refresh": open,
  "POST /api/sign-out": open,
  "POST /api/join": open,
  "POST /api/rejoin": open,
  "POST /api/ice": open,
  "POST /api/door": open,
  "GET /api/branding": open,
  "GET /api/branding/logo/:hash": open,
  "GET /api/account": staff,
  "POST /api/account/name": staff,
  "POST /api/touch/begin": staff,
  "POST /api/touch/finish": staff,
  "GET /api/passkeys": staff,
  "POST /api/passkeys/begin": { may: "apu", fresh: true },
  "POST /api/passkeys/finish": { may: "apu", fresh: true },
  "POST /api/passkeys/:id/rename": { may: "apu", own: "PASSKEY-UNKNOWN" },
  "POST /api/passkeys/:id/remove": { may: "apu", fresh: true, own: "PASSKEY-UNKNOWN" },
  "GET /api/logins": staff,
  "POST /api/logins/:id/end": { may: "apu", own: "LOGIN-UNKNOWN" },
  "POST /api/logins/end-all": staff,
  "GET /api/vault/keys": staff,
  "POST /api/vault/keys": { may: "apu", fresh: true },
  "GET /api/vault/rows/:after": staff,
  "POST /api/vault/rows": staff,
  "POST /api/vault/forget": { may: "apu", fresh: true },
  "GET /api/policy": staff,
  "GET /api/people": admin,
  "POST /api/people/invite": adminFresh,
  "POST /api/enrolments/:id/revoke": admin,
  "POST /api/people/:id/roles": adminFresh,
  "POST /api/people/:id/suspend": adminFresh,
  "POST /api/people/:id/resume": adminFresh,
  "POST /api/people/:id/remove": adminFresh,
  "POST /api/people/:id/reset": adminFresh,
  "POST /api/policy": adminFresh,
  "POST /api/branding": adminFresh,
  "POST /api/branding/logo": adminFresh,
  "GET /api/changes/:before": { may: "au" },
  "GET /api/log": open,
  "GET /api/log/consistency/:first/:second": open,
  "GET /api/log/inclusion/:index/:size": open,
  "POST /api/log/events": staff,
  "POST /api/log/guest-events": open,
  "GET /api/audit/key": staff,
  "POST /api/audit/key": auditorFresh,
  "POST /api/audit/seat": auditor,
  "GET /api/audit/seats": auditor,
  "POST /api/audit/seats/:id": auditorFresh,
  "POST /api/audit/search": auditor,
  "POST /api/audit/activity": auditor,
  "GET /api/audit/actors/:after": auditor,
  "GET /api/audit/export/:first/:second": auditorFresh,
  "GET /api/audit/session/:session": auditorFresh,
  "GET /api/audit/reviews": auditor,
  "GET /api/alerts": { may: "au" },
  "POST /api/alerts/:id/acknowledge": { may: "au" },
  "POST /api/desk/ticket": desk,
  "GET /api/invites": desk,
  "POST /api/invites": desk,
  "POST /api/invites/:room/revoke": { may: "p", own: "INVITE-UNKNOWN" },
  "POST /api/invites/:room/strike": { may: "p", own: "INVITE-UNKNOWN" },
  "POST /api/invites/:room/pause": { may: "p", own: "INVITE-UNKNOWN" },
  "POST /api/sessions/:session/admit": { may: "p", own: "SESSION-UNKNOWN" },
  "POST /api/sessions/:session/end": { may: "p", own: "SESSION-UNKNOWN" },
  "POST /api/sessions/:session/ice": { may: "p", own: "SESSION-UNKNOWN" },
  "GET /api/greeting": desk,
  "POST /api/greeting": desk,
};

const ROUTES = Object.keys(EXPECTED) as RouteName[];
const LETTER: Record<Role, string> = { admin: "a", practitioner: "p", auditor: "u" };

interface Person {
  readonly role: Role;
  readonly host: TestHost;
  /** Values for the parameters of paths: rows of this person. */
  readonly rows: Readonly<Record<string, string>>;
}

/** One person of each role, and rows of somebody else, who has all roles. */
async function clinic(t: TestContext) {
  const clock = { now: Date.now() };
  const many = { points: 100_000, seconds: 60 };
  const limits = {
    requestsPerAddress: many,
    joinsPerAddress: many,
    signInsPerAddress: many,
    signIns: many,
    enrolmentsPerAddress: many,
    refreshesPerAddress: many,
    eventsPerAddress: many,
    proofsPerAddress: many,
  };
  const relay = await startTestRelay(t, { now: () => clock.now, limits });
  const first = await signIn(relay);
  const { host: other } = await addColleague(relay, first, ["admin", "practitioner", "auditor"], "Other");
  const people: Person[] = [];
  for (const role of ["admin", "practitioner", "auditor"] as const) {
    const { host } = await addColleague(relay, first, [role], role);
    people.push({ role, host, rows: await rowsOf(relay, host, role === "practitioner") });
  }
  return { clock, relay, people, others: await rowsOf(relay, other, true) };
}

async function rowsOf(relay: TestRelay, host: TestHost, hasDesk: boolean) {
  const [passkey] = v.parse(Passkeys, (await host.get("/api/passkeys")).json).passkeys;
  const [login] = v.parse(Logins, (await host.get("/api/logins")).json).logins;
  assert.ok(passkey && login);
  const made = hasDesk ? await host.makeInvite({ use: "reusable" }) : null;
  const session = made && (await join(relay, made)).session;
  const nobodys = "A".repeat(22);
  return {
    passkey: passkey.id,
    login: login.id,
    room: made?.room ?? nobodys,
    session: session ?? nobodys,
  };
}

/** The route's path about these rows. */
function pathOf(name: RouteName, rows: Readonly<Record<string, string>>): string {
  const path = name.slice(name.indexOf(" ") + 1);
  const id = path.startsWith("/api/passkeys/") ? rows["passkey"] : rows["login"];
  const values: Readonly<Record<string, string | undefined>> = {
    ...rows,
    id,
    after: "0",
    before: "0",
    hash: "0".repeat(16),
    first: "0",
    second: "1",
    index: "0",
    size: "1",
  };
  return path.replace(/:(\w+)/g, (_whole, key: string) => values[key] ?? assert.fail(key));
}

/**
 * The code of the answer; "passed" when it got as far as its handler. A list is the body of no request, so the handler
 * of none does anything.
 */
async function attempt(
  relay: TestRelay,
  name: RouteName,
  rows: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const method = name.slice(0, name.indexOf(" "));
  const { status, text } = await call(relay, method, pathOf(name, rows), method === "GET" ? undefined : [], {
    headers,
  });
  const code = /"code":"([A-Z-]+)"/.exec(text)?.[1] ?? "";
  const passed = method === "GET" ? status === 200 || code === "NOT-FOUND" : code === "REQUEST-INVALID";
  return passed ? "passed" : code;
}

function expectedCode({ may, fresh, own }: Expected, role: Role, owner: boolean, touched: boolean): string {
  if (may === "open") return "passed";
  if (!may.includes(LETTER[role])) return "NOT-ALLOWED";
  if (own !== undefined && !owner) return own;
  return fresh && !touched ? "TOUCH-REQUIRED" : "passed";
}

suite("access", () => {
  test("every route that express answers has its row, and every row its route", async (t) => {
    const { routes } = await startTestRelay(t);
    const api = routes.filter((route) => / \/(api|healthz)/.test(route));
    assert.deepEqual(api.toSorted(), Object.keys(ACCESS).toSorted());
    assert.deepEqual(Object.keys(EXPECTED).toSorted(), Object.keys(ACCESS).toSorted());
    const pages = routes.filter((route) => !api.includes(route));
    assert.ok(
      pages.length > 0 && pages.every((route) => route.startsWith("GET /")),
      "the rest are files for everybody",
    );
  });

  test("a route without a row stops the start", () => {
    const gate = createGate({
      now: () => 0,
      authenticate: () => assert.fail(),
      ownerOf: {
        invite: async () => null,
        session: async () => null,
        passkey: async () => null,
        login: async () => null,
      },
    });
    const { get } = jsonRoutes(gate);
    assert.throws(() => get("GET /api/secret" as "GET /api/account", async () => ({})), /no row/);
  });

  test("is decided by role, ownership and touch, on every route", async (t) => {
    const { clock, relay, people, others } = await clinic(t);
    for (const touched of [true, false]) {
      if (!touched) clock.now += FRESH_MS;
      for (const { role, host, rows } of people)
        for (const name of ROUTES)
          for (const owner of [true, false]) {
            const mine = owner ? rows : others;
            const code = await attempt(relay, name, mine, { authorization: host.authorization() });
            const expected = expectedCode(EXPECTED[name], role, owner, touched);
            assert.equal(code, expected, `${name} as ${role}, ${owner ? "own" : "another's"}, ${touched}`);
          }
    }
  });

  test("takes nothing but an access token of this relay's", async (t) => {
    const { relay, people, others } = await clinic(t);
    const { host, rows } = people[0] ?? assert.fail();
    const token = host.authorization();
    const elsewhere = await signIn(await startTestRelay(t));
    const shown: Readonly<Record<string, Record<string, string>>> = {
      nothing: {},
      "the cookie alone": { cookie: host.cookie },
      "another relay's token": { authorization: elsewhere.authorization() },
      "another scheme": { authorization: token.replace("Bearer", "Basic") },
      "no scheme": { authorization: token.replace("Bearer ", "") },
      "a token cut short": { authorization: token.slice(0, -1).slice(0, -10) },
      "a token with another body": {
        authorization: token.replace(/\.([\w-]+)\./, (_all, body: string) => `.${body.slice(2)}.`),
      },
      "no token": { authorization: "Bearer " },
    };
    for (const [what, headers] of Object.entries(shown))
      for (const name of ROUTES)
        for (const about of [rows, others]) {
          const expected = EXPECTED[name].may === "open" ? "passed" : "SIGN-IN-REQUIRED";
          assert.equal(await attempt(relay, name, about, headers), expected, `${name} with ${what}`);
        }
  });
});
