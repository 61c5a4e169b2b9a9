/**
 * Builds the client into client/dist: two pages (staff, join), their hashed and precompressed assets, and the frame
 * worker. Unchanged sources are not built again. `npm run build` runs it alone; start and dev call `buildClient`.
 */
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { wasmAsFile } from "./build-wasm.ts";

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

/** What a session needs beyond the page: see client/later.ts. */
const SESSION = ["client/media/call.ts", "client/ui/call/call.tsx"] as const;

/**
 * Each page: its template, its entry, its styles, and the modules that it will import as soon as it runs: the browser is
 * told of them at once, so that they are fetched together with the entry and not after it. Their WebAssembly is not
 * named: browsers do not match a file fetched ahead with a fetch that checks its hash (https://crbug.com/981419).
 * Last, what comes later: modules, and styles.
 */
export const PAGES = [
  {
    html: "index.html",
    template: "client/pages/staff.html",
    entry: "client/staff.ts",
    style: "client/ui/styles/index.css",
    needs: ["node_modules/libsodium-wrappers-sumo/dist/modules-sumo-esm/libsodium-wrappers.mjs"],
    later: SESSION,
    laterStyles: [],
    records: false,
  },
  {
    html: "join.html",
    template: "client/pages/join.html",
    entry: "client/join.ts",
    style: "client/ui/styles/join.css",
    needs: ["client/patient.ts", "node_modules/libsodium-wrappers/dist/modules-esm/libsodium-wrappers.mjs"],
    later: [...SESSION, "client/ui/patient/ended.tsx"],
    laterStyles: ["client/ui/styles/session.css"],
    records: true,
  },
] as const;
/** What the patient's page puts on record: a bundle of its own, since cutting it out would cut the first page to pieces. */
const PATIENT_AUDIT = "client/effects/patient-audit.ts";
export const WORKER = "client/media/worker/frame-worker.ts";
/** Fetched when an auditor verifies the log. */
export const VERIFY_WORKER = "client/audit/verify/worker/verify-worker.ts";

/** Tests, type settings and documents do not change what is built. */
const SOURCES = "{client,crypto,relay/wire}/**/*.{ts,tsx,css,html,svg}";

export async function buildClient({
  outDir = DEFAULT_OUT_DIR,
  dev = false,
}: BuildSettings = {}): Promise<Build> {
  const id = sourcesHash(dev);
  if (readBuildId(outDir) === id) return { id, reused: true };

  // A crash from here on leaves no build.json, so the next start builds again.
  rmSync(outDir, { recursive: true, force: true });
  await writeClient(outDir, id, dev);
  if (!dev) compress(outDir);
  writeFileSync(join(outDir, "build.json"), `${JSON.stringify({ id })}\n`);
  return { id, reused: false };
}

/** What esbuild says of each page (by its entry) and of the frame worker. */
export interface Bundles {
  readonly pages: Readonly<Record<string, Metafile>>;
  readonly worker: Metafile;
}

/** Writes pages and assets into a folder that is empty or not there; nothing is compressed yet. */
export async function writeClient(outDir: string, id: string, dev: boolean): Promise<Bundles> {
  const assets = join(outDir, "assets");
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
    loader: { ".svg": "file" },
  } satisfies BuildOptions;

  const worker = await build({ ...shared, entryPoints: [WORKER] });
  const workerUrl = assetUrl(outDir, outputOf(worker.metafile, WORKER));
  const verify = await build({ ...shared, entryPoints: [VERIFY_WORKER] });
  const verifyUrl = assetUrl(outDir, outputOf(verify.metafile, VERIFY_WORKER));

  const audit = await build({ ...shared, entryPoints: [PATIENT_AUDIT] });
  const auditUrl = assetUrl(outDir, outputOf(audit.metafile, PATIENT_AUDIT));

  const pages: Record<string, Metafile> = {};
  // One after the other: nobody visits both, so neither page should carry what only the other one uses.
  for (const page of PAGES) {
    const { metafile } = await build({
      ...shared,
      entryPoints: [page.entry, page.style, ...page.laterStyles],
      splitting: true,
      jsx: "automatic",
      jsxImportSource: "preact",
      plugins: [wasmAsFile],
      external: [auditUrl],
      define: {
        ...shared.define,
        FRAME_WORKER_URL: JSON.stringify(workerUrl),
        VERIFY_WORKER_URL: JSON.stringify(verifyUrl),
        PATIENT_AUDIT_URL: JSON.stringify(auditUrl),
        BUILD_ID: JSON.stringify(id),
      },
      ...(dev ? { inject: ["scripts/dev-reload.js"] } : {}),
    });
    pages[page.entry] = metafile;
    writePage(outDir, page, metafile, page.records ? [workerUrl, auditUrl] : [workerUrl]);
  }
  for (const icon of globSync("client/assets/*", { cwd: root }))
    writeFileSync(join(outDir, relative("client/assets", icon)), readFileSync(join(root, icon)));
  return { pages, worker: worker.metafile };
}

function sourcesHash(dev: boolean): string {
  const hash = createHash("sha256").update(dev ? "dev" : "production");
  const files = [
    ...globSync(SOURCES, { cwd: root, exclude: ["client/dist/**"] }),
    "package-lock.json",
    ...globSync("scripts/build*.ts", { cwd: root }),
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

/** Path of what was built of this module: an entry, or one that is imported dynamically. */
export function outputOf(metafile: Metafile, module: string): string {
  const found = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === module);
  if (!found) throw new Error(`the build made nothing of ${module}`);
  return found[0];
}

function assetUrl(outDir: string, output: string): string {
  return `/${relative(outDir, join(root, output)).replaceAll("\\", "/")}`;
}

/** The chunks that an output imports statically, all the way down. */
export function staticChunks(metafile: Metafile, output: string, seen = new Set<string>()): Set<string> {
  for (const { path, kind } of metafile.outputs[output]?.imports ?? []) {
    if (kind !== "import-statement" || seen.has(path)) continue;
    seen.add(path);
    staticChunks(metafile, path, seen);
  }
  return seen;
}

/** What the page loads at once, as outputs; its entry comes first. */
export function firstLoad(metafile: Metafile, { entry, needs }: (typeof PAGES)[number]): string[] {
  const roots = [entry, ...needs].map((module) => outputOf(metafile, module));
  return [...new Set(roots.flatMap((output) => [output, ...staticChunks(metafile, output)]))];
}

function writePage(
  outDir: string,
  page: (typeof PAGES)[number],
  metafile: Metafile,
  bundles: readonly string[],
): void {
  const first = firstLoad(metafile, page);
  const [entry = "", ...others] = first;
  const hints = others.map((output) => `<link rel="modulepreload" href="${assetUrl(outDir, output)}">`);
  const later = new Set(page.later.map((module) => outputOf(metafile, module)));
  for (const chunk of [...later]) staticChunks(metafile, chunk, later);
  const styles = page.laterStyles.map((style) => outputOf(metafile, style));
  const addresses = [...later, ...styles]
    .filter((output) => !first.includes(output))
    .map((output) => assetUrl(outDir, output));
  const list = `<meta name="quietroom-later" content="${[...addresses, ...bundles].join(" ")}">`;
  const html = readFileSync(join(root, page.template), "utf8")
    .replaceAll("{{script}}", assetUrl(outDir, entry))
    .replaceAll("{{style}}", assetUrl(outDir, outputOf(metafile, page.style)))
    .replace("</head>", `${hints.join("")}${list}</head>`);
  const left = /\{\{\w+\}\}/.exec(html);
  if (left) throw new Error(`${page.html}: nothing fills in ${left[0]}`);
  writeFileSync(join(outDir, page.html), html);
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
