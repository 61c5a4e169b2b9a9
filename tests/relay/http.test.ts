/** The relay as a web server: headers, limits, the client's files, and errors that tell nothing. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import { brotliCompressSync, brotliDecompressSync, gzipSync } from "node:zlib";
import { MAX_BODY_BYTES } from "../../relay/wire/requests.ts";
import { startTestRelay, temporaryFolder } from "../support/relay.ts";
import { call } from "../support/relay-client.ts";

const SCRIPT = "export const quiet = true;\n".repeat(100);

/** A built client as scripts/build.ts makes it. */
function builtClient(t: TestContext): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>staff</title>");
  writeFileSync(join(folder, "join.html"), "<!doctype html><title>join</title>");
  writeFileSync(join(folder, "build.json"), '{"id":"1"}');
  writeFileSync(join(folder, "favicon.svg"), "<svg/>");
  writeFileSync(join(folder, "assets", "ABC123.js"), SCRIPT);
  writeFileSync(join(folder, "assets", "ABC123.js.br"), brotliCompressSync(SCRIPT));
  writeFileSync(join(folder, "assets", "ABC123.js.gz"), gzipSync(SCRIPT));
  writeFileSync(join(folder, "assets", "lib.wasm"), "\0asm");
  writeFileSync(join(folder, ".secret.js"), "hidden");
  writeFileSync(join(folder, "notes.md"), "no type of the client's");
  return folder;
}

/** Of an enrolment that does not exist. */
const TOKEN = "A".repeat(43);

suite("security headers", () => {
  const csp = (url: string, sockets: string, more = "") =>
    "default-src 'none';script-src 'self' 'wasm-unsafe-eval';worker-src 'self';style-src 'self';" +
    "font-src 'self';img-src 'self' data: blob:;media-src 'self' blob:;" +
    `connect-src 'self' ${sockets};manifest-src 'self';base-uri 'none';form-action 'none';` +
    `frame-ancestors 'none';require-trusted-types-for 'script';trusted-types quietroom${more}` +
    (url.startsWith("https") ? ";upgrade-insecure-requests" : "");

  test("are the same on pages, files, the API and errors", async (t) => {
    const relay = await startTestRelay(t, { clientDir: builtClient(t) });
    const { port } = relay;
    for (const path of ["/", "/j", "/assets/ABC123.js", "/api/account", "/healthz", "/nothing/here"]) {
      const { headers } = await call(relay, "GET", path);
      const shown = (name: string) => headers.get(name);
      assert.equal(
        shown("content-security-policy"),
        csp(relay.url, `ws://localhost:${port} ws://127.0.0.1:${port}`),
        path,
      );
      assert.equal(shown("referrer-policy"), "no-referrer");
      assert.equal(shown("cross-origin-opener-policy"), "same-origin");
      assert.equal(shown("cross-origin-embedder-policy"), "require-corp");
      assert.equal(shown("cross-origin-resource-policy"), "same-origin");
      assert.equal(shown("x-content-type-options"), "nosniff");
      assert.equal(shown("x-frame-options"), "DENY");
      const permissions = shown("permissions-policy") ?? "";
      assert.match(permissions, /camera=\(self\), microphone=\(self\), display-capture=\(self\)/);
      assert.match(permissions, /geolocation=\(\)/);
      assert.equal(shown("strict-transport-security"), null);
      assert.equal(shown("x-powered-by"), null);
      assert.match(shown("x-request-id") ?? "", /^[A-Za-z0-9_-]{12}$/);
    }
  });

  test("under https ask for https, and only the public name may be connected to", async (t) => {
    const url = "https://rooms.clinic.example";
    const relay = await startTestRelay(t, { env: { PUBLIC_URL: url, TRUST_PROXY: "1" } });
    const { headers } = await call(relay, "GET", "/healthz");
    assert.equal(headers.get("strict-transport-security"), "max-age=63072000");
    assert.equal(headers.get("content-security-policy"), csp(url, "wss://rooms.clinic.example"));
  });
});

suite("the client's files", () => {
  test("are two pages that are never kept, and hashed assets that are kept forever", async (t) => {
    const relay = await startTestRelay(t, { clientDir: builtClient(t) });
    const kept = "public, max-age=31536000, immutable";
    const files: [string, string, string, string][] = [
      ["/", "text/html; charset=utf-8", "no-store", "staff"],
      ["/j", "text/html; charset=utf-8", "no-store", "join"],
      ["/assets/ABC123.js", "text/javascript; charset=utf-8", kept, "quiet"],
      ["/assets/lib.wasm", "application/wasm", kept, "asm"],
      ["/build.json", "application/json; charset=utf-8", "no-cache", '{"id":"1"}'],
      ["/favicon.svg", "image/svg+xml; charset=utf-8", "no-cache", "<svg/>"],
    ];
    for (const [path, type, caching, content] of files) {
      const { status, headers, text } = await call(relay, "GET", path);
      assert.equal(status, 200, path);
      assert.deepEqual([headers.get("content-type"), headers.get("cache-control")], [type, caching], path);
      assert.ok(text.includes(content), path);
      assert.equal((await call(relay, "HEAD", path)).status, 200, path);
    }
  });

  test("come compressed to who takes that", async (t) => {
    const relay = await startTestRelay(t, { clientDir: builtClient(t) });
    const ask = (accept: string) =>
      fetch(`http://127.0.0.1:${relay.port}/assets/ABC123.js`, { headers: { "accept-encoding": accept } });
    for (const [accept, encoding] of [
      ["gzip, deflate, br, zstd", "br"],
      ["gzip", "gzip"],
      ["br;q=0, gzip", "gzip"],
      ["identity", null],
    ] as const) {
      const response = await ask(accept);
      assert.equal(response.headers.get("content-encoding"), encoding, accept);
      assert.equal(response.headers.get("vary"), "Accept-Encoding");
      assert.equal(response.headers.get("content-type"), "text/javascript; charset=utf-8");
      assert.equal(await response.text(), SCRIPT, accept);
    }
    const brotli = await rawGet(relay.port, "/assets/ABC123.js", "accept-encoding: br\r\n");
    assert.equal(brotliDecompressSync(brotli.body).toString(), SCRIPT, "compressed once, not twice");
  });

  test("are nothing else: not what is hidden, not what lies above", async (t) => {
    const relay = await startTestRelay(t, { clientDir: builtClient(t) });
    const paths = [
      "/index.html.gz",
      "/.secret.js",
      "/assets/../.secret.js",
      "/../package.json",
      "/%2e%2e/package.json",
      "/..%2fpackage.json",
      "/assets/..%5c..%5cpackage.json",
      "/assets/%00.js",
      "/assets",
      "/assets/",
      "/notes.md",
      "/J",
      "/j/",
      "//j",
      "/relay/main.ts",
    ];
    for (const path of paths) {
      const { status, body } = await rawGet(relay.port, path);
      assert.deepEqual([status, body.toString()], [404, '{"error":{"code":"NOT-FOUND"}}'], path);
    }
  });

  test("that have not been built are missed in words", async (t) => {
    const relay = await startTestRelay(t, { clientDir: temporaryFolder(t) });
    for (const path of ["/", "/j"]) {
      const { status, text, headers } = await call(relay, "GET", path);
      assert.equal(status, 503);
      assert.match(text, /npm run build/);
      assert.equal(headers.get("cache-control"), "no-store");
    }
    assert.equal((await call(relay, "GET", "/healthz")).status, 200);
  });
});

suite("the API", () => {
  test("answers the health check from anywhere", async (t) => {
    const relay = await startTestRelay(t, { limits: { requestsPerAddress: { points: 1, seconds: 60 } } });
    for (const _ of [1, 2, 3]) {
      const { status, json } = await call(relay, "GET", "/healthz", undefined, { origin: null });
      assert.deepEqual([status, json], [200, { status: "ok", version: "0.1.0" }]);
    }
  });

  test("takes changes from its own pages alone", async (t) => {
    const relay = await startTestRelay(t);
    const from = (origin: string | null) =>
      call(relay, "POST", "/api/enrol/begin", { token: TOKEN }, { origin });
    for (const origin of [null, "null", "https://attacker.example", `http://localhost:${relay.port + 1}`]) {
      const { status, json } = await from(origin);
      assert.deepEqual([status, json], [403, { error: { code: "ORIGIN-REFUSED" } }], String(origin));
    }
    for (const origin of [relay.url, `http://127.0.0.1:${relay.port}`])
      assert.equal((await from(origin)).status, 404, origin);
  });

  test("takes JSON alone, in a bounded body", async (t) => {
    const relay = await startTestRelay(t);
    const raw = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
      const { status, json } = await call(relay, "POST", "/api/enrol/begin", undefined, {
        raw: body,
        headers,
      });
      return [status, Object(json).error?.code];
    };
    const invalid = [400, "REQUEST-INVALID"];
    assert.deepEqual(await raw(`{"token":"${TOKEN}"}`), [404, "ENROLMENT-UNKNOWN"]);
    assert.deepEqual(await raw(`{"token":"${TOKEN}"`), invalid, "cut off");
    assert.deepEqual(await raw('"code"'), invalid, "not an object");
    assert.deepEqual(await raw(`{"token":"${TOKEN}","more":1}`), invalid, "a field too many");
    assert.deepEqual(await raw('{"token":{"$ne":""}}'), invalid, "of another type");
    assert.deepEqual(await raw(`{"token":"${TOKEN}"}`, { "content-type": "text/plain" }), invalid);
    assert.deepEqual(
      await raw(`token=${TOKEN}`, { "content-type": "application/x-www-form-urlencoded" }),
      invalid,
    );
    const small = gzipSync(`{"token":"${TOKEN}"}`);
    assert.deepEqual(await raw(small, { "content-encoding": "gzip" }), invalid, "it might not stay small");
    const padded = (length: number) => `{"token":"${TOKEN}"}`.padEnd(length);
    assert.deepEqual(await raw(padded(MAX_BODY_BYTES)), [404, "ENROLMENT-UNKNOWN"]);
    assert.deepEqual(await raw(padded(MAX_BODY_BYTES + 1)), [413, "REQUEST-TOO-LARGE"]);
  });

  test("has no other routes, and its answers are never kept", async (t) => {
    const relay = await startTestRelay(t);
    for (const [method, path] of [
      ["GET", "/api"],
      ["GET", "/api/sign-in/begin"],
      ["GET", "/API/account"],
      ["POST", "/api/account"],
      ["DELETE", "/api/invites"],
      ["POST", "/"],
    ] as const) {
      const { status, json, headers } = await call(relay, method, path);
      assert.deepEqual([status, json], [404, { error: { code: "NOT-FOUND" } }], `${method} ${path}`);
      if (path.startsWith("/api")) assert.equal(headers.get("cache-control"), "no-store");
    }
  });

  test("slows down who asks too much, and says for how long", async (t) => {
    const relay = await startTestRelay(t, { limits: { requestsPerAddress: { points: 2, seconds: 60 } } });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push(await call(relay, "GET", "/api/account"));
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [401, 401, 429],
    );
    const wait = Number(statuses[2]?.headers.get("retry-after"));
    assert.ok(wait > 50 && wait <= 60, String(wait));
  });

  test("counts behind a proxy whom the proxy saw, not what a stranger claims", async (t) => {
    const env = { PUBLIC_URL: "https://rooms.clinic.example", TRUST_PROXY: "1" };
    const relay = await startTestRelay(t, {
      env,
      limits: { requestsPerAddress: { points: 1, seconds: 60 } },
    });
    const from = async (forwarded: string) => {
      const headers = { "x-forwarded-for": forwarded };
      return (await call(relay, "GET", "/api/account", undefined, { headers })).status;
    };
    assert.equal(await from("198.51.100.1"), 401);
    assert.equal(await from("203.0.113.77, 198.51.100.1"), 429, "the left part is hearsay");
    assert.equal(await from("198.51.100.2"), 401);
  });

  test("tells nothing of what failed inside, and the log finds it by the request's id", async (t) => {
    const dataDir = temporaryFolder(t);
    const relay = await startTestRelay(t, { dataDir });
    // The database is taken away under the relay's feet.
    const knife = new DatabaseSync(join(dataDir, "quietroom.db"));
    knife.exec("DROP TABLE sessions; DROP TABLE invites");
    knife.close();
    const { status, text, headers } = await call(relay, "POST", "/api/join", {
      room: "A".repeat(22),
      token: "A".repeat(43),
    });
    assert.deepEqual([status, text], [500, '{"error":{"code":"INTERNAL"}}']);
    const id = headers.get("x-request-id") ?? "";
    const line =
      relay
        .logs()
        .split("\n")
        .find((candidate) => candidate.includes('"failed"')) ?? "";
    const { request, error, at } = JSON.parse(line);
    assert.deepEqual([request, error], [id, "Error"]);
    assert.ok(at.some((place: string) => place.includes("storage/sqlite")));
    assert.doesNotMatch(line, /no such table/, "messages may quote what came in");
  });
});

suite("the server", () => {
  const begun: Record<string, string> = {
    "the head": "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-more: to co",
    "the body":
      "POST /api/sign-in/begin HTTP/1.1\r\nhost: localhost\r\norigin: ORIGIN\r\n" +
      'content-type: application/json\r\ncontent-length: 50\r\n\r\n{"code":',
  };
  for (const [part, text] of Object.entries(begun))
    test(`cuts who is slow with ${part} of a request`, async (t) => {
      const relay = await startTestRelay(t, { limits: { requestHeadMs: 40, requestMs: 80 } });
      const { status } = await rawSend(relay.port, text.replace("ORIGIN", relay.url));
      assert.equal(status, 408);
    });

  test("answers a request that offers another protocol as if it had not", async (t) => {
    const relay = await startTestRelay(t);
    const offer = "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n";
    const { status, body } = await rawGet(relay.port, "/healthz", offer);
    assert.deepEqual([status, body.includes('"status":"ok"')], [200, true]);
  });

  test("refuses a head that is too large", async (t) => {
    const relay = await startTestRelay(t);
    const { status } = await rawGet(relay.port, "/healthz", `x-padding: ${"a".repeat(17_000)}\r\n`);
    assert.equal(status, 431);
  });
});

/** A GET exactly as written: no client tidies the path up. */
function rawGet(port: number, path: string, headers = ""): Promise<RawAnswer> {
  return rawSend(port, `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${headers}\r\n`);
}

interface RawAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Sends these bytes, then only listens until the server closes. */
function rawSend(port: number, text: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("error", reject);
    socket.on("data", (part) => parts.push(Buffer.from(part)));
    socket.on("end", () => {
      const answer = Buffer.concat(parts);
      const end = answer.indexOf("\r\n\r\n");
      const status = Number(answer.subarray(9, 12).toString());
      resolve({ status, body: answer.subarray(end + 4) });
    });
  });
}
