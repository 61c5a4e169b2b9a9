/**
 * Serves one test page on loopback, bundled in memory from a TypeScript entry, with the frame worker beside it and the
 * same strict headers as the product's pages: what works here works there.
 */
import { createServer } from "node:http";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";

const root = join(import.meta.dirname, "../..");
const WORKER = "client/media/worker/frame-worker.ts";
const VERIFY_WORKER = "client/audit/verify/worker/verify-worker.ts";
const WORKER_URL = "/frame-worker.js";
const VERIFY_WORKER_URL = "/verify-worker.js";

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types quietroom",
].join("; ");

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface PageServerOptions {
  /** Path from the root of the project. */
  readonly entry: string;
  /** Another entry in the place of the frame worker; null: its address answers 404. */
  readonly worker?: string | null;
  /** The worker that verifies the log is there too. */
  readonly verifies?: boolean;
  /** Other files, by their path. */
  readonly files?: Readonly<Record<string, string>>;
}

export async function servePage(options: PageServerOptions): Promise<PageServer> {
  const { entry, worker = WORKER, verifies = false, files: others = {} } = options;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>test</title>
<link rel="icon" href="data:,"></head><body><video autoplay playsinline></video><script type="module" src="/page.js"></script></body></html>`;
  const files = new Map<string, readonly [type: string, body: string]>([
    ["/", ["text/html; charset=utf-8", html]],
    ["/page.js", ["text/javascript", await bundle(entry)]],
  ]);
  if (verifies) files.set(VERIFY_WORKER_URL, ["text/javascript", await bundle(VERIFY_WORKER)]);
  for (const [path, body] of Object.entries(others)) files.set(path, ["text/plain", body]);
  if (worker !== null) files.set(WORKER_URL, ["text/javascript", await bundle(worker)]);

  const server = createServer((request, response) => {
    const [type, body] = files.get(request.url ?? "") ?? [];
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": type ?? "text/plain",
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "Cross-Origin-Opener-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
    });
    response.end(body);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      return promise;
    },
  };
}

/** As scripts/build.ts does it. */
async function bundle(entry: string): Promise<string> {
  const settings: BuildOptions & { readonly write: false } = {
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    write: false,
    target: ["chrome130", "firefox128", "safari17.4"],
    define: {
      global: "globalThis",
      "process.env.NODE_ENV": '"production"',
      FRAME_WORKER_URL: JSON.stringify(WORKER_URL),
      VERIFY_WORKER_URL: JSON.stringify(VERIFY_WORKER_URL),
    },
  };
  const { outputFiles } = await build(settings);
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`nothing was made of ${entry}`);
  return output.text;
}
