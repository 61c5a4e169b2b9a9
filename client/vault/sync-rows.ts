/**
 * Makes this device's rows and the relay's copy the same.
 *
 *   take     what changed there, row by row: merged with what is here
 *   give     what changed here, onto the version that was seen; who came second is given the other's row, and merges
 *
 * The relay is not trusted with any of it. A row that it made up, altered or moved does not open; an older one loses
 * against the newer one here. One that it lost, or says to be deleted (a deletion is a sealed row as well), is given
 * to it again. What it can do: keep changes from a device that has not seen them yet.
 *
 * A crash at any point: each row on the device is either as before or as after, and the cursor, which is written last,
 * too. What is then taken or given twice is found to be the same.
 */
import { type Bytes, equal, fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { compareRows, type Row } from "../../crypto/vault/row.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_ROWS, type NewRow, type VaultRow } from "../../relay/wire/vault.ts";
import { ApiError } from "../transport/api.ts";
import { type AccountDatabase, FROM_START, type LocalRow } from "./account-database.ts";
import type { AccountRows } from "./account-rows.ts";
import { isShared, type Merges, mergeOf } from "./kinds.ts";
import { VaultError } from "./store.ts";
import type { VaultApi } from "./vault-api.ts";

export interface SyncOptions {
  readonly api: Pick<VaultApi, "vaultRows" | "storeVaultRows">;
  readonly database: AccountDatabase;
  readonly rows: Pick<AccountRows, "open" | "seal">;
  /** Number of the data key that seals. */
  readonly newest: () => number;
  /** Another device may have made new keys meanwhile: asks the relay. */
  readonly renewKeys: () => Promise<void>;
  readonly merges: Merges;
  readonly changed: (kind: string, id: string) => void;
}

/** So often in a row a relay may store nothing of what it is given, and show something else instead. */
const MOST_BEHIND = 8;

/** @throws ApiError, VaultError VAULT-NEWER, VAULT-LOCKED, STORE-UNAVAILABLE */
export async function syncRows(all: SyncOptions): Promise<void> {
  let renewed = false;
  const options: SyncOptions = {
    ...all,
    // Once is enough: what wants still newer keys then waits for the next sync.
    async renewKeys() {
      if (!renewed) await all.renewKeys();
      renewed = true;
    },
  };
  await resealOld(options);
  await takeAll(options);
  await giveAll(options);
}

/** What lies under an older data key is sealed under the newest: somebody who was removed may know the others. */
async function resealOld(options: SyncOptions): Promise<void> {
  const { database, rows, newest } = options;
  for (const id of await database.sealedBefore(newest())) {
    await rewrite(database, id, async (row) => {
      const content = await readable(options, row);
      if (content === null || row.key >= newest()) return row;
      return rows.seal(content, row, { ...row, state: row.state === "local" ? "local" : "dirty" });
    });
  }
}

// ---- take ----------------------------------------------------------------------------------------------------

async function takeAll(options: SyncOptions): Promise<void> {
  const { api, database } = options;
  const start = (await database.fact("sync")) ?? FROM_START;
  const whole = start.cursor === 0;
  const seen = new Set<string>();
  let { cursor, unread } = start;
  const { highest } = start;
  for (let more = true; more; ) {
    const answer = await api.vaultRows(cursor);
    // It counts less than it did: it lost something, or was set back to an older copy.
    const least = answer.more ? cursor : Math.max(cursor, highest);
    if (answer.cursor < least) return startOver(options);
    if (answer.more && answer.cursor === cursor) throw new ApiError("UNEXPECTED");
    for (const row of answer.rows) {
      seen.add(row.id);
      if (!(await take(options, row))) unread = true;
    }
    ({ cursor, more } = answer);
    // A whole round counts when it is whole: only then it is known what the relay has not.
    if (!whole || !more)
      await database.setFact("sync", { cursor, highest: Math.max(cursor, highest), unread });
  }
  if (!whole) return;
  for (const id of await database.clean()) {
    if (seen.has(id)) continue;
    await rewrite(database, id, async (row) =>
      row.state === "clean" ? { ...row, state: "dirty", version: 0, edit: row.edit + 1 } : row,
    );
  }
}

async function startOver(options: SyncOptions): Promise<void> {
  const { highest } = (await options.database.fact("sync")) ?? FROM_START;
  if (highest === 0) throw new ApiError("UNEXPECTED");
  await options.database.setFact("sync", FROM_START);
  return takeAll(options);
}

/** @returns false for a row that cannot be read here, and may be readable with other keys */
async function take(options: SyncOptions, theirs: VaultRow): Promise<boolean> {
  const remote = await readRemote(options, theirs);
  if (remote === "unread") return false;
  for (;;) {
    const stored = await options.database.row(theirs.id);
    if (stored?.state === "local") return true;
    const ours = stored && (await readable(options, stored));
    const result = ours && remote ? mergedRows(options.merges, ours, remote.content) : remote?.content;
    const next = await nextRow(options, stored, ours, remote, result ?? null, theirs.version);
    if (next === stored) return true;
    if (!(await options.database.replace(theirs.id, stored?.edit ?? null, next))) continue;
    if (result && (ours === null || !sameValue(ours, result))) options.changed(result.kind, result.id);
    return true;
  }
}

interface Remote {
  readonly content: Row;
  readonly sealed: Bytes;
}

/** `null` for what nobody with the vault's keys has written. @throws VaultError VAULT-NEWER */
async function readRemote(
  options: SyncOptions,
  { id, sealed: text }: VaultRow,
): Promise<Remote | "unread" | null> {
  const sealed = text === null ? null : fromBase64Url(text);
  if (sealed === null) return null;
  try {
    const content = await openOrRenew(options, id, sealed);
    return isShared(content.kind) ? { content, sealed } : null;
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    if (error.code === "VERSION-UNKNOWN") throw new VaultError("VAULT-NEWER");
    // Not given our own in its place: the relay may have kept the keys from us that go with it.
    return error.code === "KEY-MISSING" ? "unread" : null;
  }
}

async function openOrRenew({ rows, renewKeys }: SyncOptions, id: string, sealed: Bytes): Promise<Row> {
  try {
    return await rows.open(id, sealed);
  } catch (error) {
    if (!(error instanceof CryptoError) || error.code !== "KEY-MISSING") throw error;
    await renewKeys();
    return rows.open(id, sealed);
  }
}

/** What is here afterwards: `stored` itself when nothing is to be written. */
async function nextRow(
  { rows }: SyncOptions,
  stored: LocalRow | null,
  ours: Row | null,
  remote: Remote | null,
  result: Row | null,
  version: number,
): Promise<LocalRow | null> {
  if (remote && result && compareRows(result, remote.content) === 0) {
    if (stored?.state === "clean" && stored.version === version && equal(stored.sealed, remote.sealed))
      return stored;
    return rows.seal(result, stored, { version, state: "clean" }, remote.sealed);
  }
  // Nothing to repair it with, or nothing at all.
  if (stored === null || ours === null) return stored;
  if (result === null || compareRows(result, ours) === 0) {
    return { ...stored, version, state: "dirty", edit: stored.edit + 1 };
  }
  return rows.seal(result, stored, { version, state: "dirty" });
}

function mergedRows(merges: Merges, a: Row, b: Row): Row {
  const [newer, older] = compareRows(a, b) >= 0 ? [a, b] : [b, a];
  if (newer.value === null || older.value === null) return newer;
  return { ...newer, value: mergeOf(merges, newer.kind)(newer.value, older.value) };
}

function sameValue(a: Row, b: Row): boolean {
  return compareRows({ ...a, stamp: b.stamp }, b) === 0;
}

// ---- give ----------------------------------------------------------------------------------------------------

async function giveAll(options: SyncOptions): Promise<void> {
  for (let behind = 0; behind < MOST_BEHIND; ) {
    const dirty = await options.database.dirty(MAX_BATCH_ROWS);
    if (dirty.length === 0) return;
    const batch = await sendable(options, dirty);
    if (batch.length > 0) behind = (await give(options, batch)) ? 0 : behind + 1;
  }
  throw new ApiError("UNEXPECTED");
}

/** As many as one request takes. A row that was damaged here is not handed on: the relay's copy may repair it. */
async function sendable(options: SyncOptions, dirty: readonly LocalRow[]): Promise<LocalRow[]> {
  const batch: LocalRow[] = [];
  let bytes = 0;
  for (const row of dirty) {
    if ((await readable(options, row)) === null) {
      await giveUp(options.database, row);
      continue;
    }
    bytes += row.sealed.length;
    if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
    batch.push(row);
  }
  return batch;
}

async function giveUp(database: AccountDatabase, { id, edit, version }: LocalRow): Promise<void> {
  await rewrite(database, id, async (row) =>
    row.edit === edit ? { ...row, state: "clean", edit: edit + 1 } : row,
  );
  if (version > 0) await database.setFact("sync", FROM_START);
}

/** @returns whether anything of it was stored */
async function give(options: SyncOptions, batch: readonly LocalRow[]): Promise<boolean> {
  const rows = batch.map(
    ({ id, version, sealed }): NewRow => ({ id, base: version, sealed: toBase64Url(sealed) }),
  );
  const { results } = await options.api.storeVaultRows({ rows });
  const waiting = new Map(batch.map((row) => [row.id, row]));
  let highest = 0;
  for (const result of results) {
    const id = result.outcome === "stored" ? result.id : result.row.id;
    const sent = waiting.get(id);
    if (sent === undefined) throw new ApiError("UNEXPECTED");
    waiting.delete(id);
    if (result.outcome === "behind") {
      await take(options, result.row);
    } else {
      highest = Math.max(highest, result.version);
      await markStored(options.database, sent, result.version);
    }
  }
  if (waiting.size > 0) throw new ApiError("UNEXPECTED");
  const sync = (await options.database.fact("sync")) ?? FROM_START;
  await options.database.setFact("sync", { ...sync, highest: Math.max(sync.highest, highest) });
  return highest > 0;
}

/** Written again meanwhile, it stays dirty, and is given next onto what was stored now. */
function markStored(database: AccountDatabase, sent: LocalRow, version: number): Promise<void> {
  return rewrite(database, sent.id, async (row) => ({
    ...row,
    version,
    state: row.edit === sent.edit ? "clean" : row.state,
    edit: row.edit + 1,
  }));
}

// ---- both ----------------------------------------------------------------------------------------------------

/** `null` for a row on this device that cannot be read. */
async function readable({ rows }: SyncOptions, { id, sealed }: LocalRow): Promise<Row | null> {
  try {
    return await rows.open(id, sealed);
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

/** Again and again until nobody has written in between. */
async function rewrite(
  database: AccountDatabase,
  id: string,
  change: (row: LocalRow) => Promise<LocalRow>,
): Promise<void> {
  for (;;) {
    const row = await database.row(id);
    if (row === null) return;
    const next = await change(row);
    if (next === row || (await database.replace(id, row.edit, next))) return;
  }
}
