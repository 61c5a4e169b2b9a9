/**
 * An export of the log: JSONL, one object a line, fields in this order and nothing between them.
 *
 *   {"type":"quietroom-audit-export","version":1,"log":…,"relay":…,"checkpoint":…,"first":…,"second":…,"session":…}
 *   {"index":…,"received":…,"event":…}                     or, once its body was purged: {"index":…,"received":…,"leaf":…}
 *   {"index":…,"received":…,"event":…,"proof":[…]}         where the file is not the whole log
 *   {"end":…}                                              how many there were, so that a file cut off is noticed
 *
 * Whole: no session, `first` 0 and `second` the checkpoint's size. The tree can then be built again, and there are no
 * proofs. In every other file each line has its proof of inclusion in the checkpoint. A range has every entry with
 * first <= index < second. A session's file (`first` 0, `second` the checkpoint's size) has the session's events and, for
 * each key of staff or guest that signed one, its `log.key-added`; ascending by index.
 *
 * Hashes and keys are base64url, the log's key a C2SP verifier key, the checkpoint its signed note.
 */
import { type Bytes, fromBase64Url, toBase64Url } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { MAX_CHECKPOINT_BYTES } from "./checkpoint.ts";
import { MAX_EVENT_BYTES, MAX_TIME } from "./event.ts";

/** Of a line, without its newline. */
export const MAX_LINE_BYTES = 8_192;
/** A tree of 2^53 leaves has no longer proof. */
const MAX_PROOF = 53;

export interface ExportHeader {
  /** C2SP verifier key. */
  readonly log: string;
  /** The relay's actor key, as events name it. */
  readonly relay: string;
  /** Signed note. */
  readonly checkpoint: string;
  readonly first: number;
  readonly second: number;
  readonly session: string | null;
}

export interface ExportLine {
  readonly index: number;
  readonly received: number;
  /** The event, or the leaf's hash where its body was purged. */
  readonly body: { readonly event: string } | { readonly leaf: Bytes };
  /** In the header's checkpoint; null in a file of the whole log. */
  readonly proof: readonly Bytes[] | null;
}

/** All without the newline. */
export function encodeExportHeader(header: ExportHeader): string {
  const { log, relay, checkpoint, first, second, session } = header;
  const before = { type: "quietroom-audit-export", version: 1 };
  return JSON.stringify({ ...before, log, relay, checkpoint, first, second, session });
}

export function encodeExportLine({ index, received, body, proof }: ExportLine): string {
  const said = "event" in body ? body : { leaf: toBase64Url(body.leaf) };
  return JSON.stringify({
    index,
    received,
    ...said,
    ...(proof === null ? {} : { proof: proof.map(toBase64Url) }),
  });
}

export function encodeExportEnd(count: number): string {
  return JSON.stringify({ end: count });
}

const NUMBER = "(0|[1-9]\\d{0,15})";
const HASH = "[\\w-]{42}[AEIMQUYcgkosw048]";
const JSON_STRING = '"(?:[^"\\\\\\p{Cc}]|\\\\[n"\\\\])*"';
const HEADER = new RegExp(
  `^\\{"type":"quietroom-audit-export","version":1,"log":(${JSON_STRING}),"relay":"(${HASH})",` +
    `"checkpoint":(${JSON_STRING}),"first":${NUMBER},"second":${NUMBER},"session":(?:null|"([\\w-]{21}[AQgw])")\\}$`,
  "u",
);
const LINE = new RegExp(
  `^\\{"index":${NUMBER},"received":${NUMBER},(?:"event":"([\\w.-]{1,${MAX_EVENT_BYTES}})"|"leaf":"(${HASH})")` +
    `(?:,"proof":\\[((?:"${HASH}"(?:,(?="))?){0,${MAX_PROOF}})\\])?\\}$`,
);
const END = new RegExp(`^\\{"end":${NUMBER}\\}$`);

/** @throws CryptoError MESSAGE-MALFORMED for anything that `encodeExportHeader` would not have written */
export function parseExportHeader(line: string): ExportHeader {
  const match = line.length > MAX_LINE_BYTES ? null : HEADER.exec(line);
  if (match === null) throw malformed();
  const [, log = "", relay = "", checkpoint = "", first = "", second = "", session] = match;
  const header = {
    log: textOf(log),
    relay,
    checkpoint: textOf(checkpoint),
    first: countOf(first),
    second: countOf(second),
    session: session ?? null,
  };
  if (header.first > (header.session === null ? header.second : 0)) throw malformed();
  if (header.checkpoint.length > MAX_CHECKPOINT_BYTES || encodeExportHeader(header) !== line)
    throw malformed();
  return header;
}

function textOf(json: string): string {
  const text: unknown = JSON.parse(json);
  if (typeof text !== "string") throw malformed();
  return text;
}

/** @throws CryptoError MESSAGE-MALFORMED for anything that `encodeExportLine` would not have written */
export function parseExportLine(line: string): ExportLine {
  const match = line.length > MAX_LINE_BYTES ? null : LINE.exec(line);
  if (match === null) throw malformed();
  const [, index = "", received = "", event, leaf, proof] = match;
  if (Number(received) > MAX_TIME) throw malformed();
  return {
    index: countOf(index),
    received: Number(received),
    body: event === undefined ? { leaf: hashOf(leaf ?? "") } : { event },
    proof: proof === undefined ? null : hashesOf(proof),
  };
}

/** The count of a last line; null for a line that is not one. */
export function parseExportEnd(line: string): number | null {
  const [, count] = END.exec(line) ?? [];
  return count !== undefined && Number.isSafeInteger(Number(count)) ? Number(count) : null;
}

function hashesOf(list: string): Bytes[] {
  return list === "" ? [] : list.split(",").map((quoted) => hashOf(quoted.slice(1, -1)));
}

function hashOf(text: string): Bytes {
  const bytes = fromBase64Url(text);
  if (bytes === null) throw malformed();
  return bytes;
}

function countOf(digits: string): number {
  const count = Number(digits);
  if (!Number.isSafeInteger(count)) throw malformed();
  return count;
}

function malformed(): CryptoError {
  return new CryptoError("MESSAGE-MALFORMED", "not an export");
}
