/** Those who stop reading, stop answering, or leave without a word. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import { LIMITS } from "../../relay/limits.ts";
import { CLOSE } from "../../relay/wire/frames.ts";
import { startTestRelay } from "../support/relay.ts";
import { join, openSocket, signIn, type TestSocket } from "../support/relay-client.ts";

const unbounded = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1 };
const flood = { frames: unbounded, bytes: unbounded };

suite("a slow reader", () => {
  test("is closed when its queue is full; whoever feeds it is told and goes on", async (t) => {
    const limits = { queueBytes: 200_000, closeTimeoutMs: 100, hostFlow: flood };
    const relay = await startTestRelay(t, { limits });
    const host = await signIn(relay);
    const desk = await host.connect(t);
    const slow = await join(relay, await host.makeInvite());
    const other = await join(relay, await host.makeInvite());
    const slowSocket = await slow.connect(t);
    const otherSocket = await other.connect(t);
    await desk.heard("guest");
    await desk.heard("guest");
    slowSocket.socket.pause();

    // What the two kernels hold comes first; the relay's own queue fills after that.
    let gone = false;
    const told = desk.heard("guest").then((message) => {
      gone = true;
      assert.deepEqual(message, { t: "guest", here: false, session: slow.session });
    });
    const chunk = new Uint8Array(60_000);
    while (!gone) {
      desk.forward(slow.id, chunk);
      desk.send(JSON.stringify({ t: "ping", n: 1 }));
      await Promise.race([desk.heard("pong"), told]);
    }
    assert.ok(relay.counters.dropped["slow-reader"] === 1);
    await relay.logged(`"code":${CLOSE.slowReader}`);

    desk.forward(other.id, new Uint8Array([5]));
    assert.equal((await otherSocket.frame()).at(17), 5);
    slowSocket.socket.resume();
    assert.equal(await slowSocket.closed, 1006, "it was cut, having read nothing of its close either");
    assert.equal((await slow.rejoin()).admitted, false, "and may come back");
  });

  test("that reads again in time learns why it was closed", async (t) => {
    const limits = { queueBytes: 200_000, closeTimeoutMs: 10_000, hostFlow: flood };
    const relay = await startTestRelay(t, { limits });
    const host = await signIn(relay);
    const desk = await host.connect(t);
    const slow = await join(relay, await host.makeInvite());
    const socket = await slow.connect(t);
    await desk.heard("guest");
    socket.socket.pause();
    let gone = false;
    const told = desk.heard("guest").then(() => {
      gone = true;
    });
    while (!gone) {
      desk.forward(slow.id, new Uint8Array(60_000));
      desk.send(JSON.stringify({ t: "ping", n: 1 }));
      await Promise.race([desk.heard("pong"), told]);
    }
    socket.socket.resume();
    assert.equal(await socket.closed, CLOSE.slowReader);
  });
});

suite("who asks and asks, and never reads the answers", () => {
  const questions = {
    "to pings": (socket: TestSocket) => socket.socket.ping(Buffer.alloc(125)),
    "to control messages": (socket: TestSocket) => socket.send(JSON.stringify({ t: "ping", n: 1 })),
  };
  for (const [what, ask] of Object.entries(questions))
    test(`${what} is closed before they fill the memory`, async (t) => {
      const limits = { queueBytes: 100_000, closeTimeoutMs: 100, guestFlow: flood };
      const relay = await startTestRelay(t, { limits });
      const host = await signIn(relay);
      const desk = await host.connect(t);
      const guest = await join(relay, await host.makeInvite());
      const socket = await guest.connect(t);
      await desk.heard("guest");
      socket.socket.pause();
      let gone = false;
      const told = desk.heard("guest").then(() => {
        gone = true;
      });
      while (!gone) {
        for (let i = 0; i < 2_000; i++) ask(socket);
        desk.send(JSON.stringify({ t: "ping", n: 1 }));
        await Promise.race([desk.heard("pong"), told]);
      }
      assert.equal(relay.counters.dropped["slow-reader"], 1);
      await relay.logged(`"code":${CLOSE.slowReader}`);
    });
});

suite("a half-open socket", () => {
  test("is noticed within 30 s, which is some pings later", () => {
    const { heartbeatMs, heartbeatTimeoutMs } = LIMITS;
    // The relay looks four times between two pings; see signal/server.ts.
    assert.ok(heartbeatTimeoutMs + heartbeatMs / 4 < 30_000);
    assert.ok(heartbeatTimeoutMs >= 2 * heartbeatMs);
  });

  test("is noticed and announced, while one that answers stays", async (t) => {
    const limits = { heartbeatMs: 200, heartbeatTimeoutMs: 1_500, closeTimeoutMs: 50 };
    const relay = await startTestRelay(t, { limits });
    const host = await signIn(relay);
    const desk = await host.connect(t);
    const alive = await join(relay, await host.makeInvite());
    const aliveSocket = await alive.connect(t);
    const dead = await join(relay, await host.makeInvite());
    const deadSocket = await openSocket(t, relay, { autoPong: false });
    deadSocket.hello(dead.ticket);
    await deadSocket.heard("welcome");
    await desk.heard("guest");
    await desk.heard("guest");

    let pings = 0;
    aliveSocket.socket.on("ping", () => {
      pings++;
    });
    assert.deepEqual(await desk.heard("guest"), { t: "guest", here: false, session: dead.session });
    await relay.logged(`"code":${CLOSE.heartbeatTimeout}`);
    assert.ok(pings >= 2, `${pings} pings until then`);
    // Another whole timeout of silence, in which only pings are answered.
    for (const until = pings + 9; pings < until; ) await once(aliveSocket.socket, "ping");
    assert.equal(aliveSocket.socket.readyState, aliveSocket.socket.OPEN);
    desk.forward(alive.id, new Uint8Array([1]));
    assert.equal((await aliveSocket.frame()).at(17), 1);
  });

  test("that still sends is alive: any sign of life counts", async (t) => {
    const limits = { heartbeatMs: 200, heartbeatTimeoutMs: 1_500 };
    const relay = await startTestRelay(t, { limits });
    const host = await signIn(relay);
    const socket = await openSocket(t, relay, { autoPong: false });
    socket.hello(await host.ticket());
    await socket.heard("ready");
    for (let pings = 0; pings < 10; pings++) {
      await once(socket.socket, "ping");
      socket.send(JSON.stringify({ t: "ping", n: pings }));
      await socket.heard("pong");
    }
  });

  test("whose peer is gone without a word is announced at once", async (t) => {
    const relay = await startTestRelay(t);
    const host = await signIn(relay);
    const desk = await host.connect(t);
    const guest = await join(relay, await host.makeInvite());
    const socket = await guest.connect(t);
    await desk.heard("guest");
    socket.socket.terminate();
    assert.deepEqual(await desk.heard("guest"), { t: "guest", here: false, session: guest.session });
  });
});
