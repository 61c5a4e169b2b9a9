/** How the rooms look: texts and a logo that anybody may read, and that can do nothing but be looked at. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { Branding, DEFAULT_BRANDING, logoPath, MAX_LOGO_BYTES } from "../../relay/wire/branding.ts";
import { Changes } from "../../relay/wire/policy.ts";
import { startTestRelay } from "../support/relay.ts";
import { call, signIn, type TestHost } from "../support/relay-client.ts";

async function setUp(t: TestContext) {
  const relay = await startTestRelay(t);
  return { relay, host: await signIn(relay) };
}

const PNG = Buffer.from("89504e470d0a1a0a0000000d4948445200000001", "hex");
const JPEG = Buffer.from("ffd8ffe000104a464946", "hex");
const WEBP = Buffer.concat([Buffer.from("RIFF"), Buffer.of(9, 0, 0, 0), Buffer.from("WEBPVP8 ")]);

const hashOf = (picture: Buffer) => createHash("sha256").update(picture).digest("hex").slice(0, 16);

const upload = (host: TestHost, picture: Buffer | string | null) =>
  host.post("/api/branding/logo", {
    picture: Buffer.isBuffer(picture) ? picture.toString("base64") : picture,
  });

const TEXTS = { clinic: "Praxis Lärche", accent: "violet", welcome: "Zwei\nZeilen", waiting: "أهلا" };

suite("branding", () => {
  test("is read by anybody, and is the built-in one at first", async (t) => {
    const { relay, host } = await setUp(t);
    assert.deepEqual((await call(relay, "GET", "/api/branding")).json, DEFAULT_BRANDING);
    const { status, json } = await host.post("/api/branding", TEXTS);
    assert.deepEqual([status, json], [200, { ...TEXTS, logo: null }]);
    const { json: read, headers } = await call(relay, "GET", "/api/branding", undefined, { origin: null });
    assert.deepEqual(read, { ...TEXTS, logo: null });
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal((await call(relay, "POST", "/api/branding", TEXTS)).status, 401);
    assert.equal((await call(relay, "POST", "/api/branding/logo", { picture: null })).status, 401);
  });

  test("holds plain text of a bounded length, and nothing that does not show", async (t) => {
    const { relay, host } = await setUp(t);
    const bad: object[] = [
      { ...TEXTS, clinic: "two\nlines" },
      { ...TEXTS, clinic: "x".repeat(81) },
      { ...TEXTS, welcome: "x".repeat(501) },
      { ...TEXTS, welcome: "\u202egnidliub" },
      { ...TEXTS, waiting: "a\u0000b" },
      { ...TEXTS, waiting: "a\u2028b" },
      { ...TEXTS, accent: "#ff0000" },
      { ...TEXTS, logo: "0123456789abcdef" },
      { ...TEXTS, style: "body{}" },
    ];
    for (const body of bad)
      assert.equal((await host.post("/api/branding", body)).status, 400, JSON.stringify(body));
    assert.deepEqual((await call(relay, "GET", "/api/branding")).json, DEFAULT_BRANDING);
    const markup = { ...TEXTS, welcome: "<script>alert(1)</script>" };
    assert.equal((await host.post("/api/branding", markup)).status, 200);
    const { headers } = await call(relay, "GET", "/api/branding");
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
  });
});

suite("a logo", () => {
  for (const [type, picture] of Object.entries({ "image/png": PNG, "image/jpeg": JPEG, "image/webp": WEBP }))
    test(`of ${type} is served as that and nothing else, and kept under its hash`, async (t) => {
      const { relay, host } = await setUp(t);
      const { status, json } = await upload(host, picture);
      assert.equal(status, 200);
      assert.deepEqual(v.parse(Branding, json).logo, hashOf(picture));
      const response = await fetch(`http://127.0.0.1:${relay.port}${logoPath(hashOf(picture))}`);
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), picture);
      const header = (name: string) => response.headers.get(name);
      assert.equal(response.status, 200);
      assert.equal(header("content-type"), type);
      assert.equal(header("x-content-type-options"), "nosniff");
      assert.equal(header("content-security-policy"), "default-src 'none'; sandbox");
      assert.equal(header("cache-control"), "public, max-age=31536000, immutable");
      assert.equal(header("cross-origin-resource-policy"), "same-origin");
    });

  test("is replaced, and gone when it was removed; its old address too", async (t) => {
    const { relay, host } = await setUp(t);
    const status = async (picture: Buffer) => (await call(relay, "GET", logoPath(hashOf(picture)))).status;
    await upload(host, PNG);
    await upload(host, WEBP);
    assert.deepEqual([await status(PNG), await status(WEBP)], [404, 200]);
    await host.post("/api/branding", TEXTS);
    assert.deepEqual((await call(relay, "GET", "/api/branding")).json, { ...TEXTS, logo: hashOf(WEBP) });
    assert.deepEqual((await upload(host, null)).json, { ...TEXTS, logo: null });
    assert.equal(await status(WEBP), 404);
    for (const hash of ["nonsense", "..%2f..", "0123456789abcde", "0123456789ABCDEF"]) {
      const { status: unknown, json } = await call(relay, "GET", `/api/branding/logo/${hash}`);
      assert.deepEqual([unknown, json], [404, { error: { code: "NOT-FOUND" } }], hash);
    }
  });

  test("is a picture by its first bytes, of a bounded size, in canonical text", async (t) => {
    const { relay, host } = await setUp(t);
    const bad: Record<string, Buffer | string> = {
      "an SVG": Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
      "a page": Buffer.from("<!doctype html><script>alert(1)</script>"),
      "a GIF": Buffer.from("GIF89a"),
      "a WAVE": Buffer.concat([Buffer.from("RIFF"), Buffer.of(9, 0, 0, 0), Buffer.from("WAVEfmt ")]),
      "a PNG that begins late": Buffer.concat([Buffer.of(0), PNG]),
      "half a head": PNG.subarray(0, 7),
      "one byte too many": Buffer.concat([PNG, Buffer.alloc(MAX_LOGO_BYTES + 1 - PNG.length)]),
      // /9j/4A== is the head of a JPEG.
      "other bits at the end": "/9j/4B==",
      "no padding": PNG.toString("base64").replace(/=+$/, ""),
      "a data URL": `data:image/png;base64,${PNG.toString("base64")}`,
    };
    for (const [what, picture] of Object.entries(bad)) {
      const { status, json } = await upload(host, picture);
      assert.deepEqual([status, json], [400, { error: { code: "REQUEST-INVALID" } }], what);
    }
    assert.deepEqual((await call(relay, "GET", "/api/branding")).json, DEFAULT_BRANDING);
    const largest = Buffer.concat([PNG, Buffer.alloc(MAX_LOGO_BYTES - PNG.length)]);
    assert.equal((await upload(host, largest)).status, 200);
    const served = await fetch(`http://127.0.0.1:${relay.port}${logoPath(hashOf(largest))}`);
    assert.equal((await served.arrayBuffer()).byteLength, MAX_LOGO_BYTES);
    assert.equal((await upload(host, Buffer.alloc(80_000))).status, 413);
  });

  test("is in the record by its hash alone, once for each change", async (t) => {
    const { host } = await setUp(t);
    for (const picture of [PNG, PNG, JPEG, null, null]) await upload(host, picture);
    const { changes } = v.parse(Changes, (await host.get("/api/changes/0")).json);
    assert.deepEqual(
      changes.toReversed().map(({ what, from, to }) => [what, from, to]),
      [
        ["branding.logo", null, hashOf(PNG)],
        ["branding.logo", hashOf(PNG), hashOf(JPEG)],
        ["branding.logo", hashOf(JPEG), null],
      ],
    );
  });
});
