/** `npm run bench -- weight`: what a browser has to load for each page, by what it is made of. Builds as a release does. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { type Bundles, firstLoad, outputOf, PAGES, staticChunks, WORKER, writeClient } from "../../build.ts";
import type { Section } from "../table.ts";
import { type File, pageSection, shareOut } from "./parts.ts";

const root = join(import.meta.dirname, "../../..");

export async function measureWeight(): Promise<readonly Section[]> {
  const folder = mkdtempSync(join(tmpdir(), "quietroom-bench-"));
  try {
    const bundles = await writeClient(folder, "bench", false);
    return PAGES.map((page) => {
      const first = firstFiles(folder, bundles, page);
      const all = filesOf(folder, bundles, page, Object.keys(dynamicEntries(bundles, page.entry)));
      return pageSection(page.html, first, all);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What this page loads at first, built into `folder`: the patient's until the knock, the staff's until the desk. */
export function firstFiles(folder: string, bundles: Bundles, page: (typeof PAGES)[number]): File[] {
  return filesOf(folder, bundles, page, []);
}

/** Modules that the page imports when it needs them. */
function dynamicEntries({ pages }: Bundles, entry: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [path, { entryPoint }] of Object.entries(pages[entry]?.outputs ?? {}))
    if (entryPoint !== undefined) found[entryPoint] = path;
  return found;
}

const isWasm = (path: string) => path.endsWith(".wasm");

function filesOf(
  folder: string,
  { pages, worker }: Bundles,
  page: (typeof PAGES)[number],
  late: readonly string[],
): File[] {
  const metafile = pages[page.entry];
  if (metafile === undefined) throw new Error(`no build of ${page.entry}`);
  const scripts = new Set(firstLoad(metafile, page));
  for (const output of late.map((module) => outputOf(metafile, module)))
    for (const each of [output, ...staticChunks(metafile, output)]) scripts.add(each);
  const imports = [...scripts].flatMap((script) => metafile.outputs[script]?.imports ?? []);
  const outputs = new Set([...scripts, ...imports.map(({ path }) => path).filter(isWasm)]);
  for (const style of [page.style, ...(late.length > 0 ? page.laterStyles : [])])
    outputs.add(outputOf(metafile, style));
  const files = [...outputs].map((path) => fileAt(join(root, path), metafile.outputs[path]?.inputs ?? {}));
  files.push(fileAt(join(folder, page.html), { [page.template]: { bytesInOutput: 1 } }));
  if (late.includes("client/media/call.ts")) {
    const path = outputOf(worker, WORKER);
    files.push(fileAt(join(root, path), worker.outputs[path]?.inputs ?? {}));
  }
  return files;
}

function fileAt(path: string, inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>): File {
  const bytes = readFileSync(path);
  // As the build compresses them.
  const sizes = {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  };
  return { sizes, parts: shareOut(sizes, inputs) };
}
