/** What the admin's pages ask of the relay comes back as events in the right order; what fails is said where it belongs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdminRunner } from "../../client/effects/staff-admin.ts";
import type { AdminEffect, AdminEvent } from "../../client/state/staff-admin.ts";
import { ApiError, type ApiErrorCode, createAsk } from "../../client/transport/api.ts";
import { peopleApi } from "../../client/transport/api-accounts.ts";
import { policyApi } from "../../client/transport/api-policy.ts";
import { systemClock } from "../../client/transport/clock.ts";
import { NO_GREETING } from "../../relay/wire/branding.ts";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";

const ID = "AAAAAAAAAAAAAAAAAAAAAA";
const TOKEN = "A".repeat(43);
const ENROLMENT = { id: ID, purpose: "colleague", name: "Bea", roles: ["auditor"], created: 1, expires: 2 };

/** Runs one effect with the real request code against these answers, and waits for its last event. */
async function run(effect: AdminEffect, answers: Readonly<Record<string, unknown>>) {
  const asked: unknown[] = [];
  const events: AdminEvent[] = [];
  const ask = createAsk({
    base: "",
    clock: systemClock,
    fetch: (async (path: string, init: RequestInit) => {
      asked.push(`${init.method} ${path} ${init.body ?? ""}`.trim());
      const answer = answers[path];
      if (typeof answer === "string")
        return new Response(JSON.stringify({ error: { code: answer } }), { status: 403 });
      return new Response(JSON.stringify(answer));
    }) as typeof fetch,
  });
  const runner = createAdminRunner({
    api: { ...peopleApi(ask), ...policyApi(ask) },
    origin: "https://room.example.org",
    emit: (event) => void events.push(event),
    problemOf: (error) =>
      error instanceof ApiError && (error.code as ApiErrorCode) === "LAST-ADMIN"
        ? "LAST-ADMIN"
        : "UNEXPECTED",
  });
  runner.run(effect);
  for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate);
  return { asked, events };
}

test("an invitation comes back as a link with the token behind the '#', and then as done", async () => {
  const { asked, events } = await run(
    { type: "invite-person", personName: "Bea", roles: ["auditor"] },
    { "/api/people/invite": { enrolment: ENROLMENT, token: TOKEN } },
  );
  assert.deepEqual(asked, [`POST /api/people/invite ${JSON.stringify({ name: "Bea", roles: ["auditor"] })}`]);
  assert.deepEqual(events, [
    { type: "made", enrolment: ENROLMENT, link: `https://room.example.org/#enrol=${TOKEN}` },
    { type: "done", done: "invited" },
  ]);
});

test("what was saved is shown as the relay has it, before it is said to be done", async () => {
  const policy = { ...DEFAULT_POLICY, idleMinutes: 10 };
  assert.deepEqual((await run({ type: "save-policy", policy }, { "/api/policy": policy })).events, [
    { type: "policy", policy },
    { type: "done", done: "saved" },
  ]);
  const greeting = { ...NO_GREETING, title: "Psychologist" };
  assert.deepEqual((await run({ type: "save-greeting", greeting }, { "/api/greeting": greeting })).events, [
    { type: "greeting", greeting },
    { type: "done", done: "saved" },
  ]);
});

test("what fails says why: a change as failed, a look as not to be had, older changes as failed", async () => {
  const refused = await run({ type: "remove", id: ID }, { [`/api/people/${ID}/remove`]: "LAST-ADMIN" });
  assert.deepEqual(refused.events, [{ type: "failed", problem: "LAST-ADMIN" }]);
  const look = await run({ type: "load", what: "people" }, { "/api/people": { people: "none" } });
  assert.deepEqual(look.events, [{ type: "load-failed", problem: "UNEXPECTED" }]);
  for (const [before, type] of [
    [0, "load-failed"],
    [7, "failed"],
  ] as const) {
    const changes = await run({ type: "load-changes", before }, { [`/api/changes/${before}`]: "INTERNAL" });
    assert.deepEqual(changes.events, [{ type, problem: "UNEXPECTED" }]);
  }
});

test("that a sign-in is over is not said here: the door says it", async () => {
  const { events } = await run(
    { type: "suspend", id: ID },
    { [`/api/people/${ID}/suspend`]: "SIGN-IN-REQUIRED" },
  );
  assert.deepEqual(events, []);
});
