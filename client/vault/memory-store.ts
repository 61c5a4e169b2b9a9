/** The store that a page's end ends: for tests, and for a patient whose browser lets nothing be kept. */

import type { Bytes } from "../../crypto/bytes.ts";
import { inOrder } from "./in-order.ts";
import { newRecordKey, openRecord, sealRecord } from "./sealing.ts";
import type { RecordKind, SealedStore } from "./store.ts";

/** @param rows where the sealed records lie, by `<kind>:<id>` */
export function openMemoryStore(rows: Map<string, Bytes> = new Map()): SealedStore {
  const queue = inOrder();
  let key = newRecordKey();
  const rowOf = (kind: RecordKind, id: string) => `${kind}:${id}`;
  return {
    get: (kind, id) =>
      queue(async () => {
        const sealed = rows.get(rowOf(kind, id));
        return sealed === undefined ? null : openRecord(await key, kind, id, sealed);
      }),
    put(kind, id, value) {
      const copy = value.slice();
      return queue(async () => {
        rows.set(rowOf(kind, id), await sealRecord(await key, kind, id, copy));
        copy.fill(0);
      });
    },
    delete: (kind, id) =>
      queue(async () => {
        rows.delete(rowOf(kind, id));
      }),
    list: (kind) =>
      queue(async () => {
        const prefix = rowOf(kind, "");
        const mine = [...rows.keys()].filter((row) => row.startsWith(prefix));
        return mine.map((row) => row.slice(prefix.length)).sort();
      }),
    clear: () =>
      queue(async () => {
        rows.clear();
        key = newRecordKey();
      }),
  };
}
