/**
 * Which peers the generated file lets nobody reach, asked of the real coturn in the production profile: each range of
 * the deny list at both ends and in between, and just outside, where it must say yes.
 */
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { DENIED_IPV4, DENIED_IPV6, deniedIpv4Range, type PeerRange } from "../../turn/denied-peers.ts";
import { type Coturn, startCoturn } from "../support/coturn.ts";
import { ipBytes } from "../support/stun.ts";
import { connectTurn, type TurnClient, TurnRefused } from "../support/turn-client.ts";

const OK = 200;
const FORBIDDEN = 403;
/** RFC 8656 §19: the peer's address family is not that of the relayed address. */
const FAMILY_MISMATCH = 443;

async function allocated(server: Coturn, family: 1 | 2 = 1): Promise<TurnClient> {
  const { port } = server.settings;
  const credentials = server.credentials();
  const client = await connectTurn({ transport: "udp", host: "127.0.0.1", port, credentials });
  await client.allocate({ family });
  return client;
}

async function verdict(attempt: Promise<void>): Promise<number> {
  try {
    await attempt;
    return OK;
  } catch (error) {
    if (error instanceof TurnRefused) return error.code;
    throw error;
  }
}

const toNumber = (ip: string): bigint => BigInt(`0x${ipBytes(ip).toString("hex")}`);

function toText(value: bigint, bytes: number): string {
  const raw = Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex");
  return bytes === 4 ? raw.join(".") : (raw.toString("hex").match(/.{4}/g) ?? []).join(":");
}

/** Both ends, and twenty addresses in between that are the same in every run. */
function samples({ first, last }: PeerRange): string[] {
  const [min, max] = [toNumber(first), toNumber(last)];
  const within = fc.sample(fc.bigInt({ min, max }), { seed: 8656, numRuns: 20 });
  return [first, last, ...within.map((value) => toText(value, ipBytes(first).length))];
}

let next = 0x4000;
const freshChannel = () => next++;

describe("with the IPv4 relay that the file names", () => {
  let server: Coturn;
  let client: TurnClient;
  before(async () => {
    server = await startCoturn({ profile: "production" });
    client = await allocated(server);
  });
  after(async () => {
    await client.close();
    await server.close();
  });

  for (const range of DENIED_IPV4) {
    test(`${range.first} to ${range.last} is refused: ${range.what}`, async () => {
      for (const ip of samples(range)) {
        const peer = { ip, port: 80 };
        assert.equal(await verdict(client.permit(peer)), FORBIDDEN, `permission for ${ip}`);
        assert.equal(await verdict(client.bindChannel(0x4fff, peer)), FORBIDDEN, `channel to ${ip}`);
      }
    });
  }

  test("the addresses that such attacks begin with are refused", async () => {
    for (const ip of [
      "127.0.0.1",
      "169.254.169.254",
      "0.0.0.0",
      "10.0.0.1",
      "192.168.1.1",
      "100.100.100.200",
    ])
      assert.equal(await verdict(client.permit({ ip, port: 80 })), FORBIDDEN, ip);
  });

  test("multicast and broadcast are refused", async () => {
    for (const ip of ["224.0.0.1", "239.255.255.255", "255.255.255.255"])
      assert.equal(await verdict(client.permit({ ip, port: 5353 })), FORBIDDEN, ip);
  });

  test("the public neighbours of every range are allowed", async () => {
    const neighbours = DENIED_IPV4.flatMap(({ first, last }) => [toNumber(first) - 1n, toNumber(last) + 1n])
      .filter((value) => value >= 0n && value <= 0xffffffffn)
      .map((value) => toText(value, 4))
      .filter((ip) => deniedIpv4Range(ip) === null && !/^2(2[4-9]|3\d)\./.test(ip));
    assert.ok(neighbours.length >= 20);
    for (const ip of neighbours) assert.equal(await verdict(client.permit({ ip, port: 80 })), OK, ip);
  });

  test("no IPv6 peer at all is reached, in whatever form it hides an IPv4 one", async () => {
    const hidden = [
      "::ffff:127.0.0.1",
      "::ffff:169.254.169.254",
      "::127.0.0.1",
      "64:ff9b::a01:203",
      "2002:a01:203::1",
    ];
    for (const ip of [...DENIED_IPV6.flatMap(samples), ...hidden, "2600::1", "ff02::1"]) {
      const peer = { ip, port: 80 };
      assert.equal(await verdict(client.permit(peer)), FAMILY_MISMATCH, `permission for ${ip}`);
      assert.equal(await verdict(client.bindChannel(0x4fff, peer)), FAMILY_MISMATCH, `channel to ${ip}`);
    }
  });

  test("an IPv6 relayed address is refused", async () => {
    const credentials = server.credentials();
    const { port } = server.settings;
    const asks = await connectTurn({ transport: "udp", host: "127.0.0.1", port, credentials });
    // RFC 8656 §7.2: 440, this address family is not supported.
    await assert.rejects(asks.allocate({ family: 2 }), { name: "TurnRefused", code: 440 });
    await asks.close();
  });
});

describe("with an IPv6 relay added by hand", () => {
  let server: Coturn;
  let client: TurnClient;
  before(async () => {
    server = await startCoturn({ profile: "production", edit: (conf) => `${conf}relay-ip=::1\n` });
    client = await allocated(server, 2);
  });
  after(async () => {
    await client.close();
    await server.close();
  });

  for (const range of DENIED_IPV6) {
    test(`${range.first} to ${range.last} is refused: ${range.what}`, async () => {
      for (const ip of samples(range)) {
        const peer = { ip, port: 80 };
        assert.equal(await verdict(client.permit(peer)), FORBIDDEN, `permission for ${ip}`);
        assert.equal(await verdict(client.bindChannel(0x4fff, peer)), FORBIDDEN, `channel to ${ip}`);
      }
    });
  }

  test("denied IPv4 addresses stay refused in every IPv6 form", async () => {
    for (const range of DENIED_IPV4)
      for (const ip of samples(range)) {
        const hex = ipBytes(ip).toString("hex").replace(/^.{4}/, "$&:");
        for (const form of [
          `::ffff:${hex}`,
          `::${hex}`,
          `64:ff9b::${hex}`,
          `64:ff9b:1::${hex}`,
          `2002:${hex}::1`,
        ])
          assert.equal(await verdict(client.permit({ ip: form, port: 80 })), FORBIDDEN, form);
      }
  });

  test("loopback, the unspecified address and multicast are refused", async () => {
    for (const ip of ["::", "::1", "ff02::1", "ff05::2"])
      assert.equal(await verdict(client.permit({ ip, port: 80 })), FORBIDDEN, ip);
  });

  test("public addresses are allowed, so the list is no blanket refusal", async () => {
    for (const ip of ["2600::1", "2a00::1", "2001:200::1", "2003::1", "3ffe::1", "64:ff9c::1"]) {
      assert.equal(await verdict(client.permit({ ip, port: 80 })), OK, ip);
      assert.equal(await verdict(client.bindChannel(freshChannel(), { ip, port: 80 })), OK, ip);
    }
  });
});

describe("a service on the TURN box itself", () => {
  let victim: Socket;
  before(async () => {
    victim = createSocket("udp4").bind(0, "127.0.0.1");
    await once(victim, "listening");
  });
  after(() => {
    victim.close();
  });

  /** What it hears first: the packet through TURN, or the one that the test sends it directly afterwards. */
  async function heard(profile: "test" | "production"): Promise<string> {
    const server = await startCoturn({ profile });
    const client = await allocated(server);
    const { address: ip, port } = victim.address();
    const message = once(victim, "message");
    await verdict(client.permit({ ip, port }));
    client.send({ ip, port }, Buffer.from("through TURN"));
    // Answered on the same path, so the indication before it has been dealt with.
    await client.refresh(600);
    const direct = createSocket("udp4");
    direct.send("directly", port, ip);
    const [data] = await message;
    direct.close();
    await client.close();
    await server.close();
    return String(data);
  }

  test("hears nothing through the file as generated", async () => {
    assert.equal(await heard("production"), "directly");
  });

  test("would hear it if loopback peers were allowed", async () => {
    assert.equal(await heard("test"), "through TURN");
  });
});
