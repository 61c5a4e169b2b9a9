/** The relay may die at any time: whoever was connected comes back and finds everything that was answered. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { suite, test } from "node:test";
import { CLOSE, SOCKET_PATH } from "../../relay/wire/frames.ts";
import { type SpawnedRelay, spawnRelay, startTestRelay, temporaryFolder } from "../support/relay.ts";
import {
  call,
  guestOf,
  hostWithCookie,
  join,
  openSocket,
  signIn,
  type TestGuest,
} from "../support/relay-client.ts";
import { openRaw } from "./support/raw-connection.ts";

suite("kill -9", () => {
  test("in the middle of a call: both sides come back with what they had", async (t) => {
    const dataDir = temporaryFolder(t);
    const first = await spawnRelay(t, { dataDir });
    const host = await signIn(first);
    const guest = await join(first, await host.makeInvite());
    const desk = await host.connect(t);
    const socket = await guest.connect(t);
    await host.admit(guest.session);
    await first.kill();
    assert.deepEqual(await Promise.all([desk.closed, socket.closed]), [1006, 1006]);

    const second = await spawnRelay(t, { dataDir, port: first.port });
    const sameGuest = guestOf(second, guest);
    assert.equal((await sameGuest.rejoin()).admitted, true);
    const newDesk = await hostWithCookie(second, host.cookie).connect(t);
    const newSocket = await sameGuest.connect(t);
    const message = await newDesk.heard("guest");
    assert.ok(message.here);
    assert.deepEqual([message.guest.session, message.guest.admitted], [guest.session, true]);
    newSocket.forward(guest.id, new Uint8Array([7]));
    assert.equal((await newDesk.frame()).at(17), 7);
  });

  test("at any moment of a busy time: what was answered is there, what was not is whole or absent", async (t) => {
    const dataDir = temporaryFolder(t);
    let relay = await spawnRelay(t, { dataDir });
    const { cookie } = await signIn(relay);
    const answered: Answered = { invites: new Set(), guests: new Map(), admitted: new Set() };
    for (let round = 0; round < 3; round++) {
      const running = relay;
      // After so many admissions it dies, wherever the others are just then.
      const enough = answered.admitted.size + 3 + round;
      const killed = Promise.withResolvers<void>();
      const onAdmitted = () => {
        if (answered.admitted.size === enough) running.kill().then(killed.resolve, killed.reject);
      };
      const work = Array.from({ length: 4 }, () => untilItDies(running, cookie, answered, onAdmitted));
      await killed.promise;
      await Promise.all(work);
      relay = await spawnRelay(t, { dataDir, port: relay.port });
      await assertKept(relay, cookie, answered);
    }
  });

  test("a ticket and a set-up link of before are worth nothing after", async (t) => {
    const dataDir = temporaryFolder(t);
    const first = await spawnRelay(t, { dataDir });
    const host = await signIn(first);
    const ticket = await host.ticket();
    await first.kill();
    const second = await spawnRelay(t, { dataDir });
    const socket = await openSocket(t, second);
    socket.hello(ticket);
    assert.equal(await socket.closed, CLOSE.ticketRefused);
    const { status } = await call(second, "POST", "/api/enrol/begin", { token: first.setupToken });
    assert.equal(status, 404);
  });
});

interface Answered {
  readonly invites: Set<string>;
  readonly guests: Map<string, TestGuest>;
  readonly admitted: Set<string>;
}

/** Makes an invite, knocks, admits, again and again, and notes what was answered. */
async function untilItDies(
  relay: SpawnedRelay,
  cookie: string,
  answered: Answered,
  onAdmitted: () => void,
): Promise<void> {
  const host = hostWithCookie(relay, cookie);
  try {
    for (;;) {
      const invite = await host.makeInvite();
      answered.invites.add(invite.room);
      const guest = await join(relay, invite);
      answered.guests.set(guest.session, guest);
      await host.admit(guest.session);
      answered.admitted.add(guest.session);
      onAdmitted();
    }
  } catch (error) {
    // fetch's own failure, because nobody is there any more; a refusal would be an assertion's.
    assert.ok(error instanceof TypeError, String(error));
  }
}

async function assertKept(relay: SpawnedRelay, cookie: string, answered: Answered): Promise<void> {
  const host = hostWithCookie(relay, cookie);
  const invites = new Map((await host.invites()).map((invite) => [invite.room, invite.state]));
  for (const room of answered.invites) assert.ok(invites.has(room), "an invite that was answered is there");
  for (const guest of answered.guests.values()) {
    const { admitted } = await guestOf(relay, guest).rejoin();
    if (answered.admitted.has(guest.session)) assert.equal(admitted, true);
    answered.guests.delete(guest.session);
  }
  // An admission and the use of its invite are one change: never one without the other.
  const used = Array.from(invites.values()).filter((state) => state === "used").length;
  assert.ok(used >= answered.admitted.size && used <= answered.admitted.size + 3 * 4);
}

suite("SIGTERM", () => {
  test("tells everyone to come back, waits for nobody, and ends with exit code 0", async (t) => {
    const minutes = { closeTimeoutMs: 300_000, requestHeadMs: 300_000, requestMs: 300_000 };
    const relay = await spawnRelay(t, { limits: minutes });
    const host = await signIn(relay);
    const desk = await host.connect(t);
    const guest = await join(relay, await host.makeInvite());
    const socket = await guest.connect(t);
    // Those who do not answer a goodbye, or hold a connection open, are cut.
    const deaf = await openSocket(t, relay);
    deaf.socket.pause();
    const idle = connect(relay.port, "127.0.0.1");
    // Being cut is what it is there for.
    idle.on("error", () => {});
    t.after(() => idle.destroy());
    await once(idle, "connect");
    idle.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n");

    assert.equal(await relay.stop(), 0);
    assert.deepEqual([await desk.closed, await socket.closed], [CLOSE.restarting, CLOSE.restarting]);
    assert.ok(relay.output().includes('"event":"stopped"'));
    assert.equal(relay.output().includes('"failed"'), false, relay.output());
  });

  test("while it is going down nobody comes in, and closing twice is closing once", async (t) => {
    const relay = await startTestRelay(t);
    const deaf = await openSocket(t, relay);
    deaf.socket.pause();
    const closed = relay.close();
    assert.equal(relay.close(), closed);
    await assert.rejects(openSocket(t, relay));
    await closed;
  });

  test("sockets that fail on their way out do not keep it from ending", async (t) => {
    const relay = await startTestRelay(t);
    const leavers = await Promise.all(Array.from({ length: 8 }, () => openRaw(t, relay)));
    for (const { write } of leavers)
      write(
        `GET ${SOCKET_PATH} HTTP/1.1\r\nhost: localhost\r\norigin: ${relay.url}\r\nconnection: Upgrade\r\n` +
          "upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      );
    await Promise.all(leavers.map(({ socket }) => once(socket, "data")));
    const closed = relay.close();
    for (const { socket } of leavers) socket.resetAndDestroy();
    await closed;
  });
});
