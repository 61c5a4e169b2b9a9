import type { RecordKind, SealedStore } from "../../../client/vault/store.ts";

export interface WatchedStore extends SealedStore {
  /** Resolves when there is no record of this kind (any more). */
  emptied(kind: RecordKind): Promise<void>;
}

export function watchStore(store: SealedStore): WatchedStore {
  let deleted = Promise.withResolvers<void>();
  return {
    get: store.get,
    put: store.put,
    list: store.list,
    clear: store.clear,
    async delete(kind, id) {
      await store.delete(kind, id);
      deleted.resolve();
      deleted = Promise.withResolvers();
    },
    async emptied(kind) {
      for (;;) {
        const next = deleted.promise;
        if ((await store.list(kind)).length === 0) return;
        await next;
      }
    },
  };
}
