/**
 * A relay that lies in its JSON API. What is outside the contract is refused as UNEXPECTED, whole; what is inside it and
 * not true makes no call weaker, forgets nothing of hers, and runs nobody's page hot.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createCallRunner } from "../../client/effects/call-runner.ts";
import type { CallMedia } from "../../client/media/types.ts";
import { systemClock } from "../../client/transport/clock.ts";
import { inviteLine } from "../../client/ui/words/invite.ts";
import { joinWords } from "../../client/ui/words/join.ts";
import { parseControl, RelayControl } from "../../relay/wire/control.ts";
import { networkTo, openDesk, sodium, therapistWith } from "../client/support/people.ts";
import { createApi, type RelayApi } from "../client/support/relay-api.ts";
import { ENDLESS, NO_SERVERS } from "./support/answers.ts";
import { admit, meet, openScene, saw, visit } from "./support/scene.ts";

// ---- outside the contract ----------------------------------------------------------------------------------------

const ID = Buffer.alloc(16, 5).toString("base64url");
const SECRET = Buffer.alloc(32, 5).toString("base64url");
const NOW = Date.UTC(2026, 10, 25);
/** JavaScript has no date from here on, and formatting it throws. */
const NEVER = 8_640_000_000_000_001;

const INVITE = {
  room: ID,
  use: "single",
  created: NOW,
  notBefore: NOW,
  expires: NOW + 3_600_000,
  strikes: 0,
  state: "active",
};
const SERVER = ENDLESS.iceServers[0];
const many = <T>(count: number, item: T): T[] => Array<T>(count).fill(item);

type Call = (api: RelayApi) => Promise<unknown>;
const ice: Call = (api) => api.hostIce(ID);
const list: Call = (api) => api.invites();
const join: Call = (api) => api.join(ID, SECRET);

const LIES: readonly (readonly [what: string, call: Call, answer: unknown])[] = [
  [
    "a STUN server of a third party",
    ice,
    { ...ENDLESS, iceServers: [{ ...SERVER, urls: ["stun:stun.example:3478"] }] },
  ],
  ["STUN beside TURN", ice, { ...ENDLESS, iceServers: [{ ...SERVER, urls: ["turn:a:1", "stuns:b:2"] }] }],
  ["an address that is none", ice, { ...ENDLESS, iceServers: [{ ...SERVER, urls: ["turn:a b"] }] }],
  ["a web address", ice, { ...ENDLESS, iceServers: [{ ...SERVER, urls: ["https://a.example"] }] }],
  ["a thousand servers", ice, { ...ENDLESS, iceServers: many(1_000, SERVER) }],
  [
    "a thousand addresses of one",
    ice,
    { ...ENDLESS, iceServers: [{ ...SERVER, urls: many(1_000, "turn:a:1") }] },
  ],
  [
    "an address without end",
    ice,
    { ...ENDLESS, iceServers: [{ ...SERVER, urls: [`turn:${"a".repeat(999)}`] }] },
  ],
  [
    "a credential without end",
    ice,
    { ...ENDLESS, iceServers: [{ ...SERVER, credential: "a".repeat(9_999) }] },
  ],
  ["a policy for paths", ice, { ...ENDLESS, iceTransportPolicy: "all" }],
  ["a word on hidden addresses", ice, { ...ENDLESS, relayOnly: false }],
  ["a date that no calendar has", list, { invites: [{ ...INVITE, expires: NEVER }], now: NOW }],
  ["an opening that no calendar has", list, { invites: [{ ...INVITE, notBefore: NEVER }], now: NOW }],
  ["a making that no calendar has", list, { invites: [{ ...INVITE, created: NEVER }], now: NOW }],
  ["a clock that no calendar has", list, { invites: [INVITE], now: NEVER }],
  ["a date before all dates", list, { invites: [{ ...INVITE, created: -1 }], now: NOW }],
  ["an unknown state", list, { invites: [{ ...INVITE, state: "open to all" }], now: NOW }],
  ["a list without end", list, { invites: many(9_000, INVITE), now: NOW }],
  ["a ticket without end", (api) => api.deskTicket(), { ticket: "t".repeat(3_000) }],
  ["a guest's ticket without end", join, { session: ID, resume: SECRET, ticket: "t".repeat(3_000) }],
  ["a session that is none", join, { session: "../../etc", resume: SECRET, ticket: "t" }],
  ["a passcode flag", join, { session: ID, resume: SECRET, ticket: "t", passcode: false }],
  ["admission at the door", join, { session: ID, resume: SECRET, ticket: "t", admitted: true }],
];

const answering = (status: number, answer: unknown): RelayApi =>
  createApi({
    base: "http://relay.example",
    fetch: async () => Response.json(answer, { status }),
    clock: systemClock,
  });

describe("outside the contract", () => {
  for (const [what, call, answer] of LIES)
    test(`${what}: UNEXPECTED`, async () => {
      await assert.rejects(call(answering(200, answer)), { name: "ApiError", code: "UNEXPECTED" });
    });

  test("an opening that no calendar has, as a refusal: UNEXPECTED", async () => {
    const refusal = { error: { code: "INVITE-NOT-YET", opens: NEVER } };
    await assert.rejects(join(answering(403, refusal)), { name: "ApiError", code: "UNEXPECTED" });
  });

  test("a guest since no date: the message is none of the contract", () => {
    const guest = { session: ID, room: ID, admitted: false, since: NEVER };
    assert.equal(parseControl(RelayControl, JSON.stringify({ t: "guest", here: true, guest })), null);
  });
});

// ---- inside the contract -----------------------------------------------------------------------------------------

test("the first and the last date of the contract can be shown in words", () => {
  const time = { locale: "en-GB", timeZone: "Pacific/Kiritimati" };
  for (const date of [0, Date.UTC(9999, 11, 31, 23, 59, 59, 999)]) {
    const context = { therapist: "Dr. Okafor", opens: date, now: NOW, time };
    assert.match(joinWords("INVITE-NOT-YET", context).means, /opens on/);
    const card = { ...INVITE, label: "", link: "", passcode: null, relayOnly: false, here: true } as const;
    for (const state of ["active", "not-yet", "expired", "used"] as const) {
      const shown = { ...card, use: "single", state, created: date, notBefore: date, expires: date } as const;
      assert.match(inviteLine(shown, NOW, time), / on /);
    }
  }
});

test("credentials that never end are not renewed without a pause", async () => {
  let asked = 0;
  const media: CallMedia = {
    signal: () => {},
    installReceive: async () => {},
    switchSend: async () => {},
    forgetBefore: () => {},
    replaceTrack: async () => {},
    updateIceServers: () => {},
    restart: () => {},
    close: () => {},
  };
  const begun = Promise.withResolvers<void>();
  const runner = createCallRunner({
    sodium: () => sodium,
    createCallMedia: async () => () => {
      begun.resolve();
      return media;
    },
    ice: async () => {
      asked += 1;
      return ENDLESS;
    },
    localStream: async () => null,
    emit: () => {},
  });
  const keys = { epoch: 1, send: new Uint8Array(32).fill(1), receive: new Uint8Array(32).fill(2) };
  await runner.epoch("s", { type: "install-receive", keys });
  await runner.epoch("s", { type: "switch-send", epoch: 1 });
  runner.run({ type: "start-media", session: "s", number: 1, role: "host", relayOnly: true });
  await begun.promise;
  // A timer that overflows fires after a millisecond.
  await new Promise((resolve) => setTimeout(resolve, 100));
  runner.run({ type: "stop-media" });
  assert.equal(asked, 1);
});

describe("her invites, as the relay tells of them", () => {
  test("a clock far ahead makes no link forgotten", async (t) => {
    const { hostile, therapist } = await openScene(t);
    hostile.lies.answer = async (asked, honest) => {
      const answer = await honest();
      return asked.path === "/api/invites"
        ? { ...answer, body: { invites: [], now: Date.UTC(9999, 11, 31) } }
        : answer;
    };
    assert.deepEqual(await therapist.invites.list(), []);
    assert.equal((await therapist.invites.forHost()).length, 1, "and her desk still answers it");
  });

  test("what she chose is shown from her vault, and an invite of the relay's own opens nothing", async (t) => {
    const { hostile, therapist } = await openScene(t, {
      invite: { use: "single", passcode: "482913", relayOnly: true },
    });
    const [before] = await therapist.invites.list();
    assert.ok(before);
    hostile.lies.answer = async (asked, honest) => {
      const answer = await honest();
      if (asked.path !== "/api/invites") return answer;
      const lied = { use: "reusable", expires: Date.UTC(9000, 0) };
      const { invites, now } = answer.body as { invites: object[]; now: number };
      return {
        ...answer,
        body: { invites: [...invites.map((each) => ({ ...each, ...lied })), INVITE], now },
      };
    };
    const [known, invented] = await therapist.invites.list();
    assert.deepEqual(known, before);
    assert.deepEqual([invented?.link, invented?.here, invented?.passcode], ["", false, null]);
    assert.equal((await therapist.invites.forHost()).length, 1);
  });

  for (const [what, status, body] of [
    ["does not revoke", 200, { ...INVITE, state: "revoked" }],
    ["will not hear of it", 500, { error: { code: "INTERNAL" } }],
  ] as const)
    test(`a link that she revokes opens nothing, though the relay ${what}`, async (t) => {
      const scene = await openScene(t);
      const { hostile, therapist, desk } = scene;
      const [entry] = await therapist.invites.list();
      hostile.lies.answer = async ({ path }, honest) =>
        path.endsWith("/revoke") ? { status, body } : honest();
      const revoked = therapist.invites.revoke(entry?.room ?? "").catch((error: unknown) => error);
      assert.equal((await revoked) instanceof Error, status !== 200);
      desk.transport.refreshInvites();
      const late = visit(t, scene);
      assert.deepEqual(await late.log.until("it", (event) => event.type === "refused" && event.refusal), {
        code: "INVITE-ELSEWHERE",
      });
      assert.equal(saw(desk, "knock"), false);
    });

  test("a link for one session lets nobody in after the first, though the relay goes on letting people knock", async (t) => {
    const met = await meet(t, { invite: { use: "single" } });
    // The relay never marks it as used, and never says so.
    met.hostile.lies.answer = async ({ path }, honest) =>
      path.endsWith("/admit") ? { status: 200, body: NO_SERVERS } : honest();
    await admit(met);
    const timings = { handshakeMs: 30, restartMs: 5 };
    const second = visit(t, met, { timings });
    assert.deepEqual(await second.log.until("it", (event) => event.type === "refused" && event.refusal), {
      code: "SESSION-UNKNOWN",
    });
    // Not in a later page either.
    const { session } = met;
    await met.desk.transport.end(session, { t: "end", reason: "ended" });
    met.desk.transport.close();
    const elsewhere = await therapistWith(met.hostile, met.therapist.api, met.therapist.store);
    const desk = await openDesk(t, elsewhere, networkTo(met.hostile));
    const third = visit(t, met, { timings });
    assert.deepEqual(await third.log.until("it", (event) => event.type === "refused" && event.refusal), {
      code: "INVITE-ELSEWHERE",
    });
    for (const each of [met.desk, desk])
      assert.ok(each.log.events.every((event) => event.type !== "knock" || event.knock.session === session));
    assert.equal(saw(desk, "knock"), false);
  });
});
