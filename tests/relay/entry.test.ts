/** Who may open a socket, and what happens until it has shown its ticket. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CLOSE, WIRE_VERSION } from "../../relay/wire/frames.ts";
import { startTestRelay } from "../support/relay.ts";
import { join, openSocket, signIn } from "../support/relay-client.ts";
import { askForUpgrade } from "./support/upgrade.ts";

suite("the upgrade", () => {
  test("is for pages of this relay alone", async (t) => {
    const relay = await startTestRelay(t);
    const { port } = relay;
    const verdicts: Record<string, number> = {
      [`http://localhost:${port}`]: 101,
      [`http://127.0.0.1:${port}`]: 101,
      [`https://localhost:${port}`]: 403,
      [`http://localhost:${port + 1}`]: 403,
      "http://localhost": 403,
      [`http://localhost.attacker.example:${port}`]: 403,
      [`http://localhost:${port}/`]: 403,
      "https://attacker.example": 403,
      null: 403,
      "": 403,
    };
    for (const [origin, status] of Object.entries(verdicts))
      assert.equal((await askForUpgrade(relay, { origin })).status, status, origin);
    assert.equal((await askForUpgrade(relay, {})).status, 403, "no origin at all");
    assert.equal(relay.counters.refused.origin, 9);
  });

  test("behind a public name takes that name and not localhost", async (t) => {
    const env = { PUBLIC_URL: "https://rooms.clinic.example", TRUST_PROXY: "1" };
    const relay = await startTestRelay(t, { env });
    const status = async (origin: string) => (await askForUpgrade(relay, { origin })).status;
    assert.equal(await status("https://rooms.clinic.example"), 101);
    assert.equal(await status("http://rooms.clinic.example"), 403);
    assert.equal(await status(`http://localhost:${relay.port}`), 403);
    assert.equal(await status("https://rooms.clinic.example.attacker.example"), 403);
  });

  test("is at one path, without a query", async (t) => {
    const relay = await startTestRelay(t);
    for (const path of ["/", "/api/socket?ticket=x", "/api/socket/", "/API/SOCKET"])
      assert.equal((await askForUpgrade(relay, { origin: relay.url }, path)).status, 404, path);
  });

  test("never agrees to a subprotocol", async (t) => {
    const relay = await startTestRelay(t);
    const offer = { origin: relay.url, "sec-websocket-protocol": "chat, superchat" };
    const { status, headers } = await askForUpgrade(relay, offer);
    assert.deepEqual([status, headers["sec-websocket-protocol"]], [101, undefined]);
  });

  test("never agrees to compress", async (t) => {
    const relay = await startTestRelay(t);
    const offer = { origin: relay.url, "sec-websocket-extensions": "permessage-deflate" };
    const { status, headers } = await askForUpgrade(relay, offer);
    assert.deepEqual([status, headers["sec-websocket-extensions"]], [101, undefined]);
  });
});

suite("the hello", () => {
  test("has to come in time", async (t) => {
    const relay = await startTestRelay(t, { limits: { helloTimeoutMs: 40 } });
    const socket = await openSocket(t, relay);
    assert.equal(await socket.closed, CLOSE.helloTimeout);
    assert.equal(relay.counters.refused["hello-missing"], 1);
  });

  test("has to come in time even from who keeps the line busy", async (t) => {
    const relay = await startTestRelay(t, { limits: { helloTimeoutMs: 40 } });
    const { socket, closed } = await openSocket(t, relay);
    const busy = setInterval(() => socket.ping(), 5);
    assert.equal(await closed, CLOSE.helloTimeout);
    clearInterval(busy);
  });

  const strange: Record<string, string | Uint8Array> = {
    "a ping": JSON.stringify({ t: "ping", n: 1 }),
    "a hello with more in it": JSON.stringify({ t: "hello", v: WIRE_VERSION, ticket: "x", name: "y" }),
    "a hello without a ticket": JSON.stringify({ t: "hello", v: WIRE_VERSION }),
    "a hello whose version is no number": JSON.stringify({ t: "hello", v: "1", ticket: "x" }),
    "a very long hello": JSON.stringify({ t: "hello", v: WIRE_VERSION, ticket: "x".repeat(2_049) }),
    "no JSON": "hello",
    nothing: "",
    "a frame": new Uint8Array([1, ...new Uint8Array(16)]),
    "a hello as bytes": Buffer.from(JSON.stringify({ t: "hello", v: WIRE_VERSION, ticket: "x" })),
  };
  test("is nothing but a hello", async (t) => {
    const relay = await startTestRelay(t);
    for (const [what, first] of Object.entries(strange)) {
      const socket = await openSocket(t, relay);
      socket.send(first);
      assert.equal(await socket.closed, CLOSE.badFrame, what);
    }
    assert.equal(relay.counters.refused["hello-malformed"], Object.keys(strange).length);
  });

  test("of another version is told so, whatever else it says", async (t) => {
    const relay = await startTestRelay(t);
    for (const v of [0, 2, 99]) {
      const socket = await openSocket(t, relay);
      socket.send(JSON.stringify({ t: "hello", v, token: ["of", "the", "future"] }));
      assert.equal(await socket.closed, CLOSE.version, String(v));
    }
  });

  test("needs a ticket of this relay's, once", async (t) => {
    const relay = await startTestRelay(t);
    const host = await signIn(relay);
    const { ticket } = await join(relay, await host.makeInvite());
    const hello = async (text: string) => {
      const socket = await openSocket(t, relay);
      socket.hello(text);
      return socket;
    };
    assert.equal(await (await hello("made.up.entirely")).closed, CLOSE.ticketRefused);
    const first = await hello(ticket);
    await first.heard("welcome");
    assert.equal(await (await hello(ticket)).closed, CLOSE.ticketRefused, "the second time");
    assert.equal(first.socket.readyState, first.socket.OPEN, "and the first one is not disturbed");
    const { refused } = relay.counters;
    assert.deepEqual([refused["ticket-forged"], refused["ticket-reused"]], [1, 1]);
  });

  test("in time with an old ticket is refused", async (t) => {
    const clock = { now: Date.now() };
    const relay = await startTestRelay(t, { now: () => clock.now });
    const ticket = await (await signIn(relay)).ticket();
    clock.now += 16_000;
    const socket = await openSocket(t, relay);
    socket.hello(ticket);
    assert.equal(await socket.closed, CLOSE.ticketRefused);
    assert.equal(relay.counters.refused["ticket-expired"], 1);
  });

  test("is the last word until it is answered", async (t) => {
    const relay = await startTestRelay(t);
    const host = await signIn(relay);
    const desk = await host.connect(t);
    const guest = await join(relay, await host.makeInvite());
    const socket = await openSocket(t, relay);
    socket.hello(guest.ticket);
    socket.forward(guest.id, new Uint8Array(3));
    assert.equal(await socket.closed, CLOSE.badFrame);
    // A second redemption ends after the first one did, so the first guest was let in by now if ever.
    const newDesk = await host.connect(t);
    assert.equal(await desk.closed, CLOSE.replaced);
    await assert.rejects(desk.heard("guest"), /closed/, "nobody was announced");
    const again = await guest.connect(t);
    assert.ok((await newDesk.heard("guest")).here);
    assert.equal(again.socket.readyState, again.socket.OPEN);
    assert.equal(relay.counters.forwardedFrames, 0);
  });

  test("of a guest opens a guest's place, of a host a host's", async (t) => {
    const relay = await startTestRelay(t);
    const host = await signIn(relay);
    const guest = await join(relay, await host.makeInvite());
    const asGuest = await openSocket(t, relay);
    asGuest.hello(guest.ticket);
    assert.equal((await asGuest.heard("welcome")).session, guest.session);
    const asHost = await openSocket(t, relay);
    asHost.hello(await host.ticket());
    assert.deepEqual(
      (await asHost.heard("ready")).guests.map(({ session }) => session),
      [guest.session],
    );
  });
});

suite("too many", () => {
  test("sockets from one address are told so; another address is not affected", async (t) => {
    const env = { PUBLIC_URL: "https://rooms.clinic.example", TRUST_PROXY: "1" };
    const relay = await startTestRelay(t, { env, limits: { socketsPerAddress: 2 } });
    const from = (address: string) =>
      openSocket(t, relay, { headers: { "x-forwarded-for": `203.0.113.9, ${address}` } });
    const first = await from("198.51.100.1");
    await from("198.51.100.1");
    assert.equal(await (await from("198.51.100.1")).closed, CLOSE.tooMany);
    await first.close();
    await relay.logged('"code":1005');
    const again = await from("198.51.100.1");
    again.send("nonsense");
    assert.equal(await again.closed, CLOSE.badFrame, "it was let in");
    const other = await from("198.51.100.2");
    other.send("nonsense");
    assert.equal(await other.closed, CLOSE.badFrame, "so was this one");
    assert.equal(relay.counters.refused["address-full"], 1);
  });

  test("sockets in all: who has shown a ticket stays, who has not gives way", async (t) => {
    const relay = await startTestRelay(t, { limits: { sockets: 2 } });
    const host = await signIn(relay);
    const desk = await host.connect(t);
    const [first, second] = [await openSocket(t, relay), await openSocket(t, relay)];
    assert.equal(await first.closed, CLOSE.tooMany, "it has waited the longest without a ticket");
    const guest = await join(relay, await host.makeInvite());
    const socket = await guest.connect(t);
    assert.equal(await second.closed, CLOSE.tooMany);
    assert.equal(relay.counters.refused["crowded-out"], 2);
    assert.equal(await (await openSocket(t, relay)).closed, CLOSE.tooMany, "nobody is left to give way");
    assert.equal(relay.counters.refused["relay-full"], 1);
    desk.forward(guest.id, new Uint8Array([1]));
    assert.equal((await socket.frame()).at(17), 1);
  });

  test("upgrades in a short time are refused before they cost anything", async (t) => {
    const relay = await startTestRelay(t, { limits: { upgradesPerAddress: { points: 3, seconds: 60 } } });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await askForUpgrade(relay, { origin: relay.url })).status);
    assert.deepEqual(statuses, [101, 101, 101, 429, 429]);
    assert.equal(relay.counters.refused.rate, 2);
  });
});
