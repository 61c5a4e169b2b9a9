/** Serves the frames bench: its page, Quietroom's frame worker as it is built, and LiveKit's as it ships. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { outputOf, WORKER, writeClient } from "../../build.ts";

const root = join(import.meta.dirname, "../../..");
const pages = join(import.meta.dirname, "page");
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>frames</title><link rel="icon" href="data:,">
<script src="/page.js"></script></html>`;

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

export async function serveFrames(): Promise<Site> {
  const files = new Map([
    ["/", PAGE],
    ["/frame-worker.js", await ownWorker()],
    ["/livekit-worker-shipped.js", readFileSync(livekitWorker(), "utf8")],
    ...(await Promise.all(
      ["page", "quietroom-worker", "livekit-worker", "cipher-worker", "bare-worker"].map(
        async (name) => [`/${name}.js`, await bundled(name)] as const,
      ),
    )),
  ]);
  const server = createServer((request, response) => {
    const body = files.get(request.url ?? "");
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": request.url === "/" ? "text/html" : "text/javascript",
      // Isolated pages have a clock of 5 us; others only one of 100 us.
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function ownWorker(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "quietroom-bench-"));
  try {
    const { worker } = await writeClient(folder, "bench", false);
    return readFileSync(join(root, outputOf(worker, WORKER)), "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The package offers it by this name, so a version that moves it says so here. */
const livekitWorker = () => createRequire(import.meta.url).resolve("livekit-client/e2ee-worker");

async function bundled(name: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join(pages, `${name}.ts`)],
    bundle: true,
    format: "iife",
    target: ["chrome130", "firefox128"],
    external: ["/frame-worker.js"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
