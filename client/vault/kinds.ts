/**
 * What of a vault goes to the relay's copy, and so to the person's other devices, and what stays where it was written.
 * A kind that is not decided here does not compile.
 */
import type { Bytes } from "../../crypto/bytes.ts";
import type { RecordKind } from "./store.ts";

type Place = "everywhere" | "here";

const PLACES: Readonly<Record<RecordKind, Place>> = {
  /** Links name this key: without it on every device, a lost device would take every link along. */
  identity: "everywhere",
  profile: "everywhere",
  invite: "everywhere",
  /** A leaked link must not get three guesses from each of her devices. */
  strikes: "everywhere",
  /** A key that one device was shown first is the one that all of them go by. */
  log: "everywhere",
  /** What opens the details of all events: lost with a device, they could never be read again. */
  "audit-key": "everywhere",
  /**
   * Keys and sequence numbers of a session that one page holds. A second device that went on from a copy would use
   * the same numbers again; and a copy at the relay, though sealed, would keep keys alive that the session wipes.
   */
  session: "here",
  /** The patient's, who has no account. */
  guest: "here",
  page: "here",
};

export const KINDS = Object.keys(PLACES) as readonly RecordKind[];

/** For a kind that a newer release keeps and this one does not know: as it came, it came from everywhere. */
export function isShared(kind: string): boolean {
  const places: Readonly<Record<string, Place>> = PLACES;
  return places[kind] !== "here";
}

/**
 * What becomes of two values of one record that were written apart, where the newer does not simply win. Called only
 * for two values: between a value and a deletion, the newer wins.
 *
 * Devices merge in any order and more than once, so it must not matter which: the same for (a, b) and ((a, b), b).
 * A value that it cannot read counts as none.
 */
export type Merge = (newer: Bytes, older: Bytes) => Bytes;
export type Merges = Partial<Record<RecordKind, Merge>>;

export function mergeOf(merges: Merges, kind: string): Merge {
  const known: Readonly<Record<string, Merge | undefined>> = merges;
  return known[kind] ?? ((newer) => newer);
}
