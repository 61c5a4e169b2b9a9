/**
 * The one place that turns text into something the page runs. The page forbids that everywhere else
 * (`require-trusted-types-for 'script'; trusted-types quietroom`), and here only two addresses get through.
 */

/** Replaced by the build with the paths of the workers: the one that seals frames, the one that verifies the log. */
declare const FRAME_WORKER_URL: string;
declare const VERIFY_WORKER_URL: string;

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
    if (url !== FRAME_WORKER_URL && url !== VERIFY_WORKER_URL) throw new TypeError("not a worker of ours");
    return url;
  },
});

/** @throws DOMException or TypeError where workers are forbidden; a worker that cannot load fires `error` instead */
export function startFrameWorker(): Worker {
  return start(FRAME_WORKER_URL, "frames");
}

/** The same, for client/audit/verify. */
export function startVerifyWorker(): Worker {
  return start(VERIFY_WORKER_URL, "verify");
}

function start(url: string, name: string): Worker {
  return new Worker(policy?.createScriptURL(url) ?? url, { type: "module", name });
}
