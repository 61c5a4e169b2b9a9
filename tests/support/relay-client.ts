/**
 * A client of the relay without a browser and without the sealed protocol: it signs in, makes invites, joins and opens
 * sockets, and it can misbehave in every way that a test asks for.
 */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import * as v from "valibot";
import { type RawData, WebSocket } from "ws";
import { SignedIn } from "../../relay/wire/accounts.ts";
import { RelayControl } from "../../relay/wire/control.ts";
import { ErrorBody } from "../../relay/wire/errors.ts";
import { encodeForward, SOCKET_PATH, WIRE_VERSION } from "../../relay/wire/frames.ts";
import { Ice, Invite, Invites, Joined, type NewInvite, Rejoined, Ticket } from "../../relay/wire/requests.ts";
import type { Scope } from "./relay.ts";
import { enterFirst, type SetupPlace } from "./staff.ts";

/** Where a relay is; every TestRelay and SpawnedRelay is one. */
export interface Place {
  readonly url: string;
  readonly port: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it came. */
  readonly text: string;
  readonly json: unknown;
}

export interface CallOptions {
  readonly cookie?: string | undefined;
  /** `null` sends none. */
  readonly origin?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the JSON of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
}

/** One request; never follows a redirect, never throws because of a status. */
export async function call(
  place: Place,
  method: string,
  path: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<Answer> {
  const { cookie, origin = place.url, headers, raw } = options;
  const text = raw ?? (body === undefined ? null : JSON.stringify(body));
  const response = await fetch(`http://127.0.0.1:${place.port}${path}`, {
    method,
    redirect: "manual",
    body: text,
    headers: {
      ...(text === null ? {} : { "content-type": "application/json" }),
      ...(origin === null ? {} : { origin }),
      ...(cookie === undefined ? {} : { cookie }),
      ...headers,
    },
  });
  const answer = await response.text();
  return { status: response.status, headers: response.headers, text: answer, json: parseJson(answer) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isOver({ json }: Answer): boolean {
  const body = v.safeParse(ErrorBody, json);
  return body.success && body.output.error.code === "SIGN-IN-REQUIRED";
}

/** The body of a call that must succeed. */
async function expect<S extends v.GenericSchema>(
  schema: S,
  answer: Promise<Answer>,
): Promise<v.InferOutput<S>> {
  const { status, text, json } = await answer;
  assert.ok(status === 200 || status === 201, `${status} ${text}`);
  return v.parse(schema, json);
}

export interface TestInvite {
  readonly room: string;
  /** What a guest shows, base64url. */
  readonly token: string;
  readonly invite: Invite;
}

export interface TestHost {
  /** That it began with. */
  readonly cookie: string;
  /** What goes into the header of this name, of a token that may be over. */
  authorization(): string;
  post(path: string, body?: unknown): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** Room and token are random unless given. */
  makeInvite(invite?: Partial<NewInvite>): Promise<TestInvite>;
  invites(): Promise<readonly Invite[]>;
  ticket(): Promise<string>;
  /** A socket that has said hello and been answered `ready`. */
  connect(scope: Scope): Promise<TestSocket>;
  admit(session: string): Promise<Ice>;
  end(session: string): Promise<void>;
  revoke(room: string): Promise<Invite>;
  strike(room: string, session: string): Promise<Invite>;
  pause(room: string, paused: boolean): Promise<Invite>;
}

/**
 * The first admin, who has a desk: enrolled with the set-up link, or signed in again where the data are those of before.
 * A relay that was started again takes the cookie of before as well: `hostWithCookie`.
 */
export function signIn(place: SetupPlace): Promise<TestHost> {
  return enterFirst(place);
}

/** A browser that comes back with nothing but its cookie. */
export function hostWithCookie(place: Place, cookie: string): TestHost {
  return hostOf(place, cookie, null);
}

/**
 * A signed-in browser. It renews with the cookie that it began with and never shows a newer one, as if every answer were
 * lost: the relay takes that, and several hosts may share a cookie.
 */
export function hostOf(place: Place, cookie: string, signedIn: SignedIn | null): TestHost {
  let access = signedIn === null ? null : signedIn.access;

  async function renew(): Promise<boolean> {
    const { status, json } = await call(place, "POST", "/api/session/refresh", {}, { cookie });
    if (status !== 200) return false;
    ({ access } = v.parse(SignedIn, json));
    return true;
  }

  async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
    if (access === null) await renew();
    const once = () =>
      call(place, method, path, body, {
        cookie,
        headers: access === null ? {} : { authorization: `Bearer ${access}` },
      });
    const answer = await once();
    return answer.status === 401 && access !== null && isOver(answer) && (await renew()) ? once() : answer;
  }

  const post = (path: string, body: unknown = {}) => ask("POST", path, body);
  const get = (path: string) => ask("GET", path);
  const ticket = async () => (await expect(Ticket, post("/api/desk/ticket"))).ticket;
  return {
    cookie,
    authorization: () => `Bearer ${access}`,
    post,
    get,
    ticket,
    async makeInvite(changes = {}) {
      const token = randomBytes(32);
      const now = Date.now();
      const invite: NewInvite = {
        room: randomBytes(16).toString("base64url"),
        tokenHash: createHash("sha256").update(token).digest("base64url"),
        use: "single",
        notBefore: now - 60_000,
        expires: now + 3_600_000,
        ...changes,
      };
      const made = await expect(Invite, post("/api/invites", invite));
      return { room: invite.room, token: token.toString("base64url"), invite: made };
    },
    invites: async () => (await expect(Invites, get("/api/invites"))).invites,
    async connect(scope) {
      const socket = await openSocket(scope, place);
      socket.hello(await ticket());
      assert.equal((await socket.heard("ready")).t, "ready");
      return socket;
    },
    admit: (session) => expect(Ice, post(`/api/sessions/${session}/admit`)),
    async end(session) {
      await expect(v.strictObject({}), post(`/api/sessions/${session}/end`));
    },
    revoke: (room) => expect(Invite, post(`/api/invites/${room}/revoke`)),
    strike: (room, session) => expect(Invite, post(`/api/invites/${room}/strike`, { session })),
    pause: (room, paused) => expect(Invite, post(`/api/invites/${room}/pause`, { paused })),
  };
}

export interface TestGuest {
  readonly session: string;
  /** The session's 16 bytes. */
  readonly id: Uint8Array;
  readonly resume: string;
  /** Of the join; good once, for seconds. */
  readonly ticket: string;
  rejoin(): Promise<Rejoined>;
  /** A socket that has said hello with a new ticket and been answered `welcome`. */
  connect(scope: Scope): Promise<TestSocket>;
  ice(): Promise<Answer>;
}

export async function join(place: Place, invite: Pick<TestInvite, "room" | "token">): Promise<TestGuest> {
  const { room, token } = invite;
  return guestOf(place, await expect(Joined, call(place, "POST", "/api/join", { room, token })));
}

/** A guest from before, at the same or another relay. */
export function guestOf(place: Place, { session, resume, ticket }: Joined): TestGuest {
  const rejoin = () => expect(Rejoined, call(place, "POST", "/api/rejoin", { session, resume }));
  return {
    session,
    id: Buffer.from(session, "base64url"),
    resume,
    ticket,
    rejoin,
    async connect(scope) {
      const socket = await openSocket(scope, place);
      socket.hello((await rejoin()).ticket);
      assert.equal((await socket.heard("welcome")).session, session);
      return socket;
    },
    ice: () => call(place, "POST", "/api/ice", { session, resume }),
  };
}

type Control<T extends RelayControl["t"]> = Extract<RelayControl, { t: T }>;

export interface TestSocket {
  readonly socket: WebSocket;
  hello(ticket: string, version?: number): void;
  send(data: string | Uint8Array): void;
  /** Sends a forward frame. */
  forward(session: Uint8Array, payload: Uint8Array): void;
  /** The next message of this type; those of other types wait for whoever asks for them. */
  heard<T extends RelayControl["t"]>(type: T): Promise<Control<T>>;
  /** The next binary frame, whole. */
  frame(): Promise<Buffer>;
  /** Resolves to the close code. */
  readonly closed: Promise<number>;
  close(): Promise<number>;
}

export interface SocketOptions {
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** False: WebSocket pings are not answered, as by a browser that has lost its network. */
  readonly autoPong?: boolean;
}

/** Opens a WebSocket and says nothing. Rejects when the upgrade is refused. */
export async function openSocket(
  scope: Scope,
  place: Place,
  options: SocketOptions = {},
): Promise<TestSocket> {
  const { origin = place.url, headers = {}, autoPong = true } = options;
  const socket = new WebSocket(`ws://127.0.0.1:${place.port}${SOCKET_PATH}`, { origin, headers, autoPong });
  scope.after(() => socket.terminate());
  const texts = {
    ready: createInbox<RelayControl>(),
    welcome: createInbox<RelayControl>(),
    guest: createInbox<RelayControl>(),
    host: createInbox<RelayControl>(),
    pong: createInbox<RelayControl>(),
  } satisfies Record<RelayControl["t"], unknown>;
  const frames = createInbox<Buffer>();
  socket.on("message", (data: RawData, isBinary: boolean) => {
    assert.ok(Buffer.isBuffer(data));
    if (isBinary) {
      frames.put(data);
    } else {
      const message = v.parse(RelayControl, JSON.parse(data.toString()));
      texts[message.t].put(message);
    }
  });
  const closed = new Promise<number>((resolve) => {
    socket.on("close", (code: number) => {
      const over = new Error(`the socket was closed with ${code}`);
      for (const inbox of [...Object.values(texts), frames]) inbox.fail(over);
      resolve(code);
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => {});

  return {
    socket,
    hello: (ticket, version = WIRE_VERSION) =>
      socket.send(JSON.stringify({ t: "hello", v: version, ticket })),
    send: (data) => socket.send(data),
    forward: (session, payload) => socket.send(encodeForward(session, payload)),
    async heard<T extends RelayControl["t"]>(type: T) {
      const message = await texts[type].take();
      assert.ok(isOf(message, type));
      return message;
    },
    frame: () => frames.take(),
    closed,
    close() {
      socket.close();
      return closed;
    },
  };
}

function isOf<T extends RelayControl["t"]>(message: RelayControl, type: T): message is Control<T> {
  return message.t === type;
}

/** A queue that is awaited; once failed, what was put before can still be taken. */
function createInbox<T>() {
  const items: T[] = [];
  const waiting: { resolve: (item: T) => void; reject: (error: Error) => void }[] = [];
  let failed: Error | null = null;
  return {
    put(item: T): void {
      const next = waiting.shift();
      if (next) next.resolve(item);
      else items.push(item);
    },
    fail(error: Error): void {
      failed = error;
      for (const { reject } of waiting.splice(0)) reject(error);
    },
    take(): Promise<T> {
      const [first] = items.splice(0, 1);
      if (first !== undefined) return Promise.resolve(first);
      if (failed) return Promise.reject(failed);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
  };
}
