/** Bundles the gallery in memory and serves it on loopback under a policy as strict as the relay's. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../../..");

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
  html: "text/html; charset=utf-8",
};

export interface Gallery {
  readonly url: (screen: string) => string;
  readonly close: () => Promise<void>;
}

export async function startGallery(): Promise<Gallery> {
  const files = await bundle();
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? "/", "http://gallery").pathname.slice(1) || "index.html";
    // A clinic's logo, whatever its hash.
    const logo = name.startsWith("api/branding/logo/");
    const body = files.get(logo ? "favicon.svg" : name);
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": TYPES[logo ? "svg" : (name.split(".").at(-1) ?? "")] ?? "text/plain",
      "content-security-policy": POLICY,
      "cache-control": "no-store",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: (screen) => `http://127.0.0.1:${address.port}/?screen=${screen}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bundle(): Promise<ReadonlyMap<string, Uint8Array | string>> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: {
      gallery: "tests/support/gallery/gallery.tsx",
      style: "client/ui/styles/index.css",
    },
    outdir: "tests/.artifacts/gallery",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["chrome130", "firefox128", "safari17.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "silent",
    write: false,
  });
  const files = new Map<string, Uint8Array | string>();
  for (const { path, contents } of outputFiles) files.set(basename(path), contents);
  const template = readFileSync(join(root, "client/pages/staff.html"), "utf8");
  files.set(
    "index.html",
    template.replaceAll("{{style}}", "/style.css").replaceAll("{{script}}", "/gallery.js"),
  );
  files.set("favicon.svg", readFileSync(join(root, "client/assets/favicon.svg")));
  return files;
}
