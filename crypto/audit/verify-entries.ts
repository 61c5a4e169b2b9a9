/** The entries of an export, one after the other: place, time, tree, event, key and chain of each. */
import { ascii, type Bytes, equal, fromBase64Url, toBase64Url } from "../bytes.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { entryLeafHash } from "./entry.ts";
import { type AuditEvent, type ParsedEvent, parseEvent } from "./event.ts";
import { type ExportHeader, type ExportLine, parseExportLine } from "./export.ts";
import { isIncluded, type Sha256 } from "./merkle.ts";
import type { Unchecked } from "./verify.ts";
import type { Batches, Findings } from "./verify-found.ts";
import { createIdSet } from "./verify-ids.ts";
import { createKeyLog, type Scope } from "./verify-keys.ts";
import { createRoots } from "./verify-roots.ts";

/** Six years of 365 days: no clinic may keep less, and so nothing younger can have been purged. */
const MIN_RETENTION_MS = 6 * 365 * 86_400_000;

/** Client and relay time may be this far apart. */
const MAX_SKEW_MS = 300_000;

/** What the first line said, and what its checkpoints are; null for one that does not hold. */
export interface Start {
  readonly header: ExportHeader;
  readonly checkpoint: Checkpoint | null;
  readonly older: Checkpoint | null;
  readonly scope: Scope;
}

export interface Read {
  readonly events: number;
  readonly received: { readonly first: number; readonly last: number } | null;
  readonly keys: { readonly relay: number; readonly staff: number; readonly guest: number };
  readonly skewed: number;
  readonly continues: number | null;
  readonly agreedUntil: number;
  readonly unchecked: Unchecked;
}

export interface EntryReader {
  /** @returns a promise to wait for when too many signatures are under way */
  take(text: string, line: number): Promise<void> | null;
  /** @param count of the file's last line; null without one */
  end(count: number | null): Read;
}

export function createEntryReader(
  sha256: Sha256,
  { header, checkpoint, older, scope }: Start,
  findings: Findings,
  batches: Batches,
): EntryReader {
  const keys = createKeyLog(sha256, header.relay, scope);
  const ids = createIdSet();
  const roots = createRoots(sha256);
  let events = 0;
  let next = header.first;
  let received: { first: number; last: number } | null = null;
  let purged = 0;
  let lastPurged: { index: number; line: number; received: number } | null = null;
  /** When the relay last put a purge on record. */
  let purgeRecorded: number | null = null;
  let skewed = 0;
  let uncompared = 0;
  let agreedUntil = 0;

  function checkPlace({ index }: ExportLine, line: number): void {
    const inOrder = scope === "session" ? index >= next : index === next;
    if (!inOrder || index >= header.second) findings.add("FILE-INDEX", index, line);
    next = index + 1;
  }

  function checkTime(entry: ExportLine, line: number): void {
    if (received !== null && entry.received < received.last) findings.add("ENTRY-TIME", entry.index, line);
    received = { first: received?.first ?? entry.received, last: entry.received };
  }

  function checkTree({ index, proof }: ExportLine, leaf: Bytes, line: number): void {
    if ((proof === null) !== (scope === "whole")) findings.add("FILE-LINE", index, line);
    if (scope === "whole") roots.append(leaf);
    else if (checkpoint !== null && proof !== null) {
      const { size, root } = checkpoint;
      if (!isIncluded(sha256, { leaf, index, size, root }, proof)) findings.add("ENTRY-PROOF", index, line);
    }
  }

  function checkEvent(entry: ExportLine, parsed: ParsedEvent, line: number): Promise<void> | null {
    const { index } = entry;
    const { event, key, signed, signature } = parsed;
    if (scope === "session" && event.session !== header.session && event.action !== "log.key-added")
      findings.add("FILE-FOREIGN", index, line);
    if (!ids.add(event.id)) findings.add("EVENT-DUPLICATE", index, line);
    const hash = toBase64Url(sha256(parsed.text));
    for (const code of keys.take(event, key, { index, hash, purged })) findings.add(code, index, line);
    if (Math.abs(event.time - entry.received) > MAX_SKEW_MS) skewed++;
    if (event.action === "log.purged" && event.actor === header.relay) purgeRecorded = entry.received;
    if (event.checkpoint !== null) compareSeen(event.checkpoint, index, line);
    return batches.add({ index, line, actor: event.actor, key, signed, signature });
  }

  function compareSeen(seen: NonNullable<AuditEvent["checkpoint"]>, index: number, line: number): void {
    const root = fromBase64Url(seen.root);
    if (root === null || seen.size > index) findings.add("EVENT-CHECKPOINT", index, line);
    else if (scope !== "whole") uncompared++;
    else if (!roots.had(seen.size, root)) findings.add("EVENT-CHECKPOINT", index, line);
    else agreedUntil = Math.max(agreedUntil, seen.size);
  }

  function checkPurges(): void {
    if (scope !== "whole" || lastPurged === null) return;
    const { index, line, received: time } = lastPurged;
    if (purgeRecorded === null || time > purgeRecorded - MIN_RETENTION_MS)
      findings.add("ENTRY-PURGED", index, line);
  }

  /** @returns size of the kept checkpoint that the log goes on from */
  function checkRoots(): number | null {
    if (scope === "whole" && checkpoint !== null && !has(checkpoint)) findings.add("LOG-ROOT", null, null);
    if (older === null || checkpoint === null) return null;
    const comparable = scope === "whole" || older.size >= checkpoint.size;
    if (!comparable) return null;
    if (has(older)) return older.size;
    findings.add("LOG-OLDER", null, null);
    return null;
  }

  function has({ size, root }: Checkpoint): boolean {
    if (scope === "whole") return roots.had(size, root);
    return checkpoint !== null && size === checkpoint.size && equal(root, checkpoint.root);
  }

  function checkEnd(count: number | null): void {
    const all = scope === "session" || events === header.second - header.first;
    if (count !== events || !all) findings.add("FILE-TRUNCATED", null, null);
    if (keys.missing > purged) findings.add("EVENT-CHAIN", null, null);
  }

  return {
    take(text, line) {
      events++;
      let entry: ExportLine;
      try {
        entry = parseExportLine(text);
      } catch {
        findings.add("FILE-LINE", null, line);
        next++;
        return null;
      }
      checkPlace(entry, line);
      checkTime(entry, line);
      if ("leaf" in entry.body) {
        // No purge erases `log.opened`.
        if (entry.index === 0) findings.add("LOG-OPENED", 0, line);
        purged++;
        lastPurged = { index: entry.index, line, received: entry.received };
        checkTree(entry, entry.body.leaf, line);
        return null;
      }
      const parsed = parsedOrNull(entry.body.event);
      const event = parsed?.text ?? ascii(entry.body.event);
      const busy = parsed === null ? null : checkEvent(entry, parsed, line);
      if (parsed === null) findings.add("EVENT-MALFORMED", entry.index, line);
      checkTree(entry, entryLeafHash(sha256, entry.received, event), line);
      return busy;
    },
    end(count) {
      checkEnd(count);
      checkPurges();
      const continues = checkRoots();
      if (continues !== null && scope === "whole") agreedUntil = Math.max(agreedUntil, continues);
      const unchecked = { ...keys.unchecked, purged, checkpoints: uncompared };
      return { events, received, keys: keys.keys, skewed, continues, agreedUntil, unchecked };
    },
  };
}

function parsedOrNull(text: string): ParsedEvent | null {
  try {
    return parseEvent(text);
  } catch {
    return null;
  }
}
