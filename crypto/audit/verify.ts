/**
 * Verifies an export (export.ts) line by line: whoever runs it trusts neither the relay nor the file. Nothing is read
 * or written here and no clock asked; a million events take about 150 MB.
 *
 *   const verifier = createLogVerifier(options);
 *   for (const line of lines) await verifier.line(line);      // null costs nothing: `const busy = …; if (busy) await busy`
 *   const verdict = await verifier.end();
 *
 * What is checked, and the code of what is found, is the list below (crypto/README.md "Verification" says it in full).
 * What could not be checked is counted as well: it is no finding, and no proof either.
 */
import type { Bytes } from "../bytes.ts";
import type { Verify } from "./checkpoint.ts";
import type { ExportHeader } from "./export.ts";
import type { Sha256 } from "./merkle.ts";

/** Stable; the words for them are the caller's. */
export const FINDINGS = [
  /** The first line is not the header of an export: nothing else was checked. */
  "FILE-HEADER",
  /** A line is not one of the format, or has a proof where there is none, or none where it has to be. */
  "FILE-LINE",
  /** The entry is not the next one: left out, twice, or in another place; or not within the range. */
  "FILE-INDEX",
  /** An entry that does not belong into this session's file. */
  "FILE-FOREIGN",
  /** There is no last line, it has another count, there is more behind it, or entries at the end are missing. */
  "FILE-TRUNCATED",

  /** The file names another key of the log than the one that is known. */
  "LOG-KEY",
  /** The checkpoint is not one, or the log's key did not sign it, or its tree is smaller than the range. */
  "LOG-CHECKPOINT",
  /** The entries do not make the checkpoint's tree: something was changed, left out or added. */
  "LOG-ROOT",
  /** The log does not go on from the checkpoint that was kept: it was forked, rewritten or shrunk. */
  "LOG-OLDER",
  /** The log does not begin with the relay's `log.opened`, or has another later. */
  "LOG-OPENED",

  /** The proof does not show the entry in the checkpoint's tree. */
  "ENTRY-PROOF",
  /** Taken earlier than the entry before, by the relay's clock. */
  "ENTRY-TIME",
  /** The body is gone without a purge on record, or younger than six years at the last purge. */
  "ENTRY-PURGED",

  /** Not the one text of an event of the registry. */
  "EVENT-MALFORMED",
  /** The key did not sign it. */
  "EVENT-SIGNATURE",
  /** Another event has this id. */
  "EVENT-DUPLICATE",
  /** The key was not put on record before it spoke, or was put on record twice. */
  "EVENT-ACTOR",
  /** This signer may not say this, of this account or session. */
  "EVENT-RIGHT",
  /** `seq` and `prev` do not follow the key's last event; with no index: more events are missing than were purged. */
  "EVENT-CHAIN",
  /** The signer had seen another tree than this log's at that size. */
  "EVENT-CHECKPOINT",
] as const;
export type FindingCode = (typeof FINDINGS)[number];

export interface Finding {
  readonly code: FindingCode;
  /** Place in the log; null for what concerns the file or the log as a whole. */
  readonly index: number | null;
  /** Line in the file, from 1; null the same. */
  readonly line: number | null;
}

/** Of these, so many could not be checked. */
export interface Unchecked {
  /** Bodies that were purged: their leaves were checked, what they said was not. */
  readonly purged: number;
  /** Keys whose `log.key-added` is not in the file (or purged): whose they are, and what they may say. */
  readonly keys: number;
  /** Keys some of whose events are not in the file: that nothing was left out between. */
  readonly chains: number;
  /** Staff's events about a session whose opening is not in the file: that it was theirs. */
  readonly sessions: number;
  /** Checkpoints that events name, and that only the whole log could be compared with. */
  readonly checkpoints: number;
}

export interface Verdict {
  /** Nothing was found. What could not be checked is in `unchecked`. */
  readonly holds: boolean;
  readonly scope: "whole" | "range" | "session";
  /** null when there was none to read. */
  readonly header: ExportHeader | null;
  /** Of the log, as its checkpoint has it; "" without one. */
  readonly origin: string;
  /** Entries in the file. */
  readonly events: number;
  /** Those of them whose body was purged. */
  readonly purged: number;
  /** Of the first and the last entry, relay's clock; null without any. */
  readonly received: { readonly first: number; readonly last: number } | null;
  /** Keys that signed something in this file. */
  readonly keys: { readonly relay: number; readonly staff: number; readonly guest: number };
  /** Events whose signer's clock was more than MAX_SKEW_MS from the relay's: no finding. */
  readonly skewed: number;
  /** The tree that all of it is in, root as base64url; null where the checkpoint did not hold. */
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
  /** The checkpoint is signed with the key that the caller knew before. */
  readonly keyKnown: boolean;
  /** Size of the kept checkpoint that this log goes on from; null where none was given or it could not be compared. */
  readonly continues: number | null;
  /**
   * In a whole log, the largest size at which an event's checkpoint, or the kept one, agreed with the tree. With a
   * LOG-ROOT, what was changed is at this index or behind it.
   */
  readonly agreedUntil: number;
  /** The first MAX_FINDINGS, in the file's order. */
  readonly findings: readonly Finding[];
  /** How many there are in all. */
  readonly found: number;
  readonly counts: Readonly<Partial<Record<FindingCode, number>>>;
  readonly unchecked: Unchecked;
}

export const MAX_FINDINGS = 100;
/** Client and relay time may be this far apart. */
export const MAX_SKEW_MS = 300_000;

/** One signature to verify: Ed25519, RFC 8032. */
export interface SignatureJob {
  /** Of the event that it belongs to. */
  readonly index: number;
  /** The key as text, for a cache of imported ones. */
  readonly actor: string;
  readonly key: Bytes;
  readonly signed: Bytes;
  readonly signature: Bytes;
}
/** In one call of `verifyEvents`, at most. */
export const MAX_JOBS = 512;

export interface LogVerifierOptions {
  readonly sha256: Sha256;
  /** For the checkpoints' own signatures: a few. */
  readonly verify: Verify;
  /**
   * For events' signatures, in batches: one answer for each job, in order. Several calls are under way at once
   * (`concurrency`), so that the caller may spread them over workers. May reject: `line` or `end` then does.
   */
  readonly verifyEvents: (jobs: readonly SignatureJob[]) => Promise<readonly boolean[]>;
  /** Batches under way before `line` asks to wait. Default 4. */
  readonly concurrency?: number;
  /** The log's verifier key as the caller has known it all along; null for none: then the file's own is taken. */
  readonly logKey: string | null;
  /** A checkpoint kept from before, signed note; the log has to go on from there. null for none. */
  readonly older: string | null;
}

export interface LogVerifier {
  /**
   * The next line of the file, without its newline; longer ones than MAX_LINE_BYTES may be handed in cut off.
   * @returns null when the next line may come at once, or a promise to wait for
   */
  line(text: string): Promise<void> | null;
  /** After the last line. */
  end(): Promise<Verdict>;
}

export function createLogVerifier(_options: LogVerifierOptions): LogVerifier {
  throw new Error("not here yet");
}
