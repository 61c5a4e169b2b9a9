/**
 * Builds the client into client/dist: two pages (staff, join), their hashed and precompressed assets, and the frame
 * worker. Unchanged sources are not built again. `npm run build` runs it alone; start and dev call `buildClient`.
 */
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type BuildOptions, build, type Metafile } from "esbuild";

const root = join(import.meta.dirname, "..");

export interface BuildSettings {
  /** Where the result goes; the relay serves this folder. */
  readonly outDir?: string;
  /** Reloads the page after each build, keeps names readable, compresses nothing. */
  readonly dev?: boolean;
}

export interface Build {
  /** Hash of every source and setting: the same sources give the same id, and the same bytes. */
  readonly id: string;
  /** The build of these sources was there already. */
  readonly reused: boolean;
}

export const DEFAULT_OUT_DIR = join(root, "client", "dist");

/** Each page: its template and its two entries. */
const PAGES = [
  { html: "index.html", template: "client/pages/staff.html", entry: "client/staff.ts" },
  { html: "join.html", template: "client/pages/join.html", entry: "client/join.ts" },
] as const;
const STYLE = "client/ui/styles/index.css";
const WORKER = "client/media/worker/frame-worker.ts";
/** What a session needs beyond the pages: see client/later.ts. */
const LATER = ["client/media/call.ts", "client/ui/call/call.tsx"] as const;

/** Tests, type settings and documents do not change what is built. */
const SOURCES = "{client,crypto,relay/wire}/**/*.{ts,tsx,css,html,svg}";

export async function buildClient({
  outDir = DEFAULT_OUT_DIR,
  dev = false,
}: BuildSettings = {}): Promise<Build> {
  const id = sourcesHash(dev);
  if (readBuildId(outDir) === id) return { id, reused: true };

  const assets = join(outDir, "assets");
  // A crash from here on leaves no build.json, so the next start builds again.
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(assets, { recursive: true });

  const shared = {
    absWorkingDir: root,
    outdir: assets,
    bundle: true,
    format: "esm",
    target: ["chrome130", "firefox128", "safari17.4"],
    minify: !dev,
    sourcemap: dev ? "inline" : false,
    metafile: true,
    legalComments: "none",
    logLevel: "silent",
    entryNames: dev ? "[name]-[hash]" : "[hash]",
    chunkNames: dev ? "[name]-[hash]" : "[hash]",
    assetNames: dev ? "[name]-[hash]" : "[hash]",
    // simple-peer's dependencies expect Node's names for these; see client/media/shims.ts.
    define: { global: "globalThis", "process.env.NODE_ENV": dev ? '"development"' : '"production"' },
  } satisfies BuildOptions;

  const worker = await build({ ...shared, entryPoints: [WORKER] });
  const workerUrl = assetUrl(outDir, outputOf(worker.metafile, WORKER));
  const pages = await build({
    ...shared,
    entryPoints: [...PAGES.map((page) => page.entry), STYLE],
    splitting: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".svg": "file" },
    define: { ...shared.define, FRAME_WORKER_URL: JSON.stringify(workerUrl), BUILD_ID: JSON.stringify(id) },
    ...(dev ? { inject: ["scripts/dev-reload.js"] } : {}),
  });

  const style = assetUrl(outDir, outputOf(pages.metafile, STYLE));
  for (const page of PAGES)
    writePage(
      outDir,
      page.html,
      readFileSync(join(root, page.template), "utf8"),
      pages.metafile,
      page.entry,
      style,
      workerUrl,
    );
  for (const icon of globSync("client/assets/*", { cwd: root }))
    writeFileSync(join(outDir, relative("client/assets", icon)), readFileSync(join(root, icon)));
  if (!dev) compress(outDir);
  writeFileSync(join(outDir, "build.json"), `${JSON.stringify({ id })}\n`);
  return { id, reused: false };
}

function sourcesHash(dev: boolean): string {
  const hash = createHash("sha256").update(dev ? "dev" : "production");
  const files = [
    ...globSync(SOURCES, { cwd: root, exclude: ["client/dist/**"] }),
    "package-lock.json",
    relative(root, import.meta.filename),
  ];
  for (const file of files.sort()) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file.replaceAll("\\", "/")}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex").slice(0, 16);
}

function readBuildId(outDir: string): string | null {
  try {
    const build: unknown = JSON.parse(readFileSync(join(outDir, "build.json"), "utf8"));
    return typeof build === "object" && build !== null && "id" in build && typeof build.id === "string"
      ? build.id
      : null;
  } catch {
    return null;
  }
}

function outputOf(metafile: Metafile, entry: string): string {
  const found = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry);
  if (!found) throw new Error(`the build made nothing of ${entry}`);
  return found[0];
}

function assetUrl(outDir: string, output: string): string {
  return `/${relative(outDir, join(root, output)).replaceAll("\\", "/")}`;
}

/** The chunks that the entry imports statically, so that the browser fetches them at once instead of one by one. */
function staticChunks(metafile: Metafile, output: string, seen = new Set<string>()): Set<string> {
  for (const { path, kind } of metafile.outputs[output]?.imports ?? []) {
    if (kind !== "import-statement" || seen.has(path)) continue;
    seen.add(path);
    staticChunks(metafile, path, seen);
  }
  return seen;
}

function writePage(
  outDir: string,
  name: string,
  template: string,
  metafile: Metafile,
  entry: string,
  style: string,
  workerUrl: string,
): void {
  const output = outputOf(metafile, entry);
  const first = staticChunks(metafile, output);
  const preload = [...first].map((chunk) => `<link rel="modulepreload" href="${assetUrl(outDir, chunk)}">`);
  const later = new Set(LATER.map((module) => outputOf(metafile, module)));
  for (const chunk of [...later]) staticChunks(metafile, chunk, later);
  const addresses = [...later].filter((chunk) => !first.has(chunk)).map((chunk) => assetUrl(outDir, chunk));
  const list = `<meta name="quietroom-later" content="${[...addresses, workerUrl].join(" ")}">`;
  const html = template
    .replaceAll("{{script}}", assetUrl(outDir, output))
    .replaceAll("{{style}}", style)
    .replace("</head>", `${preload.join("")}${list}</head>`);
  const left = /\{\{\w+\}\}/.exec(html);
  if (left) throw new Error(`${name}: nothing fills in ${left[0]}`);
  writeFileSync(join(outDir, name), html);
}

/** Beside each text file lies its brotli and gzip form, for the relay to send as they are. */
function compress(outDir: string): void {
  for (const file of globSync("**/*.{js,css,html,svg,wasm}", { cwd: outDir })) {
    const bytes = readFileSync(join(outDir, file));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(join(outDir, `${file}.br`), brotliCompressSync(bytes, { params }));
    writeFileSync(join(outDir, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  }
}

if (import.meta.main) {
  const { id, reused } = await buildClient();
  console.log(`${reused ? "Already built" : "Built"}: ${relative(dirname(root), DEFAULT_OUT_DIR)} (${id})`);
}
