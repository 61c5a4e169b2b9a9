/** The relay's HTTP: bodies of requests, answers as the client gets them, and the three headers that are read. */
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import fc from "fast-check";
import * as v from "valibot";
import { ApiError } from "../../../client/transport/api.ts";
import { type Bytes, concat, fromUtf8, utf8 } from "../../../crypto/bytes.ts";
import { createChallenges } from "../../../relay/accounts/challenges.ts";
import { deviceOf } from "../../../relay/accounts/device.ts";
import { createRelyingParty } from "../../../relay/accounts/webauthn.ts";
import { addressKey } from "../../../relay/http/address.ts";
import { loginCookie } from "../../../relay/http/cookie.ts";
import { createTickets, type Pass } from "../../../relay/signal/tickets.ts";
import {
  EnrolBegin,
  EnrolFinish,
  Named,
  PasskeyFinish,
  PersonInvite,
  PersonRoles,
  SignInFinish,
} from "../../../relay/wire/accounts.ts";
import { Empty, IceRequest, Join, NewInvite, Rejoin, Strike } from "../../../relay/wire/requests.ts";
import { AuthenticationResponse, RegistrationResponse } from "../../../relay/wire/webauthn.ts";
import { fakeClock } from "../../client/support/fake-clock.ts";
import { createApi, type RelayApi } from "../../client/support/relay-api.ts";
import { seededRandom } from "../../crypto/support/session.ts";
import { wrongJson } from "../json.ts";
import { sameJson, sameValue, wholesome } from "../judge.ts";
import { requestTarget } from "../requests.ts";
import { ACCEPTED, bytesTarget, textTarget } from "../target.ts";

const ROOM = "BwcHBwcHBwcHBwcHBwcHBw";
const SESSION = "BQUFBQUFBQUFBQUFBQUFBQ";
const SECRET = `${"B".repeat(42)}E`;

const REGISTRATION = {
  id: "AQID",
  rawId: "AQID",
  type: "public-key",
  authenticatorAttachment: "platform",
  clientExtensionResults: {},
  response: { clientDataJSON: "e30", attestationObject: "oA", transports: ["internal", "hybrid"] },
};
const ASSERTION = {
  id: "AQID",
  rawId: "AQID",
  type: "public-key",
  clientExtensionResults: {},
  response: { clientDataJSON: "e30", authenticatorData: "AA", signature: "AA", userHandle: ROOM },
};

// ---- requests ------------------------------------------------------------------------------------------------

const REQUESTS: readonly (readonly [schema: v.GenericSchema<unknown, unknown>, body: unknown])[] = [
  [EnrolBegin, { token: SECRET, name: "Dr. A" }],
  [EnrolFinish, { token: SECRET, name: "Dr. A", response: REGISTRATION, passkey: "Chrome on Linux" }],
  [SignInFinish, { response: ASSERTION }],
  [PasskeyFinish, { response: REGISTRATION, name: "Phone" }],
  [Named, { name: "Dr. A" }],
  [PersonInvite, { name: "Dr. A", roles: ["admin", "auditor"] }],
  [PersonRoles, { roles: ["practitioner"] }],
  [Empty, {}],
  [NewInvite, { room: ROOM, tokenHash: SECRET, use: "single", notBefore: 1, expires: 1_700_000_000_000 }],
  [Strike, { session: SESSION }],
  [Join, { room: ROOM, token: SECRET }],
  [Rejoin, { session: SESSION, resume: SECRET }],
  [IceRequest, { session: SESSION, resume: SECRET }],
];

const requests = requestTarget({ name: "http-request", requests: REQUESTS });

// ---- answers -------------------------------------------------------------------------------------------------

const invite = {
  room: ROOM,
  use: "single",
  created: 1,
  notBefore: 2,
  expires: 3,
  strikes: 0,
  state: "active",
};
const ice = { iceServers: [{ urls: ["turn:a.example:3478"], username: "1:a", credential: "b" }], lifeMs: 5 };
const CALLS: readonly (readonly [call: (api: RelayApi) => Promise<unknown>, answer: unknown])[] = [
  [(api) => api.account(), { id: ROOM, name: "Dr. A", roles: ["admin"], turn: true }],
  [(api) => api.invites(), { invites: [invite, { ...invite, state: "burnt" }], now: 4 }],
  [(api) => api.strike(ROOM, SESSION), invite],
  [(api) => api.join(ROOM, SECRET), { session: SESSION, resume: SECRET, ticket: "t" }],
  [(api) => api.rejoin(SESSION, SECRET), { ticket: "t", admitted: false }],
  [(api) => api.hostIce(SESSION), ice],
];
const REFUSALS = [{ error: { code: "INVITE-NOT-YET", opens: 5 } }, { error: { code: "RATE-LIMITED" } }];
const STATUSES = [200, 201, 400, 404, 429, 500, 503] as const;

/** The first byte is the call and the status, the rest the body. */
const answerOf = (call: number, status: number, body: Bytes) =>
  concat(Uint8Array.of(call * STATUSES.length + status), body);
const clock = fakeClock();

const answers = bytesTarget({
  name: "http-answer",
  covers: ["client/transport/api.ts createAsk"],
  samples: CALLS.map(([, answer], index) => answerOf(index, 0, utf8(JSON.stringify(answer)))),
  wrong: fc
    .tuple(
      fc.nat(CALLS.length - 1),
      fc.nat(STATUSES.length - 1),
      wrongJson([...CALLS.map(([, answer]) => answer), ...REFUSALS]),
    )
    .map(([call, status, text]) => answerOf(call, status, new Uint8Array(Buffer.from(text)))),
  waits: true,
  check: async (input) => {
    const first = input[0] ?? 0;
    const [call] = CALLS[Math.floor(first / STATUSES.length) % CALLS.length] ?? assert.fail();
    const status = STATUSES[first % STATUSES.length] ?? 200;
    const body = input.slice(1);
    const api = createApi({ base: "", clock, fetch: async () => new Response(body, { status }) });
    let value: unknown;
    try {
      value = await call(api);
    } catch (error) {
      assert.ok(error instanceof ApiError, "rejected with what it does not document");
      assert.notEqual(error.code, "OFFLINE", "an answer came");
      if (status < 400) assert.equal(error.code, "UNEXPECTED");
      return error.code;
    }
    assert.ok(status < 400, "a refusal was taken for an answer");
    sameJson(value, fromUtf8(body) ?? assert.fail());
    wholesome(value, body.length);
    return ACCEPTED;
  },
});

// ---- headers -------------------------------------------------------------------------------------------------

const requestWith = (headers: IncomingMessage["headers"]): IncomingMessage =>
  ({ headers, socket: { remoteAddress: "192.0.2.1" } }) as unknown as IncomingMessage;

/** The /64 by another way: the platform's own parser. */
function network64(address: string): string {
  const plain = address.replace(/%.*$/, "");
  const [head = "", tail] = new URL(`http://[${plain}]/`).hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return `${[...left, ...zeros, ...right].slice(0, 4).join(":")}::/64`;
}

const ADDRESSES = [
  "203.0.113.9",
  "2001:db8::1",
  "2001:DB8:0:0:1::",
  "::1",
  "::",
  "::ffff:203.0.113.9",
  "fe80::1%eth0",
  "1:2:3:4:5:6:7::",
  "::2:3:4:5:6:7:8",
  "64:ff9b::203.0.113.9",
  "1:2:3:4:5:6:203.0.113.9",
  "1:2:3::203.0.113.9",
  "0001:0:00:000::",
  "unknown",
  "203.0.113.9:80",
  "[::1]",
  "",
  " ",
  "::ffff:cb00:7109",
];
const address = textTarget({
  name: "client-address",
  covers: ["relay/http/address.ts addressKey"],
  samples: ["203.0.113.9", "198.51.100.1, 2001:db8::1", "a, b , ::ffff:203.0.113.9"],
  wrong: fc
    .array(fc.oneof(fc.constantFrom(...ADDRESSES), fc.ipV6(), fc.ipV4()), { maxLength: 4 })
    .map((list) => list.join(", ")),
  neverRefuses: true,
  check: (text) => {
    for (const hops of [0, 1, 2]) {
      const key = addressKey(requestWith({ "x-forwarded-for": text }), hops);
      const said = hops === 0 ? "" : (text.split(",").at(-hops)?.trim() ?? "");
      if (isIP(said) === 0) assert.equal(key, "192.0.2.1");
      else if (isIP(said) === 4) assert.equal(key, said);
      else if (isIP(key) !== 4) assert.equal(key, network64(said), "two keys for one network");
    }
    return ACCEPTED;
  },
});

const cookie = textTarget({
  name: "cookie",
  covers: ["relay/http/cookie.ts loginCookie"],
  samples: ["quietroom=abc", "a=b; quietroom=AAAA; c=d", "a=b;quietroom=AAAA"],
  check: (text) => {
    const value = loginCookie(false).read(requestWith({ cookie: text }));
    if (value === null) return "none";
    assert.ok(text.includes("quietroom") && text.includes(value));
    assert.ok(!value.includes(";") && value === value.trim());
    return ACCEPTED;
  },
});

// ---- passkeys ------------------------------------------------------------------------------------------------

const challenges = createChallenges({
  now: () => 1_700_000_000_000,
  random: seededRandom("challenge"),
  once: async () => true,
});
const challenge = textTarget({
  name: "webauthn-challenge",
  covers: ["relay/accounts/challenges.ts createChallenges"],
  samples: [Buffer.from(challenges.issue("sign-in", "")).toString("base64url")],
  waits: true,
  check: async (text) => {
    assert.equal(await challenges.redeem("touch", "", text), false, "for another purpose");
    return (await challenges.redeem("sign-in", "", text)) ? ACCEPTED : "refused";
  },
});

const relyingParty = createRelyingParty({ id: "a.example", origins: new Set(["https://a.example"]) });
const passkey = textTarget({
  name: "webauthn-response",
  covers: ["relay/accounts/webauthn.ts createRelyingParty"],
  samples: [JSON.stringify(REGISTRATION), JSON.stringify(ASSERTION)],
  wrong: wrongJson([REGISTRATION, ASSERTION]),
  waits: true,
  check: async (text) => {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return "no JSON";
    }
    const made = v.safeParse(RegistrationResponse, body);
    const shown = v.safeParse(AuthenticationResponse, body);
    // Nobody has signed anything: whatever it is, it is refused, and never with a throw.
    const redeem = async () => true;
    if (shown.success) assert.equal(await relyingParty.verify(shown.output, null, redeem), null);
    if (made.success) await relyingParty.register(made.output, redeem);
    return made.success || shown.success ? ACCEPTED : "refused";
  },
});

const device = textTarget({
  name: "user-agent",
  covers: ["relay/accounts/device.ts deviceOf"],
  samples: ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", ""],
  neverRefuses: true,
  check: (text) => {
    assert.match(deviceOf(text), /^[A-Za-z ]{4,40}$/);
    return ACCEPTED;
  },
});

// ---- tickets -------------------------------------------------------------------------------------------------

const NOW = 1_700_000_000_000;
const tickets = await createTickets({
  now: () => NOW,
  random: seededRandom("ticket"),
  once: async () => true,
});
const PASSES: readonly Pass[] = [
  { role: "host", desk: "d", login: "l" },
  { role: "guest", desk: "d", session: SESSION, room: ROOM, admitted: false, since: 1 },
];
const issued = await Promise.all(PASSES.map((pass) => tickets.issue(pass)));

const ticket = textTarget({
  name: "ticket",
  covers: ["relay/signal/tickets.ts createTickets"],
  samples: issued,
  wrong: fc
    .tuple(
      wrongJson([{ alg: "EdDSA", typ: "quietroom-ticket+jwt" }, { alg: "none" }, { alg: "HS256" }]),
      wrongJson(PASSES),
      fc.nat(1),
    )
    .map(([head, claims, which]) => {
      const part = (text: string) => Buffer.from(text).toString("base64url");
      return `${part(head)}.${part(claims)}.${issued[which]?.split(".")[2] ?? ""}`;
    }),
  waits: true,
  check: async (text) => {
    const pass = await tickets.redeem(text);
    if (typeof pass === "string") return pass;
    // The last character of a signature has bits that mean nothing; the ticket is the same, and is used up by its id.
    const index = issued.findIndex(
      (each) => each.split(".").slice(0, 2).join() === text.split(".").slice(0, 2).join(),
    );
    sameValue(pass, PASSES[index], "a pass that nobody issued");
    return ACCEPTED;
  },
});

export const HTTP = [requests, answers, address, cookie, challenge, passkey, device, ticket] as const;
