/**
 * Serves the built client: two pages that are never kept, and assets whose names carry a hash of their content and
 * are kept forever. Each asset lies there compressed already, if the build did so.
 */
import { stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { type Request, type Response, Router } from "express";

/** Path of a page -> its file. Neither says who the visitor is or what they were invited to: that is in the fragment. */
const PAGES = { "/": "index.html", "/j": "join.html" } as const;

const NO_BUILD = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Quietroom</title>
<p>The pages have not been built yet. On the server, run <code>npm run build</code> and reload this page.</p></html>
`;

/** Folders and a file of plain names: nothing hidden, nothing that climbs. */
const ASSET = /^\/(?:[A-Za-z0-9_-]+\/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;
const HASHED = /^\/assets\//;

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml; charset=utf-8",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

const ENCODINGS = [
  { name: "br", suffix: ".br" },
  { name: "gzip", suffix: ".gz" },
] as const;

export function clientRoutes(folder: string): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const [path, file] of Object.entries(PAGES))
    router.get(path, async (request, response) => {
      if (await send(request, response, folder, `/${file}`, "no-store")) return;
      response.status(503).setHeader("Retry-After", 10);
      response.setHeader("Cache-Control", "no-store").type("html").send(NO_BUILD);
    });
  router.get("/*asset", async (request, response, next) => {
    const caching = HASHED.test(request.path) ? "public, max-age=31536000, immutable" : "no-cache";
    const served = ASSET.test(request.path) && (await send(request, response, folder, request.path, caching));
    if (!served) next();
  });
  return router;
}

/** False when there is no such file, or it is of no type that the client has. */
async function send(
  request: Request,
  response: Response,
  folder: string,
  path: string,
  caching: string,
): Promise<boolean> {
  const type = TYPES[extname(path)];
  if (type === undefined || !(await isFile(join(folder, path)))) return false;
  response.setHeader("Content-Type", type);
  response.setHeader("Cache-Control", caching);
  response.setHeader("Vary", "Accept-Encoding");
  const encoding = await encodingFor(request, join(folder, path));
  if (encoding !== null) response.setHeader("Content-Encoding", encoding.name);
  await new Promise<void>((resolve, reject) => {
    response.sendFile(
      `.${path}${encoding?.suffix ?? ""}`,
      // no-store pages have nothing to be compared with later
      { root: folder, cacheControl: false, etag: caching !== "no-store", lastModified: false },
      // A browser that went away in the middle is no failure of ours.
      (error) => (error && !response.headersSent ? reject(error) : resolve()),
    );
  });
  return true;
}

async function encodingFor(request: Request, file: string): Promise<(typeof ENCODINGS)[number] | null> {
  for (const encoding of ENCODINGS)
    if (request.acceptsEncodings(encoding.name) && (await isFile(`${file}${encoding.suffix}`)))
      return encoding;
  return null;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
