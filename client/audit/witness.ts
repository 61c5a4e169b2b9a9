/**
 * The watch on the log. Of all checkpoints that this page is ever shown, by the relay or by the other person's page, each
 * two must be of one log that only grew: what one of them has, the later one has at the same place. The relay proves it
 * for each new checkpoint; for two that cannot be proven to be of one log, there is no honest reason.
 *
 * Pure: what a checkpoint means for what is known, and what a proof shows. Who asks for the proof is in watch.ts.
 */
import type { Checkpoint } from "../../crypto/audit/checkpoint.ts";
import { isConsistent, type Sha256 } from "../../crypto/audit/merkle.ts";
import { type Bytes, equal } from "../../crypto/bytes.ts";
import type { AlarmCode } from "./types.ts";

/** Who showed it. The relay's answers come to questions; another page may well be behind. */
export type Source =
  /** `least`: size of the newest checkpoint that was known here when the relay was asked. */
  { readonly from: "relay"; readonly least: number } | { readonly from: "peer" };

export type Verdict =
  /** Nothing was known before, or it says what was known. */
  | { readonly type: "believe" }
  /** To be believed with a proof that goes from one to the other. */
  | { readonly type: "prove"; readonly older: Checkpoint; readonly newer: Checkpoint }
  | { readonly type: "alarm"; readonly code: AlarmCode };

/** @param seen its signature is the log key's: see openCheckpoint */
export function judge(newest: Checkpoint | null, seen: Checkpoint, source: Source): Verdict {
  if (newest === null) return { type: "believe" };
  if (source.from === "relay" && seen.size < source.least) return { type: "alarm", code: "LOG-SHRUNK" };
  if (seen.size === newest.size)
    return equal(seen.root, newest.root) ? { type: "believe" } : { type: "alarm", code: conflict(source) };
  return seen.size > newest.size
    ? { type: "prove", older: newest, newer: seen }
    : { type: "prove", older: seen, newer: newest };
}

/** @returns null when the proof holds */
export function weigh(
  sha256: Sha256,
  { older, newer }: Extract<Verdict, { readonly type: "prove" }>,
  proof: readonly Bytes[],
  source: Source,
): AlarmCode | null {
  return isConsistent(sha256, older, newer, proof) ? null : conflict(source);
}

/** What two people were shown apart is a fork; what one was shown one after the other is a history that was changed. */
function conflict({ from }: Source): AlarmCode {
  return from === "peer" ? "LOG-FORKED" : "LOG-REWRITTEN";
}

/** The one to go on from. */
export function newer(newest: Checkpoint | null, seen: Checkpoint): Checkpoint {
  return newest === null || seen.size > newest.size ? seen : newest;
}
