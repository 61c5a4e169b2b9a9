/**
 * What the page and the worker that verifies say to each other. The page sends a chunk when the worker has asked for
 * one, so that neither memory nor the queue between them fills up.
 *
 *   page    begin              chunk        chunk   …   end
 *   worker         more             more                     verdict
 *                  progress, now and then
 */
import type { Verdict } from "../../../../crypto/audit/verify.ts";

export type PageMessage =
  | { readonly t: "begin"; readonly logKey: string | null; readonly older: string | null }
  | { readonly t: "chunk"; readonly bytes: Uint8Array }
  | { readonly t: "end" };

export type WorkerMessage =
  | { readonly t: "more" }
  /** Lines so far; the first one is the file's head. */
  | { readonly t: "progress"; readonly lines: number }
  | { readonly t: "verdict"; readonly verdict: Verdict }
  /** This browser cannot verify. */
  | { readonly t: "failed" };
