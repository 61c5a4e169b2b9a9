/**
 * libsodium's WebAssembly as a file of its own. The npm packages carry it as base64 text inside a script: a fifth more
 * to transfer, and decoded byte by byte on the page's thread.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Plugin } from "esbuild";

const LIBSODIUM = /[\\/]libsodium(-sumo)?[\\/]dist[\\/].*-esm[\\/]libsodium(-sumo)?\.mjs$/;
const NAMESPACE = "wasm";
/** `\0asm` in base64; nothing else in these scripts is quoted and as long. */
const EMBEDDED = /"(AGFzb[A-Za-z0-9+/]{10000,}=*)"/g;

export const wasmAsFile: Plugin = {
  name: "wasm as a file",
  setup(build) {
    const files = new Map<string, Uint8Array>();
    build.onLoad({ filter: LIBSODIUM }, ({ path }) => {
      const { script, wasm } = split(readFileSync(path, "utf8"), path);
      const name = basename(path, ".mjs");
      files.set(name, wasm);
      return { contents: script + loaderOf(name, wasm), loader: "js" };
    });
    build.onResolve({ filter: /^wasm:/ }, ({ path }) => ({
      path: `${path.slice(NAMESPACE.length + 1)}.wasm`,
      namespace: NAMESPACE,
    }));
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
      const contents = files.get(basename(path, ".wasm"));
      if (contents === undefined) throw new Error(`no WebAssembly of ${path}`);
      return { contents, loader: "file" };
    });
  },
};

/** @throws Error when the package is not built the way this expects: look at it, and at this file, again */
function split(source: string, path: string): { readonly script: string; readonly wasm: Uint8Array } {
  const [found, second] = [...source.matchAll(EMBEDDED)];
  const exported = "export default A;";
  if (found?.[1] === undefined || second !== undefined || !source.trimEnd().endsWith(exported))
    throw new Error(`${path} does not look like libsodium 0.8.4`);
  if (!source.includes("g.instantiateWasm?new Promise"))
    throw new Error(`${path} cannot be given its WebAssembly`);
  // Node's source of chance, for where there is no `crypto`: the bundler would make a file of it, fetched in vain.
  const script = source
    .replace(found[0], '""')
    .replace('require("crypto")', "undefined")
    .trimEnd()
    .slice(0, -exported.length);
  return { script, wasm: Buffer.from(found[1], "base64") };
}

/**
 * What the script exports instead: the same factory, which fetches what was taken out and checks its hash.
 * Emscripten's hook cannot report a failure, so that the promise is made here.
 */
function loaderOf(name: string, wasm: Uint8Array): string {
  return `
import url from "wasm:${name}";
const compiled = WebAssembly.compileStreaming(
  fetch(new URL(url, import.meta.url), { integrity: ${JSON.stringify(integrityOf(wasm))} }),
);
compiled.catch(() => {});
export default (options) =>
  new Promise((resolve, reject) => {
    const instantiateWasm = (imports, done) => {
      compiled
        .then((module) => WebAssembly.instantiate(module, imports))
        .then(done, reject);
      return {};
    };
    A({ ...options, instantiateWasm }).then(resolve, reject);
  });
`;
}

/** As a page names the hash of what it loads (Subresource Integrity). */
function integrityOf(bytes: Uint8Array): string {
  return `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
}
