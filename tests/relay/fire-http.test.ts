/** HTTP as nobody should speak it: too fast, too long, too deep, ambiguously. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { after, suite, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { LIMITS } from "../../relay/limits.ts";
import { MAX_BODY_BYTES } from "../../relay/wire/requests.ts";
import { spawnRelay, temporaryFolder } from "../support/relay.ts";
import { startBystander } from "./support/bystander.ts";
import { addressOf, openRaw, type RawConnection, statusIn } from "./support/raw-connection.ts";
import { growth, sampleUntil } from "./support/samples.ts";

/** Lies beside the client's folder, where a path that climbs out of it would find it. */
const OUTSIDE = "outside.json";
const folder = temporaryFolder({ after });
const clientDir = joinPath(folder, "client");
mkdirSync(joinPath(clientDir, "assets"), { recursive: true });
writeFileSync(joinPath(folder, OUTSIDE), "{}");

const relay = await spawnRelay({ after }, { clientDir, env: { LOG_LEVEL: "error" } });
const bystander = await startBystander({ after }, relay);
const untouched = await relay.sample(true);
const HOST = `Host: localhost:${relay.port}\r\n`;
const ORIGIN = `Origin: ${relay.url}\r\n`;
const get = (path: string, headers = "") => `GET ${path} HTTP/1.1\r\n${HOST}${headers}\r\n`;
const post = (headers: string, body = "") =>
  `POST /api/rejoin HTTP/1.1\r\n${HOST}${ORIGIN}Content-Type: application/json\r\n${headers}\r\n${body}`;

/** Every test's attackers come from addresses of their own, so that no limit is used up by another test. */
let firstAddress = 0;

/** Runs the same attack from so many connections, at most `perAddress` at one address, until all have ended. */
async function fromMany(
  t: TestContext,
  count: number,
  attack: (connection: RawConnection, index: number) => Promise<void> | void,
  { perAddress = 50 } = {},
): Promise<readonly Buffer[]> {
  const base = firstAddress;
  firstAddress += Math.ceil(count / perAddress);
  return bystander.servedDuring(t, () =>
    Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const from = addressOf(base + Math.floor(index / perAddress));
        const connection = await openRaw(t, relay, { from });
        await attack(connection, index);
        return connection.ended;
      }),
    ),
  );
}

/** What the attack must have been counted as. Others' connections may end meanwhile, but not for these reasons. */
async function counted(
  attack: () => Promise<readonly Buffer[]>,
  expected: { readonly cut?: Record<string, number>; readonly refused?: Record<string, number> },
): Promise<readonly Buffer[]> {
  const before = await relay.sample();
  const answers = await attack();
  const grown = (sample: typeof before) => ({
    cut: growth(before.http.cut, sample.http.cut),
    refused: growth(before.http.refused, sample.http.refused),
  });
  const { cut = {}, refused = {} } = expected;
  const total = (tally: Record<string, number>) =>
    Object.values(tally).reduce((sum, count) => sum + count, 0);
  const last = await sampleUntil(relay, (sample) => total(grown(sample).cut) >= total(cut));
  assert.deepEqual(grown(last), { cut, refused });
  return answers;
}

const statuses = (answers: readonly Buffer[]) => [...new Set(answers.map(statusIn))];

suite("too much", () => {
  test("requests before the last one was answered", async (t) => {
    const flood = get("/api/account").repeat(2_000);
    const answers = await counted(() => fromMany(t, 20, ({ write }) => write(flood)), {
      cut: { pipelined: 20 },
    });
    for (const answer of answers) assert.ok(answer.length < 20_000, `${answer.length} bytes of answers`);
  });

  test("faults of one address, over and over", async (t) => {
    const pipelined = get("/api/account").repeat(50);
    const { points } = LIMITS.faultsPerAddress;
    const from = addressOf(firstAddress++);
    async function one() {
      const connection = await openRaw(t, relay, { from });
      connection.write(pipelined);
      return connection.ended;
    }
    const waves = async () => {
      for (let sent = 0; sent < 3 * points; sent += 10) await Promise.all(Array.from({ length: 10 }, one));
      return [];
    };
    await counted(() => bystander.servedDuring(t, waves), {
      cut: { pipelined: points, "address-faults": 2 * points },
    });
  });

  test("an upgrade before the last request was answered", async (t) => {
    const upgrade = get("/api/socket", `${ORIGIN}Connection: Upgrade\r\nUpgrade: websocket\r\n`);
    const both = get("/api/account") + upgrade;
    await counted(() => fromMany(t, 20, ({ write }) => write(both)), { cut: { pipelined: 20 } });
  });

  test("headers", async (t) => {
    const heads = [
      get("/healthz", "X-A: b\r\n".repeat(LIMITS.headers)),
      get("/healthz", "X-A: b\r\n".repeat(1_500)),
      get("/healthz", `X-A: ${"b".repeat(LIMITS.headBytes)}\r\n`),
      get("/healthz", `${"X".repeat(LIMITS.headBytes)}: b\r\n`),
      `GET /healthz HTTP/1.1\r\n${HOST}${"X-Endless: more\r\n".repeat(100_000)}`,
    ];
    const answers = await counted(
      () => fromMany(t, 50, ({ write }, index) => write(heads[index % 5] ?? "")),
      {
        cut: { "head-too-large": 50 },
      },
    );
    // Of what was sent beyond the limit the kernel knows nothing better to do than to reset.
    for (const status of statuses(answers)) assert.ok([431, Number.NaN].includes(status), String(status));
  });

  test("just as many headers as allowed are none too many", async (t) => {
    const head = get("/healthz", `Connection: close\r\n${"X-A: b\r\n".repeat(LIMITS.headers - 2)}`);
    const answers = await counted(() => fromMany(t, 1, ({ write }) => write(head)), {});
    assert.deepEqual(statuses(answers), [200]);
  });

  test("a path", async (t) => {
    const paths = ["/".repeat(20_000), `/${"%2e".repeat(6_000)}`, `/healthz?${"a=b&".repeat(5_000)}`];
    const answers = await counted(
      () => fromMany(t, 30, ({ write }, index) => write(get(paths[index % 3] ?? ""))),
      {
        cut: { "head-too-large": 30 },
      },
    );
    assert.deepEqual(statuses(answers), [431]);
  });

  test("a body, said or not said, or one that would grow when unpacked", async (t) => {
    const bomb = gzipSync(Buffer.alloc(7_000_000, " "));
    const chunk = `1000\r\n${" ".repeat(4_096)}\r\n`;
    const sends = [
      post(`Content-Length: ${MAX_BODY_BYTES + 1}\r\n`, " ".repeat(MAX_BODY_BYTES + 1)),
      post("Content-Length: 1000000000000\r\n", " ".repeat(200_000)),
      post("Transfer-Encoding: chunked\r\n", chunk.repeat(500)),
      Buffer.concat([
        Buffer.from(
          post(`Content-Encoding: gzip\r\nConnection: close\r\nContent-Length: ${bomb.length}\r\n`),
        ),
        bomb,
      ]),
    ];
    assert.ok(bomb.length < MAX_BODY_BYTES);
    const answers = await counted(
      () => fromMany(t, 8, ({ write }, index) => write(sends[index % 4] ?? ""), { perAddress: 4 }),
      { refused: { "REQUEST-TOO-LARGE": 4, "REQUEST-INVALID": 4 } },
    );
    for (const status of statuses(answers))
      assert.ok([413, 400, Number.NaN].includes(status), String(status));
  });

  test("depth", async (t) => {
    const nested = (depth: number) => {
      const body = `${"[".repeat(depth)}${"]".repeat(depth)}`;
      return post(`Connection: close\r\nContent-Length: ${body.length}\r\n`, body);
    };
    const object = (depth: number) => {
      const body = '{"a":'.repeat(depth);
      return post(`Connection: close\r\nContent-Length: ${body.length}\r\n`, body);
    };
    const sends = [nested(10_000), object(10_000), nested(4_096), object(1_600)];
    const answers = await counted(
      () => fromMany(t, 8, ({ write }, index) => write(sends[index % 4] ?? ""), { perAddress: 4 }),
      { refused: { "REQUEST-TOO-LARGE": 4, "REQUEST-INVALID": 4 } },
    );
    for (const status of statuses(answers))
      assert.ok([413, 400, Number.NaN].includes(status), String(status));
  });

  test("requests, from one address", async (t) => {
    const allowed = LIMITS.requestsPerAddress.points;
    const count = 2 * allowed;
    const answers = await counted(
      () =>
        fromMany(
          t,
          40,
          async ({ socket, write }) => {
            for (let i = 0; i < count / 40; i++) {
              const answered = new Promise((resolve) => socket.once("data", resolve));
              write(get("/api/account"));
              await answered;
            }
            socket.end();
          },
          { perAddress: 40 },
        ),
      { refused: { "SIGN-IN-REQUIRED": allowed, "RATE-LIMITED": count - allowed } },
    );
    assert.equal(answers.length, 40);
  });

  test("tries to join a room, from one address", async (t) => {
    const invite = await bystander.host.makeInvite({ use: "reusable" });
    const body = JSON.stringify({ room: invite.room, token: invite.token });
    const join = post(`Content-Length: ${body.length}\r\n`, body).replace("/api/rejoin", "/api/join");
    const allowed = LIMITS.joinsPerAddress.points;
    const places = LIMITS.knocksPerInvite.reusable;
    const answers = await counted(
      () =>
        fromMany(
          t,
          40,
          async ({ socket, write }) => {
            for (let i = 0; i < 25; i++) {
              const answered = new Promise((resolve) => socket.once("data", resolve));
              write(join);
              await answered;
            }
            socket.end();
          },
          { perAddress: 40 },
        ),
      { refused: { "RATE-LIMITED": 1_000 - allowed, "INVITE-LIMIT": allowed - places } },
    );
    const joined = answers.join("").match(/HTTP\/1\.1 200/g)?.length;
    assert.equal(joined, places, "and no more");
  });
});

suite("ambiguously", () => {
  const body = '{"code":"x"}';
  const next = get("/api/account");
  /** Two readers might not agree where these end, so none of them may be taken. */
  const smuggling: Readonly<Record<string, string>> = {
    "a length and chunks": post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${next}`),
    "chunks and a length": post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", `0\r\n\r\n${next}`),
    "two lengths": post("Content-Length: 12\r\nContent-Length: 0\r\n", body + next),
    "two lengths that agree": post("Content-Length: 12\r\nContent-Length: 12\r\n", body + next),
    "a list of lengths": post("Content-Length: 12, 12\r\n", body + next),
    "a length with a sign": post("Content-Length: +12\r\n", body + next),
    "a length in hexadecimal": post("Content-Length: 0xc\r\n", body + next),
    "a length below zero": post("Content-Length: -1\r\n", body + next),
    "a length beyond all numbers": post(`Content-Length: ${"9".repeat(40)}\r\n`, body),
    "chunks that are not the last encoding": post(
      "Transfer-Encoding: chunked, identity\r\n",
      `0\r\n\r\n${next}`,
    ),
    "chunks under another name": post("Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${next}`),
    "chunks twice": post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", `0\r\n\r\n${next}`),
    "chunks of no number": post("Transfer-Encoding: chunked\r\n", `zz\r\n${next}`),
    "chunks of a number with a sign": post("Transfer-Encoding: chunked\r\n", `-1\r\n${next}`),
    "chunks whose end is missing": post("Transfer-Encoding: chunked\r\n", `c\r\n${body}${next}`),
    "a space before a colon": post("Content-Length : 12\r\n", body + next),
    "a folded header": post("Content-Length: 12\r\n X-Folded: yes\r\n", body + next),
    "a line that ends in LF alone": `POST /api/rejoin HTTP/1.1\n${HOST}Content-Length: 12\n\n${body}${next}`,
    "a carriage return inside a header": post(
      "Content-Length: 12\r\nX-A: b\rContent-Length: 0\r\n",
      body + next,
    ),
    "a NUL inside a header": post("X-A: b\0c\r\nContent-Length: 12\r\n", body + next),
    "a header without a name": post(": 12\r\n", body),
    "a header without a colon": post("Content-Length\r\n", body),
    "no host": get("/healthz").replace(HOST, ""),
    "a tunnel": `CONNECT localhost:22 HTTP/1.1\r\n${HOST}\r\n`,
    "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version of the future": `GET /healthz HTTP/9.9\r\n${HOST}\r\n`,
    "no version at all": "GET /healthz\r\n\r\n",
    "no method of HTTP's": `QUIET /healthz HTTP/1.1\r\n${HOST}\r\n`,
    "an expectation that nobody has": get("/healthz", "Expect: the-unexpected\r\n"),
    TLS: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    zeros: "\0".repeat(1_000),
  };
  for (const [what, request] of Object.entries(smuggling))
    test(`${what}: one answer and the end`, async (t) => {
      const before = await relay.sample();
      const connection = await openRaw(t, relay, { from: addressOf(firstAddress++) });
      connection.write(Buffer.from(request, "latin1"));
      const answer = (await connection.ended).toString();
      assert.equal(answer.match(/HTTP\/1\.1 4\d\d/g)?.length, 1, answer);
      const { http } = await relay.sample();
      const cut = growth(before.http.cut, http.cut);
      const refused = growth(before.http.refused, http.refused);
      // A head that is well-formed may be refused for its chunks before they are seen to be none.
      for (const reason of Object.keys(cut)) assert.equal(reason, "malformed");
      for (const code of Object.keys(refused)) assert.equal(code, "REQUEST-INVALID");
      assert.ok((cut["malformed"] ?? 0) + (refused["REQUEST-INVALID"] ?? 0) >= 1, "it was counted");
    });

  const climbing = [
    "/../",
    "/..%2f",
    "/%2e%2e/",
    "/%2e%2e%2f",
    "/.%2e/",
    "/%252e%252e%252f",
    "/..%5c",
    "/..\\",
    "/%5c..%5c",
    "/..%c0%af",
    "/..%e0%80%af",
    "/%c0%ae%c0%ae/",
    "/..;/",
    "/....//",
    "/assets/../../",
    "/assets/..%2f..%2f",
    "/assets/%2e%2e/%2e%2e/",
    "/%00/../",
    "/..%00/",
    "//",
    "/.//..//",
    "/file:///",
    "/..%ff",
    "/%u002e%u002e/",
  ];
  for (const prefix of climbing)
    test(`${prefix} leads nowhere`, async (t) => {
      const before = await relay.sample();
      const connection = await openRaw(t, relay, { from: addressOf(firstAddress++) });
      connection.write(get(`${prefix}${OUTSIDE}`, "Connection: close\r\n"));
      const answer = (await connection.ended).toString();
      assert.match(answer, /^HTTP\/1\.1 (404|400) /);
      assert.match(answer, /"code":"(NOT-FOUND|REQUEST-INVALID)"/);
      const { http } = await relay.sample();
      const { "NOT-FOUND": missed = 0, "REQUEST-INVALID": invalid = 0 } = growth(
        before.http.refused,
        http.refused,
      );
      assert.equal(missed + invalid, 1);
    });
});

suite("from elsewhere", () => {
  test("a flood from pages of another origin is refused and counted", async (t) => {
    const foreign = post("Connection: close\r\nContent-Length: 2\r\n", "{}").replace(
      relay.url,
      "https://a.example",
    );
    const answers = await counted(() => fromMany(t, 300, ({ write }) => write(foreign)), {
      refused: { "ORIGIN-REFUSED": 300 },
    });
    assert.deepEqual(statuses(answers), [403]);
  });
});

test("after all of it the relay is as it was", async () => {
  const { sockets, heap } = await sampleUntil(relay, (sample) => sample.sockets <= 2);
  assert.equal(sockets, 2, "those of the bystander");
  // Code that had not run before, its caches, and one entry per address in each limiter.
  const kept = heap - untouched.heap;
  assert.ok(kept < 6_000_000, `${kept} bytes are still held`);
  assert.equal(relay.output(), "", "and nothing failed inside");
});
