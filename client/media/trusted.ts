/**
 * The one place that turns text into something the page runs. The page forbids that everywhere else
 * (`require-trusted-types-for 'script'; trusted-types quietroom`), and here only one address gets through.
 */

/** Replaced by the build with the path of the frame worker. */
declare const FRAME_WORKER_URL: string;

/** https://w3c.github.io/trusted-types/dist/spec/, which TypeScript's DOM types leave out. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

const { trustedTypes }: { trustedTypes?: TrustedTypes } = globalThis as { trustedTypes?: TrustedTypes };

// A second policy of this name would be refused, hence once for the page.
const policy = trustedTypes?.createPolicy("quietroom", {
  createScriptURL(url) {
    if (url !== FRAME_WORKER_URL) throw new TypeError("not the frame worker");
    return url;
  },
});

/** @throws DOMException or TypeError where workers are forbidden; a worker that cannot load fires `error` instead */
export function startFrameWorker(): Worker {
  const url = policy?.createScriptURL(FRAME_WORKER_URL) ?? FRAME_WORKER_URL;
  return new Worker(url, { type: "module", name: "frames" });
}
