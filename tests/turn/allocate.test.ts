/** The real coturn with the generated file: who gets an allocation, and what passes through it. */
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { USER_QUOTA } from "../../turn/config.ts";
import { parseTurnService } from "../../turn/settings.ts";
import { TURN_TRANSPORTS, type TurnTransport, turnUrls } from "../../turn/urls.ts";
import { type Coturn, startCoturn } from "../support/coturn.ts";
import { connectTurn, type TurnClient, type TurnClientOptions, TurnRefused } from "../support/turn-client.ts";

let server: Coturn;
const open: TurnClient[] = [];

before(async () => {
  server = await startCoturn();
});
after(async () => {
  await Promise.all(open.map((client) => client.close()));
  await server.close();
});

async function client(
  transport: TurnTransport,
  options: Partial<TurnClientOptions> = {},
  to: Coturn = server,
): Promise<TurnClient> {
  const { settings, certificate } = to;
  const made = await connectTurn({
    transport,
    host: "127.0.0.1",
    port: transport === "tls" ? settings.tlsPort : settings.port,
    credentials: to.credentials(),
    tls: { ca: certificate.pem, servername: "localhost" },
    ...options,
  });
  open.push(made);
  return made;
}

/** A name that has not ended, and a password under a secret that nobody configured. */
function forged() {
  const { username } = server.credentials();
  return { username, credential: createHmac("sha1", randomBytes(32)).update(username).digest("base64") };
}

const refusedWith = (code: number) => (error: unknown) => error instanceof TurnRefused && error.code === code;

describe("issued credentials", () => {
  for (const transport of TURN_TRANSPORTS) {
    test(`get an allocation over ${transport}`, async () => {
      const a = await client(transport);
      const { relayed, mapped, lifetime } = await a.allocate();
      const { minPort, maxPort } = server.settings;
      assert.equal(relayed.ip, "127.0.0.1");
      assert.ok(relayed.port >= minPort && relayed.port <= maxPort);
      assert.deepEqual(mapped, a.local);
      assert.equal(lifetime, 600);
    });

    test(`with a wrong password are refused over ${transport}`, async () => {
      const a = await client(transport, { credentials: forged() });
      await assert.rejects(a.allocate(), refusedWith(401));
    });

    test(`that have ended are refused over ${transport}`, async () => {
      const credentials = server.credentials({ now: Date.now() - 61_000, ttlSeconds: 60 });
      await assert.rejects((await client(transport, { credentials })).allocate(), refusedWith(401));
    });
  }

  test("cannot be prolonged by writing another end into the name", async () => {
    const { username, credential } = server.credentials({ now: Date.now() - 61_000, ttlSeconds: 60 });
    const later = `${Math.floor(Date.now() / 1000) + 600}:${username.split(":")[1]}`;
    const a = await client("udp", { credentials: { username: later, credential } });
    await assert.rejects(a.allocate(), refusedWith(401));
  });

  test("limit only the beginning: an allocation lives on when they have ended", async () => {
    const credentials = server.credentials({ now: Date.now() - 56_000, ttlSeconds: 60 });
    const a = await client("udp", { credentials });
    await a.allocate();
    // coturn counts whole seconds, the last one included. Time itself is what this test is about.
    await delay(credentials.expires + 1_100 - Date.now());
    await assert.rejects((await client("udp", { credentials })).allocate(), refusedWith(401));
    assert.equal(await a.refresh(600), 600);
    await a.permit({ ip: "127.0.0.1", port: 9 });
  });

  test("give no more than the hour of max-allocate-lifetime", async () => {
    const a = await client("udp");
    await a.allocate();
    assert.equal(await a.refresh(86_400), 3_600);
  });

  test("are accepted under the previous secret during a rotation, and under no other", async (t) => {
    const rotating = await startCoturn({ settings: { previousSecret: server.settings.secret } });
    t.after(() => rotating.close());
    for (const issuer of [rotating, server]) {
      const a = await client("udp", { credentials: issuer.credentials() }, rotating);
      assert.equal((await a.allocate()).lifetime, 600);
    }
    const stranger = await client("udp", { credentials: forged() }, rotating);
    await assert.rejects(stranger.allocate(), refusedWith(401));
  });
});

test("a relay with the environment of this server sends browsers to it", () => {
  for (const transport of TURN_TRANSPORTS) {
    const parsed = parseTurnService(server.environment(transport));
    assert.ok(parsed.ok && parsed.settings);
    assert.deepEqual(turnUrls(parsed.settings), [server.urls[transport]]);
    assert.equal(parsed.settings.secret, server.settings.secret);
  }
});

describe("relayed data", () => {
  const pairs: [TurnTransport, TurnTransport][] = [
    ["udp", "udp"],
    ["tcp", "udp"],
    ["tls", "udp"],
    ["tls", "tls"],
  ];
  for (const [ours, theirs] of pairs) {
    test(`passes between an allocation over ${ours} and one over ${theirs}`, async () => {
      const a = await client(ours);
      const b = await client(theirs);
      const at = { a: (await a.allocate()).relayed, b: (await b.allocate()).relayed };
      await a.permit(at.b);
      await b.permit(at.a);

      const indication = randomBytes(1_201);
      a.send(at.b, indication);
      assert.deepEqual(await b.receive(), { from: at.a, data: indication });

      await b.bindChannel(0x4001, at.a);
      const channel = randomBytes(1_203);
      b.sendOnChannel(0x4001, channel);
      assert.deepEqual(await a.receive(), { from: at.b, data: channel });
      const back = randomBytes(7);
      a.send(at.b, back);
      assert.deepEqual(await b.receive(), { from: 0x4001, data: back });
    });
  }

  test("does not reach an allocation that gave the sender no permission", async () => {
    const [a, b] = [await client("udp"), await client("udp")];
    const at = { a: (await a.allocate()).relayed, b: (await b.allocate()).relayed };
    await a.permit(at.b);
    a.send(at.b, Buffer.from("nobody asked for this"));
    // One answered request on either side: by then the packet has come through a's thread and been dropped at b's.
    await a.refresh(600);
    await b.refresh(600);
    await b.permit(at.a);
    a.send(at.b, Buffer.from("this was asked for"));
    assert.equal((await b.receive()).data.toString(), "this was asked for");
  });

  test("meets at the public address when the box stands behind NAT", async (t) => {
    const externalIp = "93.184.215.14";
    const nat = await startCoturn({ settings: { externalIp } });
    t.after(() => nat.close());
    const [a, b] = [await client("udp", {}, nat), await client("tls", {}, nat)];
    const at = { a: (await a.allocate()).relayed, b: (await b.allocate()).relayed };
    assert.deepEqual([at.a.ip, at.b.ip], [externalIp, externalIp]);
    await a.permit(at.b);
    await b.permit(at.a);
    a.send(at.b, Buffer.from("through the public address"));
    assert.deepEqual(await b.receive(), { from: at.a, data: Buffer.from("through the public address") });
  });
});

describe("quotas", () => {
  test("one credential gets so many allocations and no more, another is not affected", async () => {
    const credentials = server.credentials();
    for (let i = 0; i < USER_QUOTA; i++) await (await client("udp", { credentials })).allocate();
    const oneMore = await client("udp", { credentials });
    await assert.rejects(oneMore.allocate(), refusedWith(486));
    await (await client("udp")).allocate();
  });

  test("everybody together gets total-quota", async (t) => {
    const small = await startCoturn({ settings: { totalQuota: 3 } });
    t.after(() => small.close());
    for (let i = 0; i < 3; i++) await (await client("udp", {}, small)).allocate();
    const oneMore = await client("udp", {}, small);
    await assert.rejects(oneMore.allocate(), refusedWith(486));
  });
});
