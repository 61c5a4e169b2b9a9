/** What an admin decides, what follows from it, and the record of every change. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { Passkeys } from "../../relay/wire/accounts.ts";
import { type Change, Changes, DEFAULT_POLICY, type Policy } from "../../relay/wire/policy.ts";
import { type InProcessOptions, startTestRelay } from "../support/relay.ts";
import { call, signIn, type TestHost } from "../support/relay-client.ts";
import { addColleague } from "../support/staff.ts";

const DAY = 86_400_000;

async function setUp(t: TestContext, options: InProcessOptions = {}) {
  const clock = { now: Date.now() };
  const relay = await startTestRelay(t, { now: () => clock.now, ...options });
  return { clock, relay, host: await signIn(relay) };
}

async function changes(host: TestHost, before = 0) {
  const { status, text, json } = await host.get(`/api/changes/${before}`);
  assert.equal(status, 200, text);
  return v.parse(Changes, json);
}

async function decide(host: TestHost, policy: Policy): Promise<void> {
  const { status, text, json } = await host.post("/api/policy", policy);
  assert.equal(status, 200, text);
  assert.deepEqual(json, policy);
}

/** What was changed, from what to what, in words. */
const told = ({ what, from, to }: Change) => `${what}: ${from} -> ${to}`;

suite("the policy", () => {
  test("is the default until somebody decides, and then what was decided, also after a restart", async (t) => {
    const { relay, host } = await setUp(t);
    assert.deepEqual((await host.get("/api/policy")).json, DEFAULT_POLICY);
    const policy = { ...DEFAULT_POLICY, idleMinutes: 5, retentionYears: 10 };
    await decide(host, policy);
    assert.deepEqual((await host.get("/api/policy")).json, policy);
    await relay.close();
    const again = await setUp(t, { dataDir: relay.dataDir });
    assert.deepEqual((await again.host.get("/api/policy")).json, policy);
  });

  test("has its bounds and its exact shape", async (t) => {
    const { relay, host } = await setUp(t);
    const { roomDays: _, ...lacking } = DEFAULT_POLICY;
    const bad: unknown[] = [
      { ...DEFAULT_POLICY, idleMinutes: 1 },
      { ...DEFAULT_POLICY, idleMinutes: 121 },
      { ...DEFAULT_POLICY, idleMinutes: 2.5 },
      { ...DEFAULT_POLICY, absoluteHours: 25 },
      { ...DEFAULT_POLICY, retentionYears: 5 },
      { ...DEFAULT_POLICY, inviteDays: 91 },
      { ...DEFAULT_POLICY, roomDays: 0 },
      { ...DEFAULT_POLICY, passcodeAlways: 1 },
      { ...DEFAULT_POLICY, encryption: false },
      lacking,
      [],
    ];
    for (const body of bad) {
      const { status, json } = await host.post("/api/policy", body);
      assert.deepEqual([status, json], [400, { error: { code: "REQUEST-INVALID" } }], JSON.stringify(body));
    }
    assert.deepEqual((await host.get("/api/policy")).json, DEFAULT_POLICY);
    assert.deepEqual((await changes(host)).changes, []);
    assert.equal((await call(relay, "GET", "/api/policy")).status, 401);
    assert.equal((await call(relay, "POST", "/api/policy", DEFAULT_POLICY)).status, 401);
  });

  test("bounds the validity of invites that are made from then on", async (t) => {
    const { clock, host } = await setUp(t);
    const made = await host.makeInvite({ notBefore: clock.now, expires: clock.now + 90 * DAY });
    await decide(host, { ...DEFAULT_POLICY, inviteDays: 2, roomDays: 30 });
    const make = async (use: "single" | "reusable", validity: number) => {
      const invite = { room: String(validity).padStart(21, "0").concat("A"), tokenHash: "A".repeat(43), use };
      const times = { notBefore: clock.now + DAY, expires: clock.now + DAY + validity };
      const { status, json } = await host.post("/api/invites", { ...invite, ...times });
      return status === 201
        ? "made"
        : v.parse(v.object({ error: v.object({ code: v.string() }) }), json).error.code;
    };
    assert.equal(await make("single", 2 * DAY), "made");
    assert.equal(await make("single", 2 * DAY + 1), "INVITE-TOO-LONG");
    assert.equal(await make("reusable", 30 * DAY), "made");
    assert.equal(await make("reusable", 30 * DAY + 1), "INVITE-TOO-LONG");
    const before = (await host.invites()).find(({ room }) => room === made.room);
    assert.deepEqual([before?.state, before?.expires], ["active", clock.now + 90 * DAY]);
  });
});

suite("the record of changes", () => {
  test("says who changed which field, when, from what to what, and nothing that stayed as it was", async (t) => {
    const { clock, host } = await setUp(t);
    const { json } = await host.get("/api/account");
    const { id } = v.parse(v.object({ id: v.string() }), json);
    await decide(host, { ...DEFAULT_POLICY, idleMinutes: 5, passcodeAlways: true });
    await decide(host, { ...DEFAULT_POLICY, idleMinutes: 5, passcodeAlways: true });
    clock.now += 7;
    const texts = { clinic: "Quiet & Sons", accent: "plum", welcome: "", waiting: "" };
    await host.post("/api/branding", texts);
    await host.post("/api/branding", { ...texts, welcome: "Come in" });
    await host.post("/api/greeting", { title: "PsyD", welcome: "", waiting: "" });

    const { changes: list, more } = await changes(host);
    assert.equal(more, false);
    assert.deepEqual(list.toReversed().map(told), [
      "policy.idleMinutes: 15 -> 5",
      "policy.passcodeAlways: false -> true",
      "branding.clinic:  -> Quiet & Sons",
      "branding.accent: teal -> plum",
      "branding.welcome:  -> Come in",
      "greeting.title:  -> PsyD",
    ]);
    assert.deepEqual(
      list.map(({ id: change }) => change),
      [6, 5, 4, 3, 2, 1],
    );
    assert.deepEqual(new Set(list.map(({ by, byName }) => `${by} ${byName}`)), new Set([`${id} Dr. Okafor`]));
    assert.deepEqual(
      list.map(({ at }) => clock.now - at),
      [0, 0, 0, 0, 7, 7],
    );
    assert.ok(list.every(({ about }) => about === null));
  });

  test("is one chain, though two save at the same time", async (t) => {
    const { relay, host } = await setUp(t);
    const { host: second } = await addColleague(relay, host, ["admin"]);
    const start = (await changes(host)).changes[0]?.id ?? 0;
    const minutes = Array.from({ length: 10 }, (_, index) => index + 20);
    await Promise.all(
      minutes.map((idleMinutes, index) =>
        decide(index % 2 === 0 ? host : second, { ...DEFAULT_POLICY, idleMinutes }),
      ),
    );
    const list = (await changes(host)).changes.filter(({ id }) => id > start);
    assert.equal(list.length, minutes.length);
    let last = String(DEFAULT_POLICY.idleMinutes);
    for (const { from, to } of list.toReversed()) {
      assert.equal(from, last);
      last = to ?? "";
    }
    const policy = v.parse(v.object({ idleMinutes: v.number() }), (await host.get("/api/policy")).json);
    assert.equal(last, String(policy.idleMinutes));
  });

  test("tells of people too, with the name of then, and outlives them", async (t) => {
    const { relay, host } = await setUp(t);
    const colleague = await addColleague(relay, host, ["practitioner"], "Eva Lind");
    await colleague.host.post("/api/greeting", { title: "MD", welcome: "", waiting: "" });
    await colleague.host.post("/api/account/name", { name: "Eva Berg" });
    await host.post(`/api/people/${colleague.id}/roles`, { roles: ["practitioner", "auditor"] });
    const { changes: list } = await changes(colleague.host);
    const greeting = list.find(({ what }) => what === "greeting.title");
    assert.deepEqual([greeting?.by, greeting?.byName], [colleague.id, "Eva Lind"]);
    const [roles] = list;
    assert.deepEqual(
      [roles?.what, roles?.byName, roles?.about, roles?.from, roles?.to],
      [
        "person.roles",
        "Dr. Okafor",
        { id: colleague.id, name: "Eva Berg" },
        "practitioner",
        "practitioner, auditor",
      ],
    );
    await host.post(`/api/people/${colleague.id}/remove`);
    const after = (await changes(host)).changes;
    assert.deepEqual(after.slice(-list.length), list, "what was on record is on record");
  });

  test("is read page by page, the newest first", async (t) => {
    const { host } = await setUp(t);
    for (let index = 0; index < 14; index++)
      await decide(host, {
        idleMinutes: 2 + index,
        absoluteHours: 1 + index,
        passcodeAlways: index % 2 === 0,
        relayOnlyAlways: index % 2 === 0,
        retentionYears: 7 + index,
        reviewDays: 7 + index,
        inviteDays: 1 + index,
        roomDays: 1 + index,
      });
    const first = await changes(host);
    assert.deepEqual([first.changes.length, first.more], [100, true]);
    const second = await changes(host, first.changes.at(-1)?.id);
    assert.deepEqual([second.changes.length, second.more], [12, false]);
    const ids = [...first.changes, ...second.changes].map(({ id }) => id);
    assert.deepEqual(
      ids,
      Array.from({ length: 112 }, (_, index) => 112 - index),
    );
    assert.deepEqual(await changes(host, 1), { changes: [], more: false });
    for (const before of ["x", "-1", "01", "1.0", "9007199254740992"]) {
      const { status, json } = await host.get(`/api/changes/${before}`);
      assert.deepEqual([status, json], [400, { error: { code: "REQUEST-INVALID" } }], before);
    }
  });

  test("grows by a limited number of requests, counted for each account", async (t) => {
    const { relay, host } = await setUp(t, { limits: { changesPerAccount: { points: 3, seconds: 60 } } });
    // Who is invited is on record as well.
    const { host: colleague } = await addColleague(relay, host, ["practitioner"]);
    const greet = async (by: TestHost, title: string) =>
      (await by.post("/api/greeting", { title, welcome: "", waiting: "" })).status;
    assert.deepEqual(
      [await greet(host, "a"), await greet(host, "b"), await greet(host, "c")],
      [200, 200, 429],
    );
    assert.equal((await host.post("/api/policy", DEFAULT_POLICY)).status, 429);
    assert.equal(await greet(colleague, "a"), 200);
    assert.equal((await host.get("/api/policy")).status, 200);
    const titles = (await changes(host)).changes.filter(({ what }) => what === "greeting.title");
    assert.deepEqual(
      titles.map(({ to }) => to),
      ["a", "b", "a"],
    );
  });

  test("grows by no way past the limit", async (t) => {
    const { relay, host } = await setUp(t, { limits: { changesPerAccount: { points: 3, seconds: 60 } } });
    const { id } = await addColleague(relay, host, ["practitioner"]);
    assert.equal((await host.post("/api/account/name", { name: "Dr. A" })).status, 200);
    assert.equal((await host.post("/api/account/name", { name: "Dr. B" })).status, 200);
    const [passkey] = v.parse(Passkeys, (await host.get("/api/passkeys")).json).passkeys;
    const { more, changes: before } = await changes(host);
    const nobody = "A".repeat(22);
    for (const [path, body] of [
      ["/api/account/name", { name: "Dr. C" }],
      ["/api/people/invite", { name: "Dr. D", roles: ["auditor"] }],
      [`/api/enrolments/${nobody}/revoke`, {}],
      [`/api/passkeys/${passkey?.id}/remove`, {}],
      [`/api/people/${id}/roles`, { roles: ["auditor"] }],
      [`/api/people/${id}/suspend`, {}],
      [`/api/people/${id}/resume`, {}],
      [`/api/people/${id}/reset`, {}],
      [`/api/people/${id}/remove`, {}],
      ["/api/policy", DEFAULT_POLICY],
      ["/api/branding", { clinic: "X", accent: "plum", welcome: "", waiting: "" }],
      ["/api/greeting", { title: "x", welcome: "", waiting: "" }],
    ] as const)
      assert.equal((await host.post(path, body)).status, 429, path);
    assert.deepEqual(await changes(host), { more, changes: before });
  });

  test("does not go to the log, nor do texts and names", async (t) => {
    const { relay, host } = await setUp(t, { env: { LOG_LEVEL: "debug" } });
    await host.post("/api/branding", {
      clinic: "Zebrafish",
      accent: "plum",
      welcome: "Aardvark",
      waiting: "",
    });
    await host.post("/api/greeting", { title: "Pangolin", welcome: "Aardvark", waiting: "" });
    await host.post("/api/greeting", { title: "Pangolin\u0000", welcome: "Aardvark", waiting: "" });
    await changes(host);
    await relay.logged('"route":"/api/changes/:before"');
    for (const word of ["Zebrafish", "Aardvark", "Pangolin", "plum"])
      assert.equal(relay.logs().includes(word), false, word);
  });
});
