/** What the relay says of a clinic is shown where it is what it should be, and left out where it is not. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { findLook } from "../../client/effects/clinic-look.ts";
import { ApiError, createAsk } from "../../client/transport/api.ts";
import { systemClock } from "../../client/transport/clock.ts";

const JOIN = { room: "r", token: "t" };
const HASH = "0123456789abcdef";
const BRANDING = { clinic: "Lindenhof", accent: "plum", welcome: "Hello", waiting: "Soon", logo: null };
const GREETING = { title: "Psychologist", welcome: "", waiting: "Mine" };

const page = { documentElement: { dataset: {} as Record<string, string> } };
let pictures: string[];
beforeEach(() => {
  page.documentElement.dataset = {};
  pictures = [];
  Object.assign(globalThis, {
    document: page,
    Image: class {
      src = "";
      decode() {
        pictures.push(this.src);
        return this.src.endsWith(HASH) ? Promise.resolve() : Promise.reject(new Error("no picture"));
      }
    },
  });
});
afterEach(() => {
  for (const name of ["document", "Image"]) Reflect.deleteProperty(globalThis, name);
});

/** The real request code, with these answers. A string is sent as it is. */
function asked(answers: Readonly<Record<string, unknown>>) {
  const seen: unknown[] = [];
  const ask = createAsk({
    base: "",
    clock: systemClock,
    fetch: (async (path: string, init: RequestInit) => {
      seen.push([init.method, path, init.body]);
      const answer = answers[path];
      if (answer === undefined) throw new TypeError("no network");
      return new Response(typeof answer === "string" ? answer : JSON.stringify(answer));
    }) as typeof fetch,
  });
  return { seen, look: findLook(ask, JOIN) };
}

test("her own words come before the clinic's, her title and the clinic's colour are taken", async () => {
  const { seen, look } = asked({ "/api/branding": BRANDING, "/api/door": GREETING });
  assert.deepEqual(await look, {
    clinic: "Lindenhof",
    logo: null,
    title: "Psychologist",
    welcome: "Hello",
    waiting: "Mine",
  });
  assert.equal(page.documentElement.dataset["accent"], "plum");
  assert.deepEqual(seen, [
    ["GET", "/api/branding", null],
    ["POST", "/api/door", JSON.stringify(JOIN)],
  ]);
});

test("a logo is shown when there is a picture behind its address, and only then", async () => {
  const withLogo = (logo: string) =>
    asked({ "/api/branding": { ...BRANDING, logo }, "/api/door": GREETING }).look;
  assert.equal((await withLogo(HASH)).logo, `/api/branding/logo/${HASH}`);
  assert.equal((await withLogo("ffffffffffffffff")).logo, null);
  assert.equal(pictures.length, 2);
});

const PLAIN = { clinic: "", logo: null, title: "", welcome: "", waiting: "" };
for (const [what, answers] of [
  ["nothing at all", {}],
  ["no JSON", { "/api/branding": "<html>", "/api/door": "" }],
  [
    "a refusal",
    { "/api/branding": { error: { code: "INTERNAL" } }, "/api/door": { error: { code: "NOT-FOUND" } } },
  ],
  ["an unknown colour", { "/api/branding": { ...BRANDING, accent: "red" } }],
  ["a logo elsewhere", { "/api/branding": { ...BRANDING, logo: "//evil.example/x.png" } }],
  ["a text that is too long", { "/api/branding": { ...BRANDING, welcome: "x".repeat(501) } }],
  ["a text that turns the writing around", { "/api/door": { ...GREETING, title: "\u202egnihton" } }],
  [
    "fields of its own",
    { "/api/branding": { ...BRANDING, script: "x" }, "/api/door": { ...GREETING, link: "x" } },
  ],
] as const)
  test(`from ${what}, nothing is taken and nothing breaks`, async () => {
    assert.deepEqual(await asked(answers).look, PLAIN);
    assert.equal(page.documentElement.dataset["accent"], "teal");
    assert.deepEqual(pictures, []);
  });

test("a text of many lines does not push the page's own words away, and loses none of its own", async () => {
  const lines = Array.from({ length: 200 }, (_, index) => `${index % 10}`);
  const welcome = lines.join("\n");
  const look = await asked({ "/api/branding": { ...BRANDING, welcome, waiting: "a\n\n\n\n\n\nb" } }).look;
  assert.equal(look.welcome.split("\n").length, 12);
  assert.deepEqual(look.welcome.split(/\s/u), lines);
  assert.equal(look.waiting, "a\n\nb");
});

test("a refusal of the relay is no reason to reject", async () => {
  const look = findLook(() => Promise.reject(new ApiError("RATE-LIMITED")), JOIN);
  assert.deepEqual(await look, PLAIN);
});
