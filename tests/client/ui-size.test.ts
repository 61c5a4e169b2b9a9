/** What a patient's phone has to load before the knock. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { MOST_FIRST, MOST_OWN, weigh } from "../../scripts/bench/weight/parts.ts";
import { firstFiles } from "../../scripts/bench/weight/weight.ts";
import { type Bundles, outputOf, PAGES, writeClient } from "../../scripts/build.ts";

const root = join(import.meta.dirname, "../..");
/** Views, Preact and signals together: well below the 40 KB that all own code of the join page may weigh. */
const BUDGET = 24 * 1024;

test("the session comes in a chunk of its own, and the rest stays small", async () => {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["client/ui/patient/app.tsx"],
    outdir: "out",
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    metafile: true,
    write: false,
    target: ["chrome130", "firefox128", "safari17.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
  });
  const outputs = Object.entries(metafile.outputs);
  const entry = outputs.find(([, output]) => output.entryPoint === "client/ui/patient/app.tsx");
  assert.ok(entry);
  const [entryPath, { imports }] = entry;
  const early = [
    entryPath,
    ...imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path),
  ];
  const sources = early.flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}));
  assert.ok(sources.includes("client/ui/patient/welcome.tsx"));
  for (const late of ["client/ui/call/call.tsx", "client/ui/words/call.ts", "client/ui/words/staff.ts"])
    assert.ok(!sources.includes(late), `${late} is loaded before the knock`);

  const size = outputFiles
    .filter(({ path }) => early.some((name) => join(root, name) === path))
    .reduce((sum, { contents }) => sum + brotliCompressSync(contents).length, 0);
  assert.ok(size > 0 && size < BUDGET, `${size} bytes`);
});

const folder = mkdtempSync(join(tmpdir(), "quietroom-test-"));
let bundles: Bundles;
before(async () => {
  bundles = await writeClient(folder, "test", false);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("all that the knock needs is within the page's weight, and what comes later is not in it", () => {
  const page = PAGES.find(({ html }) => html === "join.html");
  assert.ok(page);
  const { total, own, parts } = weigh(firstFiles(folder, bundles, page));
  assert.ok(total.brotli <= MOST_FIRST, `${total.brotli} bytes in all`);
  assert.ok(own.brotli <= MOST_OWN, `${own.brotli} bytes of our own code`);
  assert.ok(parts.has("libsodium.wasm (package)"), "libsodium is counted");
  const built = bundles.pages[page.entry];
  assert.ok(built);
  const styles = Object.keys(built.outputs[outputOf(built, page.style)]?.inputs ?? {});
  assert.ok(styles.includes("client/ui/styles/patient.css"));
  assert.ok(!styles.includes("client/ui/styles/call.css"), "a session's styles come with its code");
  for (const late of ["dexie", "simple-peer", "uqr", "libsodium-sumo.wasm", "libsodium-wrappers-sumo"])
    assert.ok(!parts.has(`${late} (package)`), `${late} is loaded before the knock`);
});

test("each WebAssembly is a file of its own, and only the one whose hash the script names is run", () => {
  const assets = join(folder, "assets");
  const scripts = globSync("*.js", { cwd: assets }).map((file) => readFileSync(join(assets, file), "utf8"));
  const files = globSync("*.wasm", { cwd: assets });
  assert.equal(files.length, 2, "libsodium's two builds");
  for (const file of files) {
    const bytes = readFileSync(join(assets, file));
    assert.ok(WebAssembly.validate(bytes));
    const integrity = `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
    assert.equal(scripts.filter((text) => text.includes(file) && text.includes(integrity)).length, 1);
  }
  assert.ok(!scripts.some((text) => text.includes("AGFzbQE")), "none is left in a script");
});

test("the word lists that judge a passphrase are loaded when one is chosen, and not before", () => {
  const page = PAGES.find(({ html }) => html === "index.html");
  assert.ok(page);
  const first = [...weigh(firstFiles(folder, bundles, page)).parts.keys()];
  assert.ok(first.length > 5);
  const lists = first.filter((part) => part.includes("zxcvbn"));
  assert.deepEqual(lists, []);
});
