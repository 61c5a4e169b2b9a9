/**
 * The rows of a relay's database against each other: what an export does not show, since it is made of them. Everything
 * in them follows from the texts of the events, so each is made again and compared.
 */
import type { DatabaseSync } from "node:sqlite";
import { encodeEntry } from "../../crypto/audit/entry.ts";
import { type AuditEvent, eventHash, parseEvent } from "../../crypto/audit/event.ts";
import { append, EMPTY_RANGE, leafHash, type Range, rootOf } from "../../crypto/audit/merkle.ts";
import { adopt, type Bytes, fromAscii, toBase64Url } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { sha256 } from "../../relay/audit/sha256.ts";
import { MAX_SKEW_MS } from "../../relay/wire/audit.ts";

export interface RowFinding {
  readonly table: "log_keys" | "log_entries" | "log_nodes" | "log_checkpoints" | "log_actors";
  /** Such as `17`, or of a node `level 3, 5`. */
  readonly row: string;
  readonly column: string;
}

type Row = Readonly<Record<string, unknown>>;
type Report = (finding: RowFinding) => void;

/** What one key has said by its events: what its row has to hold. */
interface Speech {
  seq: number;
  head: string;
}

const OPENED = "log.key-added";

/** Holds up the process for as long as it takes. @param found called for each, in order of the tables */
export function checkRows(database: DatabaseSync, found: Report): void {
  const speeches = new Map<string, Speech>();
  const owners = new Map<string, Pick<AuditEvent, "account" | "session">>();
  const keys = new Map<unknown, unknown>();
  for (const { number, key } of database.prepare("SELECT number, key FROM log_actors").iterate())
    keys.set(number, key);
  const checkNode = nodeChecker(database, found);
  let range: Range = EMPTY_RANGE;
  let purged = false;
  for (const row of database.prepare("SELECT * FROM log_entries ORDER BY idx").iterate()) {
    const report = (column: string) => found({ table: "log_entries", row: String(row["idx"]), column });
    if (row["idx"] !== range.size) report("idx");
    const event = checkEntry(row, keys, report);
    if (row["body"] === null) purged = true;
    if (event !== null) {
      speeches.set(event.actor, { seq: event.seq + 1, head: headOf(row) });
      if (event.action === OPENED && event.subject !== null) owners.set(event.subject, event);
    }
    range = append(sha256, range, leafOf(row), ({ level, index }, hash) => {
      if (level > 0) checkNode.take(level, index, hash);
    });
  }
  checkNode.end();
  checkCheckpoints(database, range, found);
  checkActors(database, { speeches, owners, purged }, found);
}

const textOf = (bytes: unknown): string => (bytes instanceof Uint8Array ? fromAscii(bytes) : "");
const headOf = ({ body }: Row): string => eventHash(sha256, textOf(body));
const leafOf = ({ leaf }: Row): Bytes => (leaf instanceof Uint8Array ? adopt(leaf) : new Uint8Array(32));

function same(bytes: unknown, expected: Uint8Array): boolean {
  return bytes instanceof Uint8Array && Buffer.compare(bytes, expected) === 0;
}

/** @returns the event of an entry that is what its text says */
function checkEntry(row: Row, keys: ReadonlyMap<unknown, unknown>, report: (column: string) => void) {
  const { body, received } = row;
  if (body === null) return null;
  const text = textOf(body);
  let event: AuditEvent;
  let key: Bytes;
  try {
    ({ event, key } = parseEvent(text));
    const leaf = leafHash(sha256, encodeEntry({ received: Number(received), event: text }));
    if (!same(row["leaf"], leaf)) report("leaf, received or body");
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    report("body or received");
    return null;
  }
  for (const column of ["time", "action", "outcome", "account", "session", "subject"] as const)
    if (row[column] !== event[column]) report(column);
  if (!same(row["id"], Buffer.from(event.id.replaceAll("-", ""), "hex"))) report("id");
  if (!same(keys.get(row["actor"]), key)) report("actor");
  if (row["skewed"] !== Number(Math.abs(event.time - Number(received)) > MAX_SKEW_MS)) report("skewed");
  return event;
}

/** Nodes come in the order in which the tree was built; the rows are looked up one by one. */
function nodeChecker(database: DatabaseSync, found: Report) {
  const find = database.prepare("SELECT hash FROM log_nodes WHERE level = ? AND idx = ?");
  let count = 0;
  return {
    take(level: number, index: number, hash: Bytes): void {
      count++;
      if (!same(find.get(level, index)?.["hash"], hash))
        found({ table: "log_nodes", row: `level ${level}, ${index}`, column: "hash" });
    },
    end(): void {
      const rows = database.prepare("SELECT count(*) AS count FROM log_nodes").get()?.["count"];
      if (rows !== count)
        found({ table: "log_nodes", row: `${rows} rows, not ${count}`, column: "level, idx" });
    },
  };
}

function checkCheckpoints(database: DatabaseSync, range: Range, found: Report): void {
  const root = rootOf(sha256, range);
  const rows = database.prepare("SELECT size, root, note FROM log_checkpoints").all();
  const report = (row: unknown, column: string) =>
    found({ table: "log_checkpoints", row: String(row), column });
  if (rows.length !== 1) report(`${rows.length} rows`, "size");
  for (const { size, root: stored, note } of rows) {
    if (size !== range.size) report(size, "size");
    if (!same(stored, root)) report(size, "root");
    const text = `\n${range.size}\n${Buffer.from(root).toString("base64")}\n\n`;
    if (!String(note).includes(text)) report(size, "note");
  }
}

interface Said {
  readonly speeches: ReadonlyMap<string, Speech>;
  readonly owners: ReadonlyMap<string, Pick<AuditEvent, "account" | "session">>;
  /** Some bodies are gone, and what they said with them. */
  readonly purged: boolean;
}

function checkActors(database: DatabaseSync, { speeches, owners, purged }: Said, found: Report): void {
  for (const row of database.prepare("SELECT * FROM log_actors ORDER BY number").iterate()) {
    const report = (column: string) => found({ table: "log_actors", row: String(row["number"]), column });
    const { key, signer, account, session, seq, head } = row;
    const bytes = key instanceof Uint8Array ? adopt(key) : new Uint8Array(0);
    const speech = speeches.get(toBase64Url(bytes));
    const owner = owners.get(toBase64Url(sha256(bytes)));
    if (signer === "relay" ? account !== null || session !== null : owner === undefined && !purged)
      report("key or signer");
    if (owner !== undefined) {
      if (signer !== (owner.account === null ? "guest" : "staff")) report("signer");
      if (account !== owner.account) report("account");
      if (session !== owner.session) report("session");
    }
    if (speech === undefined) {
      if (!purged) report("key");
      continue;
    }
    if (seq !== speech.seq) report("seq");
    if (!(head instanceof Uint8Array) || toBase64Url(adopt(head)) !== speech.head) report("head");
  }
}
