import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiErrorCode } from "../../client/transport/api.ts";
import { ERROR_CODES } from "../../relay/wire/errors.ts";
import { fakeClock, settle } from "./support/fake-clock.ts";
import { createApi } from "./support/relay-api.ts";

interface Asked {
  readonly url: string;
  readonly init: RequestInit | undefined;
}

function apiWith(answer: (asked: Asked) => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const clock = fakeClock();
  const api = createApi({
    base: "https://relay.example",
    clock,
    fetch: async (url, init) => {
      const request = { url: String(url), init };
      asked.push(request);
      return answer(request);
    },
  });
  return { api, asked, clock };
}

const json = (value: unknown, status = 200) => Response.json(value, { status });
const rejected = (code: ApiErrorCode) => ({ name: "ApiError", code });

test("every call asks what the contract says, and nothing of it in the address but ids", async () => {
  const invite = {
    room: "r",
    use: "single",
    created: 1,
    notBefore: 1,
    expires: 2,
    strikes: 0,
    state: "active",
  };
  const room = "AAAAAAAAAAAAAAAAAAAAAA";
  const account = { id: room, name: "Dr. Okafor", roles: ["practitioner"], turn: true };
  const answers: Record<string, unknown> = {
    "/api/desk/ticket": { ticket: "t" },
    "/api/account": account,
    "/api/sign-out": {},
    "/api/join": { session: room, resume: "A".repeat(43), ticket: "t" },
    "/api/rejoin": { ticket: "t", admitted: true },
    "/api/ice": { iceServers: [], lifeMs: 0 },
    [`/api/sessions/${room}/ice`]: { iceServers: [], lifeMs: 0 },
    [`/api/sessions/${room}/admit`]: { iceServers: [], lifeMs: 0 },
    [`/api/sessions/${room}/end`]: {},
    "/api/invites": { invites: [], now: 5 },
    [`/api/invites/${room}/revoke`]: { ...invite, room },
    [`/api/invites/${room}/strike`]: { ...invite, room },
  };
  const { api, asked } = apiWith(({ url }) => json(answers[new URL(url).pathname]));
  assert.deepEqual(await api.account(), account);
  await api.signOut();
  assert.equal(await api.deskTicket(), "t");
  assert.deepEqual(await api.invites(), { invites: [], now: 5 });
  assert.equal((await api.revokeInvite(room)).room, room);
  assert.equal((await api.strike(room, room)).room, room);
  assert.deepEqual(await api.admit(room), { iceServers: [], lifeMs: 0 });
  await api.endSession(room);
  assert.equal((await api.join(room, "secret-token")).session, room);
  assert.equal((await api.rejoin(room, "secret-resume")).admitted, true);
  await api.guestIce(room, "secret-resume");
  await api.hostIce(room);
  assert.ok(asked.every(({ url }) => !url.includes("secret")));
  for (const { init } of asked) {
    assert.equal(init?.redirect, "error");
    assert.equal(init?.cache, "no-store");
    assert.equal(init?.credentials, "same-origin");
    assert.equal(init?.referrerPolicy, "no-referrer");
  }
  assert.deepEqual(
    asked.slice(-3).map(({ init }) => JSON.parse(String(init?.body))),
    [{ session: room, resume: "secret-resume" }, { session: room, resume: "secret-resume" }, {}],
  );
});

test("ids are escaped: none can reach another path", async () => {
  const { api, asked } = apiWith(() => json({}));
  await api.endSession("../invites?x#y");
  assert.equal(asked[0]?.url, "https://relay.example/api/sessions/..%2Finvites%3Fx%23y/end");
});

for (const code of ERROR_CODES) {
  test(`a refusal is told by its code: ${code}`, async () => {
    const { api } = apiWith(() => json({ error: { code } }, 400));
    await assert.rejects(api.join("r", "t"), rejected(code));
  });
}

test("a refusal says when the invite opens", async () => {
  const { api } = apiWith(() => json({ error: { code: "INVITE-NOT-YET", opens: 17 } }, 403));
  await assert.rejects(api.join("r", "t"), { code: "INVITE-NOT-YET", opens: 17 });
});

for (const [what, answer] of [
  ["another shape", () => json({ ticket: 5 })],
  ["an unknown field", () => json({ ticket: "t", more: 1 })],
  ["no JSON", () => new Response("<!doctype html>")],
  ["nothing", () => new Response(null, { status: 204 })],
  ["bytes that are no UTF-8", () => new Response(Uint8Array.of(0x22, 0xff, 0x22))],
  ["an error page", () => new Response("Bad gateway", { status: 502 })],
  ["an unknown error code", () => json({ error: { code: "NEW-CODE" } }, 400)],
  ["more than any answer has", () => json({ ticket: "x".repeat(2_000_000) })],
] as const) {
  test(`an answer with ${what} is UNEXPECTED`, async () => {
    const { api } = apiWith(answer);
    await assert.rejects(api.deskTicket(), rejected("UNEXPECTED"));
  });
}

test("no connection, and one that breaks under way, are OFFLINE", async () => {
  const refused = apiWith(() => Promise.reject(new TypeError("fetch failed")));
  await assert.rejects(refused.api.account(), rejected("OFFLINE"));
  const broken = apiWith(
    () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('{"id":'));
            controller.error(new TypeError("terminated"));
          },
        }),
      ),
  );
  await assert.rejects(broken.api.account(), rejected("OFFLINE"));
});

test("no answer in time is OFFLINE, and the request is called off", async () => {
  const { api, clock } = apiWith(
    ({ init }) =>
      new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted")))),
  );
  const answer = assert.rejects(api.account(), rejected("OFFLINE"));
  await settle();
  await clock.advance(10_000);
  await answer;
  assert.equal(clock.pending(), 0);
});
