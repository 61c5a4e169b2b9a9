/** What the views cost a patient's phone before the knock. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

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
