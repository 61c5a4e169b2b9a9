/** What a page has kept on its device, in every place where a page can keep something. */
import type { Page } from "puppeteer-core";
import { parseHeader, type VaultHeader } from "../../crypto/vault/header.ts";

/** All of it, one thing after another: text as it is, bytes as bytes. */
export async function everythingStored(page: Page): Promise<Buffer> {
  return Buffer.from(await page.evaluate(readEverything), "latin1");
}

/** The vault's keys as they lie on this device, each sealed. */
export async function storedHeader(page: Page): Promise<VaultHeader> {
  return parseHeader(Buffer.from(await page.evaluate(readHeader), "latin1"));
}

/** Runs in the page. */
async function readEverything(): Promise<string> {
  const dump = (value: unknown): string => {
    if (value instanceof CryptoKey) return `CryptoKey extractable=${value.extractable}`;
    if (value instanceof ArrayBuffer) return dump(new Uint8Array(value));
    if (ArrayBuffer.isView(value))
      return Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), (byte) =>
        String.fromCharCode(byte),
      ).join("");
    if (typeof value !== "object" || value === null) return String(value);
    return Object.entries(value)
      .map(([key, inner]) => `${key}: ${dump(inner)}`)
      .join("\n");
  };
  const answer = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const parts = [dump({ ...localStorage }), dump({ ...sessionStorage }), document.cookie, location.href];
  parts.push(dump(history.state), window.name, dump(await caches.keys()));
  for await (const name of (await navigator.storage.getDirectory()).keys()) parts.push(name);
  for (const { name = "" } of await indexedDB.databases()) {
    const database = await answer(indexedDB.open(name));
    for (const table of database.objectStoreNames) {
      const store = database.transaction(table).objectStore(table);
      const [keys, rows] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll())]);
      parts.push(name, table, dump(keys), ...rows.map(dump));
    }
    database.close();
  }
  return parts.join("\n");
}

/** Runs in the page. */
async function readHeader(): Promise<string> {
  const { name = "" } =
    (await indexedDB.databases()).find((each) => each.name?.startsWith("quietroom-account-")) ?? {};
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const { value } = await new Promise<{ value: { bytes: Uint8Array } }>((resolve, reject) => {
    const request = database.transaction("facts").objectStore("facts").get("header");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  database.close();
  return String.fromCharCode(...value.bytes);
}
