/**
 * Every reason to drop a frame, to refuse a socket, to cut a connection and to refuse a request, brought about once
 * and counted once. The tables are complete by their type: a new reason does not compile without its cause here.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import * as v from "valibot";
import type { CutReason } from "../../relay/http/counters.ts";
import type { DropReason, RefusalReason } from "../../relay/signal/counters.ts";
import { Account, FRESH_MS, MAX_PASSKEYS } from "../../relay/wire/accounts.ts";
import type { ErrorCode } from "../../relay/wire/errors.ts";
import { encodeForward, MAX_FRAME_BYTES } from "../../relay/wire/frames.ts";
import { MAX_BODY_BYTES } from "../../relay/wire/requests.ts";
import { CreationOptions } from "../../relay/wire/webauthn.ts";
import { createAuthenticator } from "../support/authenticator.ts";
import { type InProcessOptions, startTestRelay, type TestRelay, temporaryFolder } from "../support/relay.ts";
import { call, join, openSocket, signIn, type TestHost, type TestInvite } from "../support/relay-client.ts";
import { addColleague, firstAdminsAuthenticator, signInAnswer } from "../support/staff.ts";
import { openRaw } from "./support/raw-connection.ts";
import {
  binary,
  frame,
  hello,
  OPCODE,
  openWebSocket,
  text,
  upgradeRequest,
} from "./support/raw-websocket.ts";

interface Cause {
  readonly options?: InProcessOptions;
  bring(t: TestContext, relay: TestRelay, clock: { now: number }): Promise<void>;
}

const FEW = { points: 1, seconds: 60 };
const UNBOUNDED = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1 };
const FLOOD = { frames: UNBOUNDED, bytes: UNBOUNDED };
const random = (bytes: number) => randomBytes(bytes).toString("base64url");

/** A desk and a guest, both connected. */
async function pair(t: TestContext, relay: TestRelay) {
  const host = await signIn(relay);
  const guest = await join(relay, await host.makeInvite({ use: "reusable" }));
  const desk = await host.connect(t);
  const socket = await guest.connect(t);
  return { host, guest, desk, socket };
}

/** A guest sends to a desk that does not read until the relay counts something. */
async function flood(t: TestContext, relay: TestRelay, admit: boolean): Promise<void> {
  const { host, guest, desk, socket } = await pair(t, relay);
  if (admit) await host.admit(guest.session);
  desk.socket.pause();
  const { dropped } = relay.counters;
  while (dropped["host-busy"] + dropped["slow-reader"] === 0) {
    socket.forward(guest.id, new Uint8Array(60_000));
    socket.send(JSON.stringify({ t: "ping", n: 1 }));
    await socket.heard("pong");
  }
}

/** A seated guest's raw bytes, up to the close that they end in. */
function faulty(bytes: (id: Uint8Array) => Uint8Array): Cause {
  return {
    async bring(t, relay) {
      const guest = await join(relay, await (await signIn(relay)).makeInvite());
      const socket = await openWebSocket(t, relay);
      socket.write(hello(guest.ticket));
      await socket.next();
      socket.write(bytes(guest.id));
      await socket.closeCode();
      await socket.ended;
    },
  };
}

const DROPS: Record<DropReason, Cause> = {
  "no-host": {
    async bring(t, relay) {
      const guest = await join(relay, await (await signIn(relay)).makeInvite());
      const socket = await guest.connect(t);
      socket.forward(guest.id, new Uint8Array(1));
      socket.send(JSON.stringify({ t: "ping", n: 1 }));
      await socket.heard("pong");
    },
  },
  "no-guest": {
    async bring(t, relay) {
      const desk = await (await signIn(relay)).connect(t);
      desk.forward(new Uint8Array(16), new Uint8Array(1));
      desk.send(JSON.stringify({ t: "ping", n: 1 }));
      await desk.heard("pong");
    },
  },
  "host-busy": {
    options: { limits: { queueBytes: 200_000, guestFlow: FLOOD } },
    bring: (t, relay) => flood(t, relay, false),
  },
  "slow-reader": {
    options: { limits: { queueBytes: 200_000, guestFlow: FLOOD, closeTimeoutMs: 50 } },
    bring: (t, relay) => flood(t, relay, true),
  },
  "bad-frame": faulty(() => text("{}")),
  "too-long": faulty(() => frame({ opcode: OPCODE.binary, length: BigInt(MAX_FRAME_BYTES + 1) })),
  "too-many-pieces": {
    options: { limits: { messageFrames: 2 } },
    ...faulty(() =>
      Buffer.concat([
        frame({ opcode: OPCODE.text, fin: false }),
        ...Array<Buffer>(2).fill(frame({ opcode: OPCODE.continuation, fin: false })),
      ]),
    ),
  },
  "not-utf8": faulty(() => text(Buffer.of(0xff))),
  protocol: faulty(() => frame({ opcode: 7 })),
  rate: {
    options: { limits: { guestFlow: { frames: { burst: 2, perSecond: 0.001 }, bytes: UNBOUNDED } } },
    ...faulty((id) => Buffer.concat(Array<Buffer>(2).fill(binary(encodeForward(id, new Uint8Array(1)))))),
  },
};

/** A socket that says this first, up to its close. */
async function saying(t: TestContext, relay: TestRelay, first: string | null): Promise<void> {
  const socket = await openSocket(t, relay);
  if (first !== null) socket.send(first);
  await socket.closed;
}

const helloText = (ticket: string, version = 1) => JSON.stringify({ t: "hello", v: version, ticket });

/** A handshake as written, up to the end of its connection. */
async function asking(t: TestContext, relay: TestRelay, request: string): Promise<void> {
  const raw = await openRaw(t, relay);
  raw.write(request);
  await raw.ended;
}

const HOUR = 3_600_000;

const REFUSALS: Record<RefusalReason, Cause> = {
  path: { bring: (t, relay) => asking(t, relay, upgradeRequest(relay).replace("socket", "other")) },
  origin: { bring: (t, relay) => asking(t, relay, upgradeRequest(relay, { Origin: "https://a.example" })) },
  handshake: { bring: (t, relay) => asking(t, relay, upgradeRequest(relay, { "Sec-WebSocket-Key": "A" })) },
  rate: {
    options: { limits: { upgradesPerAddress: FEW } },
    async bring(t, relay) {
      await openSocket(t, relay);
      await asking(t, relay, upgradeRequest(relay));
    },
  },
  "address-full": {
    options: { limits: { socketsPerAddress: 1 } },
    async bring(t, relay) {
      await openSocket(t, relay);
      await saying(t, relay, null);
    },
  },
  "relay-full": {
    options: { limits: { sockets: 1 } },
    async bring(t, relay) {
      await (await signIn(relay)).connect(t);
      await saying(t, relay, null);
    },
  },
  "crowded-out": {
    options: { limits: { sockets: 1 } },
    async bring(t, relay) {
      const stranger = await openSocket(t, relay);
      await openSocket(t, relay);
      await stranger.closed;
    },
  },
  stopping: {
    async bring(t, relay) {
      const request = upgradeRequest(relay);
      const raw = await openRaw(t, relay);
      raw.write(request.slice(0, 40));
      await call(relay, "GET", "/healthz");
      const closed = relay.close();
      raw.write(request.slice(40));
      await raw.ended;
      await closed;
    },
  },
  "desk-full": {
    options: { limits: { waitingPerDesk: 1 } },
    async bring(t, relay) {
      const { host } = await pair(t, relay);
      const second = await join(relay, await host.makeInvite());
      await saying(t, relay, helloText(second.ticket));
    },
  },
  "address-waiting": {
    options: { limits: { waitingPerAddress: 1 } },
    async bring(t, relay) {
      const { host } = await pair(t, relay);
      const second = await join(relay, await host.makeInvite());
      await saying(t, relay, helloText(second.ticket));
    },
  },
  "hello-missing": {
    options: { limits: { helloTimeoutMs: 30 } },
    bring: (t, relay) => saying(t, relay, null),
  },
  "hello-malformed": { bring: (t, relay) => saying(t, relay, "hello") },
  "hello-version": { bring: (t, relay) => saying(t, relay, helloText("x", 2)) },
  "ticket-forged": { bring: (t, relay) => saying(t, relay, helloText("a.b.c")) },
  "ticket-expired": {
    async bring(t, relay, clock) {
      const ticket = await (await signIn(relay)).ticket();
      clock.now += 60_000;
      await saying(t, relay, helloText(ticket));
    },
  },
  "ticket-reused": {
    async bring(t, relay) {
      const guest = await join(relay, await (await signIn(relay)).makeInvite());
      const socket = await openSocket(t, relay);
      socket.hello(guest.ticket);
      await socket.heard("welcome");
      await saying(t, relay, helloText(guest.ticket));
    },
  },
  "session-ended": {
    async bring(t, relay) {
      const host = await signIn(relay);
      const guest = await join(relay, await host.makeInvite());
      await host.end(guest.session);
      await saying(t, relay, helloText(guest.ticket));
    },
  },
  "signed-out": {
    async bring(t, relay) {
      const host = await signIn(relay);
      const ticket = await host.ticket();
      await host.post("/api/sign-out");
      await saying(t, relay, helloText(ticket));
    },
  },
};

const HEALTH = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";

/** A file that no kernel takes at once. */
function largeClient(t: TestContext): string {
  const folder = temporaryFolder(t);
  mkdirSync(joinPath(folder, "assets"));
  writeFileSync(joinPath(folder, "assets", "large.js"), Buffer.alloc(32_000_000, "a"));
  return folder;
}

const CUTS: Record<CutReason, Cause> = {
  "relay-full": {
    options: { limits: { sockets: 0, httpConnections: 1, spareConnections: 0 } },
    async bring(t, relay) {
      await openRaw(t, relay);
      await asking(t, relay, "");
    },
  },
  "address-full": {
    options: { limits: { httpPerAddress: 1 } },
    async bring(t, relay) {
      await openRaw(t, relay);
      await asking(t, relay, "");
    },
  },
  "address-faults": {
    options: { limits: { faultsPerAddress: FEW } },
    async bring(t, relay) {
      await asking(t, relay, "nonsense\r\n\r\n");
      await asking(t, relay, "");
    },
  },
  "crowded-out": {
    options: { limits: { httpConnections: 1 } },
    async bring(t, relay) {
      const idle = await openRaw(t, relay);
      await openRaw(t, relay);
      await idle.ended;
    },
  },
  unused: {
    options: { limits: { requestHeadMs: 40, requestMs: 80 } },
    bring: (t, relay) => asking(t, relay, ""),
  },
  malformed: { bring: (t, relay) => asking(t, relay, "nonsense\r\n\r\n") },
  "head-too-large": { bring: (t, relay) => asking(t, relay, `${HEALTH}${"X-A: b\r\n".repeat(101)}\r\n`) },
  "too-slow": {
    // A head has a time of its own, however long the whole may take.
    options: { limits: { requestHeadMs: 40, requestMs: 600_000 } },
    bring: (t, relay) => asking(t, relay, HEALTH),
  },
  pipelined: {
    bring: (t, relay) => asking(t, relay, `${HEALTH}\r\n`.replace("/healthz", "/api/account").repeat(2)),
  },
  stalled: {
    options: { limits: { stalledMs: 100 } },
    async bring(t, relay) {
      const raw = await openRaw(t, relay);
      raw.socket.pause();
      raw.write(HEALTH.replace("/healthz", "/assets/large.js").concat("\r\n"));
      while (relay.httpCounters.cut.stalled === 0) await pause(20);
    },
  },
};

async function post(relay: TestRelay, path: string, body: unknown): Promise<void> {
  await call(relay, "POST", path, body);
}

/** A try to join with the invite's own token. */
const knock = (relay: TestRelay, { room, token }: Pick<TestInvite, "room" | "token">) =>
  post(relay, "/api/join", { room, token });

function knocking(prepare: (relay: TestRelay, host: TestHost) => Promise<TestInvite>): Cause {
  return {
    async bring(_t, relay) {
      await knock(relay, await prepare(relay, await signIn(relay)));
    },
  };
}

/** An invite that three guests have guessed at. */
async function guessedInvite(relay: TestRelay, host: TestHost, use: "single" | "reusable") {
  const invite = await host.makeInvite({ use });
  for (const _ of [1, 2, 3]) await host.strike(invite.room, (await join(relay, invite)).session);
  return invite;
}

/** The first admin asks for something that is refused. */
const asAdmin = (path: string, body: unknown = {}): Cause => ({
  async bring(_t, relay) {
    await (await signIn(relay)).post(path, body);
  },
});

const NOBODY = "A".repeat(22);

const CODES: Record<ErrorCode, Cause> = {
  "ENROLMENT-UNKNOWN": asAdmin(`/api/enrolments/${NOBODY}/revoke`),
  "PERSON-UNKNOWN": asAdmin(`/api/people/${NOBODY}/resume`),
  "PASSKEY-UNKNOWN": asAdmin(`/api/passkeys/${NOBODY}/rename`, { name: "Key" }),
  "ALERT-UNKNOWN": asAdmin(`/api/alerts/${NOBODY}/acknowledge`),
  "LOGIN-UNKNOWN": asAdmin(`/api/logins/${NOBODY}/end`),
  "NOT-ALLOWED": {
    async bring(_t, relay) {
      const { host } = await addColleague(relay, await signIn(relay), ["auditor"]);
      await host.get("/api/people");
    },
  },
  "TOUCH-REQUIRED": {
    async bring(_t, relay, clock) {
      const host = await signIn(relay);
      clock.now += FRESH_MS;
      await host.post("/api/passkeys/begin");
    },
  },
  "LAST-PASSKEY": {
    async bring(_t, relay) {
      const host = await signIn(relay);
      const [id] = firstAdminsAuthenticator(relay).credentials();
      await host.post(`/api/passkeys/${id}/remove`);
    },
  },
  "LAST-ADMIN": {
    async bring(_t, relay) {
      const host = await signIn(relay);
      const { id } = v.parse(Account, (await host.get("/api/account")).json);
      await host.post(`/api/people/${id}/suspend`);
    },
  },
  "PASSKEY-LIMIT": {
    async bring(_t, relay) {
      const host = await signIn(relay);
      for (let count = 1; count <= MAX_PASSKEYS; count++) {
        const begun = await host.post("/api/passkeys/begin");
        if (begun.status !== 200) return;
        const options = v.parse(CreationOptions, begun.json);
        const response = createAuthenticator().create(options, relay.url);
        await host.post("/api/passkeys/finish", { name: "Key", response });
      }
    },
  },
  "REQUEST-INVALID": { bring: (_t, relay) => post(relay, "/api/sign-in/begin", []) },
  "ORIGIN-REFUSED": {
    async bring(_t, relay) {
      await call(relay, "POST", "/api/sign-in/begin", {}, { origin: "https://a.example" });
    },
  },
  "NOT-FOUND": {
    async bring(_t, relay) {
      await call(relay, "GET", "/api/nothing");
    },
  },
  "REQUEST-TOO-LARGE": {
    async bring(t, relay) {
      // By hand: the answer comes before the body, which not every client expects.
      const head = `POST /api/join HTTP/1.1\r\nHost: localhost\r\nOrigin: ${relay.url}\r\n`;
      await asking(t, relay, `${head}Content-Length: ${MAX_BODY_BYTES + 1}\r\n\r\n`);
    },
  },
  "RATE-LIMITED": {
    options: { limits: { joinsPerAddress: { points: 0, seconds: 60 } } },
    bring: (_t, relay) => knock(relay, { room: random(16), token: random(32) }),
  },
  INTERNAL: {
    async bring(_t, relay) {
      const knife = new DatabaseSync(joinPath(relay.dataDir, "quietroom.db"));
      knife.exec("DROP TABLE sessions; DROP TABLE invites");
      knife.close();
      await knock(relay, { room: "A".repeat(22), token: "A".repeat(43) });
    },
  },
  "SIGN-IN-REQUIRED": {
    async bring(_t, relay) {
      await call(relay, "GET", "/api/account");
    },
  },
  "SIGN-IN-REFUSED": {
    async bring(_t, relay) {
      await signIn(relay);
      await signInAnswer(relay, firstAdminsAuthenticator(relay), { userVerified: false });
    },
  },
  "INVITE-UNKNOWN": { bring: (_t, relay) => knock(relay, { room: "A".repeat(22), token: "A".repeat(43) }) },
  "INVITE-NOT-YET": knocking((_relay, host) =>
    host.makeInvite({ notBefore: Date.now() + HOUR, expires: Date.now() + 2 * HOUR }),
  ),
  "INVITE-EXPIRED": knocking((_relay, host) =>
    host.makeInvite({ notBefore: Date.now() - HOUR, expires: Date.now() - 60_000 }),
  ),
  "INVITE-REVOKED": knocking(async (_relay, host) => {
    const invite = await host.makeInvite();
    await host.revoke(invite.room);
    return invite;
  }),
  "INVITE-USED": knocking(async (relay, host) => {
    const invite = await host.makeInvite();
    await host.admit((await join(relay, invite)).session);
    return invite;
  }),
  "INVITE-BURNT": knocking((relay, host) => guessedInvite(relay, host, "single")),
  "INVITE-LOCKED": knocking((relay, host) => guessedInvite(relay, host, "reusable")),
  "INVITE-PAUSED": knocking(async (_relay, host) => {
    const invite = await host.makeInvite({ use: "reusable" });
    await host.pause(invite.room, true);
    return invite;
  }),
  "INVITE-TOO-LONG": {
    async bring(_t, relay) {
      const host = await signIn(relay);
      await assert.rejects(host.makeInvite({ notBefore: Date.now(), expires: Date.now() + 91 * 24 * HOUR }));
    },
  },
  "VAULT-CONFLICT": {
    async bring(_t, relay) {
      await (await signIn(relay)).post("/api/vault/keys", { base: 1, keys: random(32) });
    },
  },
  "VAULT-FULL": {
    options: { limits: { vaultBytes: 8 } },
    async bring(_t, relay) {
      const row = { id: random(32), base: 0, sealed: random(9) };
      await (await signIn(relay)).post("/api/vault/rows", { rows: [row] });
    },
  },
  "INVITE-EXISTS": {
    async bring(_t, relay) {
      const host = await signIn(relay);
      const { room } = await host.makeInvite();
      await assert.rejects(host.makeInvite({ room }));
    },
  },
  "INVITE-LIMIT": {
    options: { limits: { invitesPerAccount: 1 } },
    async bring(_t, relay) {
      const host = await signIn(relay);
      await host.makeInvite();
      await assert.rejects(host.makeInvite());
    },
  },
  "LOG-UNKNOWN": {
    async bring(_t, relay) {
      await call(relay, "GET", "/api/log/inclusion/0/1000000");
    },
  },
  "AUDIT-KEY-EXISTS": {
    async bring(_t, relay) {
      const host = await signIn(relay);
      for (const _ of [1, 2]) await host.post("/api/audit/key", { key: random(32) });
    },
  },
  "LOG-UNAVAILABLE": {
    async bring(_t, relay) {
      const host = await signIn(relay);
      const knife = new DatabaseSync(joinPath(relay.dataDir, "quietroom.db"));
      knife.exec("DELETE FROM log_entries");
      knife.close();
      await host.post("/api/people/invite", { name: "Dr. Berg", roles: ["auditor"] });
    },
  },
  "SESSION-UNKNOWN": {
    bring: (_t, relay) => post(relay, "/api/rejoin", { session: "A".repeat(22), resume: "A".repeat(43) }),
  },
  "SESSION-ENDED": {
    async bring(_t, relay) {
      const host = await signIn(relay);
      const guest = await join(relay, await host.makeInvite());
      await host.end(guest.session);
      await assert.rejects(guest.rejoin());
    },
  },
  "SESSION-NOT-ADMITTED": {
    async bring(_t, relay) {
      await (await join(relay, await (await signIn(relay)).makeInvite())).ice();
    },
  },
};

function eachIsCounted<Reason extends string>(
  causes: Record<Reason, Cause>,
  counts: (relay: TestRelay) => Readonly<Record<Reason, number>>,
): void {
  for (const [reason, { options, bring }] of Object.entries<Cause>(causes))
    test(reason, async (t) => {
      const clientDir = reason === "stalled" ? { clientDir: largeClient(t) } : {};
      const clock = { now: Date.now() };
      const relay = await startTestRelay(t, { now: () => clock.now, ...options, ...clientDir });
      await bring(t, relay, clock);
      const counted = counts(relay);
      assert.equal(new Map(Object.entries<number>(counted)).get(reason), 1, JSON.stringify(counted));
    });
}

suite("a frame is dropped because of", () => eachIsCounted(DROPS, ({ counters }) => counters.dropped));
suite("a socket is refused because of", () => eachIsCounted(REFUSALS, ({ counters }) => counters.refused));
suite("a connection is cut because of", () => eachIsCounted(CUTS, ({ httpCounters }) => httpCounters.cut));
suite("a request is refused with", () => eachIsCounted(CODES, ({ httpCounters }) => httpCounters.refused));
