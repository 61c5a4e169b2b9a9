/**
 * The patient's store: records in sessionStorage, which ends with the tab, sealed under a key of this tab's in
 * IndexedDB. It survives a reload and a restored tab. A copy of the session storage alone (a synced or stolen profile
 * folder without its databases) opens nothing; see store.ts for what sealing does not do.
 *
 * A duplicated tab starts with a copy of the session storage. Two pages going on with one session would disturb each
 * other, so the page that holds the tab's web lock is the only one that may open the store.
 */
import { fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { inOrder } from "./in-order.ts";
import { newRecordKey, openRecord, sealRecord } from "./sealing.ts";
import { asVaultError, type RecordKind, type SealedStore, VaultError } from "./store.ts";
import { deleteTabKey, forgetOldTabKeys, keepTabKey } from "./tab-keys.ts";

export type TabStore =
  | { readonly state: "open"; readonly store: SealedStore }
  /** Another page holds this tab's session: this tab is a copy of that one. */
  | { readonly state: "elsewhere" };

export interface TabStoreOptions {
  /** Begin with an empty store of its own; what a copied tab brought along is removed from it. */
  readonly fresh: boolean;
}

const PREFIX = "quietroom:";
const TAB = `${PREFIX}tab`;
const LOCK = "quietroom-tab-";
/** A reloaded page's lock is given back when its document is gone; that may take a moment. */
const RELEASE_MS = 2_000;

/**
 * Once per page.
 * @throws VaultError STORE-UNAVAILABLE: go on with a memory store; a reload then loses the place
 */
export async function openTabStore({ fresh }: TabStoreOptions): Promise<TabStore> {
  try {
    if (fresh) for (const row of ownRows("")) sessionStorage.removeItem(row);
    const tab = sessionStorage.getItem(TAB) ?? crypto.randomUUID();
    sessionStorage.setItem(TAB, tab);
    if (!(await hold(tab))) return { state: "elsewhere" };
    const { held = [] } = await navigator.locks.query();
    const open = new Set(held.map(({ name = "" }) => name));
    await forgetOldTabKeys((other) => open.has(LOCK + other));
    return { state: "open", store: storeOf(tab, await keepTabKey(tab, await newRecordKey())) };
  } catch (error) {
    throw asVaultError(error);
  }
}

/** Whether this page now holds the tab's lock. It keeps it to its end. */
function hold(tab: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const signal = AbortSignal.timeout(RELEASE_MS);
  const held = navigator.locks.request(LOCK + tab, { signal }, () => {
    resolve(true);
    return new Promise<never>(() => {});
  });
  held.catch(() => resolve(false));
  return promise;
}

/** Names of this store's rows that begin with `<prefix>`, the tab's own id among them for the empty one. */
function ownRows(prefix: string): string[] {
  const names = Array.from({ length: sessionStorage.length }, (_, index) => sessionStorage.key(index) ?? "");
  return names.filter((name) => name.startsWith(PREFIX + prefix));
}

function storeOf(tab: string, first: CryptoKey): SealedStore {
  const queue = inOrder();
  let key: CryptoKey | null = first;
  const run = <T>(task: () => Promise<T>) =>
    queue(() =>
      task().catch((error: unknown) => {
        throw asVaultError(error);
      }),
    );
  const liveKey = async () => {
    key ??= await keepTabKey(tab, await newRecordKey());
    return key;
  };
  const rowOf = (kind: RecordKind, id: string) => `${PREFIX}${kind}:${id}`;
  return {
    get: (kind, id) =>
      run(async () => {
        const text = sessionStorage.getItem(rowOf(kind, id));
        if (text === null) return null;
        const sealed = fromBase64Url(text);
        if (sealed === null) throw new VaultError("RECORD-DAMAGED");
        return openRecord(await liveKey(), kind, id, sealed);
      }),
    put(kind, id, value) {
      const copy = value.slice();
      return run(async () => {
        const sealed = await sealRecord(await liveKey(), kind, id, copy);
        sessionStorage.setItem(rowOf(kind, id), toBase64Url(sealed));
        copy.fill(0);
      });
    },
    delete: (kind, id) => run(async () => sessionStorage.removeItem(rowOf(kind, id))),
    list: (kind) =>
      run(async () => {
        const prefix = rowOf(kind, "");
        return ownRows(`${kind}:`)
          .map((row) => row.slice(prefix.length))
          .sort();
      }),
    clear: () =>
      run(async () => {
        for (const row of ownRows("")) if (row !== TAB) sessionStorage.removeItem(row);
        await deleteTabKey(tab);
        key = null;
      }),
  };
}
