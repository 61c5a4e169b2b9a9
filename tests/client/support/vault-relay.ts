/** The relay's part of a vault, as relay/wire/vault.ts says it, with doors for a hostile one. */
import { ApiError } from "../../../client/transport/api.ts";
import type { VaultApi } from "../../../client/vault/vault-api.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_ROWS, type VaultRow } from "../../../relay/wire/vault.ts";

export interface VaultRelay extends VaultApi {
  /** Its books. */
  books: Books;
  offline: boolean;
  /** Called after a request took effect: what it throws is what the client hears. */
  afterwards: (route: keyof VaultApi) => void;
  /** Requests that came through. */
  readonly asked: (keyof VaultApi)[];
  /** A copy to be put back later. */
  copy(): Books;
}

export interface Books {
  keys: { version: number; keys: string | null };
  rows: Map<string, VaultRow>;
  count: number;
}

export function vaultRelay(): VaultRelay {
  const asked: (keyof VaultApi)[] = [];
  const answered = async <T>(route: keyof VaultApi, work: () => T): Promise<T> => {
    await Promise.resolve();
    if (relay.offline) throw new ApiError("OFFLINE");
    asked.push(route);
    const answer = work();
    relay.afterwards(route);
    return answer;
  };
  const relay: VaultRelay = {
    books: { keys: { version: 0, keys: null }, rows: new Map(), count: 0 },
    offline: false,
    afterwards: () => {},
    asked,
    copy: () => structuredClone(relay.books),
    vaultKeys: () => answered("vaultKeys", () => ({ ...relay.books.keys })),
    storeVaultKeys: ({ base, keys }) =>
      answered("storeVaultKeys", () => {
        if (relay.books.keys.version !== base) throw new ApiError("VAULT-CONFLICT");
        relay.books.keys = { version: base + 1, keys };
        return { version: base + 1 };
      }),
    vaultRows: (cursor) =>
      answered("vaultRows", () => {
        const { rows, count } = relay.books;
        const after = cursor > count ? 0 : cursor;
        const changed = [...rows.values()].filter(({ version }) => version > after);
        changed.sort((a, b) => a.version - b.version);
        const page = firstOf(changed);
        const more = page.length < changed.length;
        return { rows: page, cursor: more ? (page.at(-1)?.version ?? after) : count, more };
      }),
    forgetVault: () =>
      answered("forgetVault", () => {
        const { books } = relay;
        if (books.keys.keys !== null) books.keys = { version: books.keys.version + 1, keys: null };
        books.rows.clear();
      }),
    storeVaultRows: ({ rows }) =>
      answered("storeVaultRows", () => ({
        results: rows.map(({ id, base, sealed }) => {
          const { books } = relay;
          const there = books.rows.get(id);
          if (there && there.version !== base) return { outcome: "behind" as const, row: there };
          books.count += 1;
          books.rows.set(id, { id, version: books.count, sealed });
          return { outcome: "stored" as const, id, version: books.count };
        }),
      })),
  };
  return relay;
}

function firstOf(rows: readonly VaultRow[]): VaultRow[] {
  let bytes = 0;
  const most = rows.findIndex((row, index) => {
    bytes += (row.sealed?.length ?? 0) * 0.75;
    return index >= MAX_BATCH_ROWS || (index > 0 && bytes > MAX_BATCH_BYTES);
  });
  return most < 0 ? [...rows] : rows.slice(0, most);
}
