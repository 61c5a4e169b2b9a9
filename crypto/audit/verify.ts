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
import { type Bytes, toBase64Url } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { type Checkpoint, openCheckpoint, type Verify } from "./checkpoint.ts";
import { type ExportHeader, parseExportEnd, parseExportHeader } from "./export.ts";
import type { Sha256 } from "./merkle.ts";
import { createEntryReader, type EntryReader, type Read, type Start } from "./verify-entries.ts";
import { createBatches, createFindings, type Findings } from "./verify-found.ts";
import type { Scope } from "./verify-keys.ts";

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
  /** The checkpoint is not one, or the log's key did not sign it, or its tree is not that of the range. */
  "LOG-CHECKPOINT",
  /** The entries do not make the checkpoint's tree: something was changed, left out or added. */
  "LOG-ROOT",
  /**
   * The log does not go on from the checkpoint that was kept: it was forked, rewritten or shrunk; or the file is older
   * than that checkpoint, or the checkpoint is of another log.
   */
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
  /** Events whose signer's clock was more than five minutes from the relay's: no finding. */
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

/** One signature to verify: Ed25519, RFC 8032. */
export interface SignatureJob {
  /** Of the event that it belongs to. */
  readonly index: number;
  readonly line: number;
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

export function createLogVerifier(options: LogVerifierOptions): LogVerifier {
  const { sha256, verify, logKey, older } = options;
  const findings = createFindings(MAX_FINDINGS);
  const batches = createBatches(
    options.verifyEvents,
    { concurrency: options.concurrency ?? 4, size: MAX_JOBS },
    ({ index, line }) => findings.add("EVENT-SIGNATURE", index, line),
  );
  let lines = 0;
  let reader: EntryReader | null = null;
  let ended: number | null = null;
  let start: Start | null = null;

  async function begin(text: string): Promise<void> {
    start = await readStart(text);
    if (start !== null) reader = createEntryReader(sha256, start, findings, batches);
  }

  async function readStart(text: string): Promise<Start | null> {
    let header: ExportHeader;
    try {
      header = parseExportHeader(text);
    } catch {
      findings.add("FILE-HEADER", null, 1);
      return null;
    }
    const key = logKey ?? header.log;
    if (header.log !== key) findings.add("LOG-KEY", null, 1);
    const checkpoint = await openNote(header.checkpoint, key);
    if (checkpoint === null || !isOfSize(header, checkpoint.size)) findings.add("LOG-CHECKPOINT", null, 1);
    const kept = older === null ? null : await openNote(older, key);
    if (older !== null && kept === null) findings.add("LOG-OLDER", null, null);
    return { header, checkpoint, older: kept, scope: scopeOf(header, checkpoint) };
  }

  async function openNote(note: string, key: string): Promise<Checkpoint | null> {
    try {
      return await openCheckpoint(sha256, verify, note, key);
    } catch (error) {
      if (error instanceof CryptoError) return null;
      throw error;
    }
  }

  return {
    line(text) {
      lines++;
      if (lines === 1) return begin(text);
      if (reader === null) return null;
      if (ended !== null) {
        findings.add("FILE-TRUNCATED", null, lines);
        return null;
      }
      ended = parseExportEnd(text);
      return ended === null ? reader.take(text, lines) : null;
    },
    async end() {
      if (lines === 0) findings.add("FILE-HEADER", null, null);
      const read = reader?.end(ended) ?? null;
      await batches.done();
      return verdictOf(start, read, logKey !== null, findings);
    },
  };
}

function isOfSize({ session, second }: ExportHeader, size: number): boolean {
  return session === null ? second <= size : second === size;
}

function scopeOf({ session, first, second }: ExportHeader, checkpoint: Checkpoint | null): Scope {
  if (session !== null) return "session";
  return first === 0 && (checkpoint === null || checkpoint.size === second) ? "whole" : "range";
}

function verdictOf(start: Start | null, read: Read | null, keyGiven: boolean, findings: Findings): Verdict {
  const checkpoint = start?.checkpoint ?? null;
  return {
    holds: findings.found === 0,
    scope: start?.scope ?? "range",
    header: start?.header ?? null,
    origin: checkpoint?.origin ?? "",
    events: read?.events ?? 0,
    purged: read?.unchecked.purged ?? 0,
    received: read?.received ?? null,
    keys: read?.keys ?? { relay: 0, staff: 0, guest: 0 },
    skewed: read?.skewed ?? 0,
    checkpoint: checkpoint && { size: checkpoint.size, root: toBase64Url(checkpoint.root) },
    keyKnown: keyGiven && checkpoint !== null,
    continues: read?.continues ?? null,
    agreedUntil: read?.agreedUntil ?? 0,
    findings: findings.list(),
    found: findings.found,
    counts: findings.counts,
    unchecked: read?.unchecked ?? { purged: 0, keys: 0, chains: 0, sessions: 0, checkpoints: 0 },
  };
}
