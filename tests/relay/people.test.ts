/** What admins do about people, and what those people can do a moment later. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { Account, EnrolmentMade, People, type Person } from "../../relay/wire/accounts.ts";
import { CLOSE } from "../../relay/wire/frames.ts";
import { Changes } from "../../relay/wire/policy.ts";
import { startTestRelay } from "../support/relay.ts";
import { type Answer, call, join, openSocket, signIn, type TestHost } from "../support/relay-client.ts";
import { addColleague, enrol, entered, refreshAnswer, signInAnswer } from "../support/staff.ts";

async function setUp(t: TestContext) {
  const clock = { now: Date.now() };
  const relay = await startTestRelay(t, { now: () => clock.now });
  const admin = await signIn(relay);
  const self = v.parse(Account, (await admin.get("/api/account")).json).id;
  return { clock, relay, admin, self };
}

const people = async (admin: TestHost) => v.parse(People, (await admin.get("/api/people")).json);

async function person(admin: TestHost, id: string): Promise<Person> {
  return (await people(admin)).people.find((each) => each.id === id) ?? assert.fail("no such person");
}

function assertCode({ status, json }: Answer, expected: number, code: string): void {
  assert.deepEqual([status, json], [expected, { error: { code } }]);
}

function assertDone({ status, text }: Answer): void {
  assert.equal(status, 200, text);
}

suite("people", () => {
  test("are listed with roles, state, passkeys and when they were last seen", async (t) => {
    const { clock, relay, admin, self } = await setUp(t);
    const since = clock.now;
    clock.now += 1_000;
    const { id } = await addColleague(relay, admin, ["auditor", "practitioner"], "Dr. Berg");
    const list = await people(admin);
    const common = { state: "active", passkeys: 1 };
    assert.deepEqual(list, {
      people: [
        {
          id: self,
          name: "Dr. Okafor",
          roles: ["admin", "practitioner", "auditor"],
          created: since,
          seen: since,
          ...common,
        },
        {
          id,
          name: "Dr. Berg",
          roles: ["practitioner", "auditor"],
          created: clock.now,
          seen: clock.now,
          ...common,
        },
      ],
      enrolments: [],
      now: clock.now,
    });
  });

  test("suspended, fail at their next request and lose their desk at once; resumed, they sign in again", async (t) => {
    const { relay, admin } = await setUp(t);
    const { id, host, authenticator } = await addColleague(relay, admin, ["practitioner"]);
    const invite = await host.makeInvite();
    const guest = await join(relay, invite);
    const desk = await host.connect(t);
    const ticket = await host.ticket();
    assertDone(await admin.post(`/api/people/${id}/suspend`));
    assert.equal(await desk.closed, CLOSE.ticketRefused);
    assertCode(await host.get("/api/account"), 401, "SIGN-IN-REQUIRED");
    assertCode(await refreshAnswer(relay, host.cookie), 401, "SIGN-IN-REQUIRED");
    assertCode(await signInAnswer(relay, authenticator), 401, "SIGN-IN-REFUSED");
    const late = await openSocket(t, relay);
    late.hello(ticket);
    assert.equal(await late.closed, CLOSE.ticketRefused, "a ticket made before");
    assert.equal((await person(admin, id)).state, "suspended");

    assertDone(await admin.post(`/api/people/${id}/resume`));
    assert.equal((await guest.rejoin()).admitted, false, "nothing else is revoked");
    assertCode(await host.get("/api/account"), 401, "SIGN-IN-REQUIRED");
    entered(await signInAnswer(relay, authenticator));
  });

  test("suspended, have rooms that are closed for now; who is in a session there stays", async (t) => {
    const { clock, relay, admin } = await setUp(t);
    const { id, host } = await addColleague(relay, admin, ["practitioner"]);
    const invite = await host.makeInvite({ use: "reusable" });
    const over = await host.makeInvite({ notBefore: clock.now - 2_000, expires: clock.now - 1_000 });
    const [waiting, admitted] = [await join(relay, invite), await join(relay, invite)];
    await host.admit(admitted.session);
    const running = await admitted.connect(t);
    const own = await join(relay, await admin.makeInvite());
    const { room, token } = invite;
    const knock = (which = invite) =>
      call(relay, "POST", "/api/join", { room: which.room, token: which.token });
    const door = async () => (await call(relay, "POST", "/api/door", { room, token })).json;
    const shown = await door();

    assertDone(await admin.post(`/api/people/${id}/suspend`));
    assertCode(await knock(), 403, "INVITE-PAUSED");
    assertCode(await knock(over), 403, "INVITE-EXPIRED");
    assertCode(await call(relay, "POST", "/api/join", { room, token: over.token }), 404, "INVITE-UNKNOWN");
    const { session, resume } = waiting;
    assertCode(await call(relay, "POST", "/api/rejoin", { session, resume }), 403, "INVITE-PAUSED");
    assert.deepEqual(await door(), shown);
    assert.equal((await admitted.rejoin()).admitted, true);
    running.send(JSON.stringify({ t: "ping", n: 1 }));
    await running.heard("pong");
    assert.equal((await own.rejoin()).admitted, false, "nobody else's");

    assertDone(await admin.post(`/api/people/${id}/resume`));
    assert.equal((await knock()).status, 200);
    assert.equal((await waiting.rejoin()).admitted, false);
  });

  test("removed, are gone with their invites; whoever waits for them is told", async (t) => {
    const { relay, admin } = await setUp(t);
    const { id, host, authenticator } = await addColleague(relay, admin, ["practitioner"]);
    const invite = await host.makeInvite({ use: "reusable" });
    const [waiting, admitted] = [await join(relay, invite), await join(relay, invite)];
    await host.admit(admitted.session);
    const sockets = [await waiting.connect(t), await admitted.connect(t)];
    const desk = await host.connect(t);
    assertDone(await admin.post(`/api/people/${id}/remove`));
    assert.equal(await desk.closed, CLOSE.ticketRefused);
    for (const socket of sockets) assert.equal(await socket.closed, CLOSE.ended);
    assertCode(await host.get("/api/account"), 401, "SIGN-IN-REQUIRED");
    assertCode(await signInAnswer(relay, authenticator), 401, "SIGN-IN-REFUSED");
    const { room, token } = invite;
    assertCode(await call(relay, "POST", "/api/join", { room, token }), 404, "INVITE-UNKNOWN");
    assert.equal((await people(admin)).people.length, 1);
    assertCode(await admin.post(`/api/people/${id}/remove`), 404, "PERSON-UNKNOWN");
  });

  test("have what their new roles allow from the next request on, without signing in again", async (t) => {
    const { relay, admin } = await setUp(t);
    const { id, host } = await addColleague(relay, admin, ["practitioner"]);
    const desk = await host.connect(t);
    assertCode(await host.get("/api/people"), 403, "NOT-ALLOWED");
    const changed = await admin.post(`/api/people/${id}/roles`, { roles: ["auditor", "admin"] });
    assertDone(changed);
    assert.deepEqual(changed.json, await person(admin, id));
    assert.deepEqual((await person(admin, id)).roles, ["admin", "auditor"]);
    assert.equal(await desk.closed, CLOSE.ticketRefused, "no desk without the role");
    assertDone(await host.get("/api/people"));
    assertCode(await host.post("/api/desk/ticket"), 403, "NOT-ALLOWED");
    for (const roles of [[], ["admin", "admin"], ["root"], "admin"])
      assert.equal((await admin.post(`/api/people/${id}/roles`, { roles })).status, 400);
  });

  test("keep their desk when other roles change", async (t) => {
    const { relay, admin } = await setUp(t);
    const { id, host } = await addColleague(relay, admin, ["practitioner"]);
    const desk = await host.connect(t);
    assertDone(await admin.post(`/api/people/${id}/roles`, { roles: ["practitioner", "auditor"] }));
    desk.send(JSON.stringify({ t: "ping", n: 1 }));
    await desk.heard("pong");
  });

  test("that are not there are unknown, whatever is wanted of them", async (t) => {
    const { admin } = await setUp(t);
    for (const id of ["A".repeat(22), "x", "%00"])
      for (const what of ["suspend", "resume", "remove", "reset"])
        assertCode(await admin.post(`/api/people/${id}/${what}`), 404, "PERSON-UNKNOWN");
  });

  test("name themselves, and nobody else", async (t) => {
    const { admin, self } = await setUp(t);
    const renamed = await admin.post("/api/account/name", { name: "Dr. Ngozi Okafor" });
    assert.deepEqual(renamed.json, (await admin.get("/api/account")).json);
    assert.equal((await person(admin, self)).name, "Dr. Ngozi Okafor");
  });
});

suite("the last admin", () => {
  test("stays, in every way", async (t) => {
    const { relay, admin, self } = await setUp(t);
    await addColleague(relay, admin, ["practitioner", "auditor"]);
    for (const what of ["suspend", "remove", "reset"])
      assertCode(await admin.post(`/api/people/${self}/${what}`), 409, "LAST-ADMIN");
    assertCode(await admin.post(`/api/people/${self}/roles`, { roles: ["auditor"] }), 409, "LAST-ADMIN");
    assert.deepEqual((await person(admin, self)).roles, ["admin", "practitioner", "auditor"]);
    assertDone(await admin.post(`/api/people/${self}/roles`, { roles: ["admin"] }));
  });

  test("is there also when two suspend each other at once", async (t) => {
    const { relay, admin, self } = await setUp(t);
    const { id, host } = await addColleague(relay, admin, ["admin"]);
    const statuses = await Promise.all([
      admin.post(`/api/people/${id}/suspend`),
      host.post(`/api/people/${self}/suspend`),
    ]).then((answers) => answers.map(({ status }) => status).sort());
    assert.equal(statuses[0], 200);
    assert.ok([401, 409].includes(statuses[1] ?? 0), String(statuses));
    const left = (await admin.get("/api/people")).status === 200 ? admin : host;
    const active = (await people(left)).people.filter(({ state }) => state === "active");
    assert.equal(active.length, 1);
  });

  test("may go once another one can let people in", async (t) => {
    const { relay, admin, self } = await setUp(t);
    const made = await admin.post("/api/people/invite", { name: "Dr. Next", roles: ["admin"] });
    const { token } = v.parse(EnrolmentMade, made.json);
    assertCode(await admin.post(`/api/people/${self}/remove`), 409, "LAST-ADMIN");
    const { host } = await enrol(relay, token, "Dr. Next");
    assertDone(await host.post(`/api/people/${self}/remove`));
    assertCode(await admin.get("/api/account"), 401, "SIGN-IN-REQUIRED");
  });
});

test("every change of a person is on record: who, whom, from what to what", async (t) => {
  const { relay, admin } = await setUp(t);
  const { id } = await addColleague(relay, admin, ["practitioner"], "Dr. Berg");
  await admin.post(`/api/people/${id}/roles`, { roles: ["auditor", "practitioner"] });
  await admin.post(`/api/people/${id}/roles`, { roles: ["practitioner", "auditor"] });
  await admin.post(`/api/people/${id}/suspend`);
  await admin.post(`/api/people/${id}/suspend`);
  await admin.post(`/api/people/${id}/resume`);
  await admin.post(`/api/people/${id}/reset`);
  await admin.post(`/api/people/${id}/remove`);
  const { changes } = v.parse(Changes, (await admin.get("/api/changes/0")).json);
  assert.ok(changes.every(({ about }) => about?.name === "Dr. Berg" && about.id === id));
  assert.deepEqual(changes.map(({ byName, what, from, to }) => [byName, what, from, to]).reverse(), [
    ["Dr. Okafor", "person.invited", null, "practitioner"],
    ["Dr. Berg", "person.enrolled", null, "practitioner"],
    ["Dr. Okafor", "person.roles", "practitioner", "practitioner, auditor"],
    ["Dr. Okafor", "person.state", "active", "suspended"],
    ["Dr. Okafor", "person.state", "suspended", "active"],
    ["Dr. Okafor", "person.reset", null, null],
    ["Dr. Okafor", "person.removed", "practitioner, auditor", null],
  ]);
});
