/** What a relay can do to a vault, and what it cannot: crypto/README.md "Vault". */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../client/transport/api.ts";
import { systemRandom } from "../../client/transport/sodium.ts";
import type { AccountVault } from "../../client/vault/account-vault.ts";
import { fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { encodeHeader, parseHeader } from "../../crypto/vault/header.ts";
import { openKeys, sealKeys } from "../../crypto/vault/keys.ts";
import { seedFromPrf } from "../../crypto/vault/slot.ts";
import { sumo } from "../crypto/support/handshake.ts";
import { credentialOf, openOn, passkey, person, refused, text, utf8 } from "./support/vault-devices.ts";
import type { Books, VaultRelay } from "./support/vault-relay.ts";

const rowsOf = ({ books }: VaultRelay) => [...books.rows.values()];
/** The next number in a relay's books. */
function next(books: Books): number {
  books.count += 1;
  return books.count;
}
const get = async (vault: AccountVault, id: string) => text(await vault.get("invite", id));

async function two() {
  const anna = person();
  const [home, work] = [anna.device(), anna.device()];
  const [a, b] = [await openOn(home), await openOn(work)];
  for (const id of ["x", "y"]) await a.put("invite", id, utf8(`first ${id}`));
  for (const vault of [a, b]) await vault.sync();
  return { anna, relay: anna.relay, home, work, a, b };
}

const BENDINGS: Readonly<Record<string, (relay: VaultRelay) => void>> = {
  "altered, a bit in each": ({ books }) => {
    for (const row of books.rows.values()) {
      const sealed = fromBase64Url(row.sealed ?? "") ?? assert.fail();
      sealed[sealed.length >> 1] = (sealed[sealed.length >> 1] ?? 0) ^ 1;
      books.rows.set(row.id, { ...row, version: next(books), sealed: toBase64Url(sealed) });
    }
  },
  "exchanged for each other": ({ books }) => {
    const [x, y] = rowsOf({ books } as VaultRelay);
    assert.ok(x && y);
    books.rows.set(x.id, { ...x, version: next(books), sealed: y.sealed });
    books.rows.set(y.id, { ...y, version: next(books), sealed: x.sealed });
  },
  "said to be deleted": ({ books }) => {
    for (const row of books.rows.values())
      books.rows.set(row.id, { ...row, version: next(books), sealed: null });
  },
  "cut to nothing": ({ books }) => {
    for (const row of books.rows.values())
      books.rows.set(row.id, { ...row, version: next(books), sealed: "AA" });
  },
  "lost, all of them": ({ books }) => {
    books.rows.clear();
    books.count = 0;
  },
};

for (const [what, bend] of Object.entries(BENDINGS)) {
  test(`rows ${what}: nothing is believed, and what was there is given again`, async () => {
    const { anna, relay, a, b } = await two();
    bend(relay);
    for (const vault of [a, b, a]) await vault.sync();
    for (const vault of [a, b]) {
      assert.deepEqual([await get(vault, "x"), await get(vault, "y")], ["first x", "first y"]);
    }
    const third = await openOn(anna.device());
    assert.equal(await get(third, "x"), "first x");
    for (const vault of [a, b, third]) vault.close();
  });
}

test("rows set back to an older copy: who has seen the newer ones keeps them, and gives them again", async () => {
  const { anna, relay, a, b } = await two();
  const older = relay.copy();
  await a.put("invite", "x", utf8("second x"));
  await a.sync();
  relay.books = older;
  await a.sync();
  await b.sync();
  for (const vault of [a, b]) assert.equal(await get(vault, "x"), "second x");
  relay.books = structuredClone(older);
  relay.books.count += 50;
  for (const row of rowsOf(relay)) relay.books.rows.set(row.id, { ...row, version: next(relay.books) });
  await b.sync();
  assert.equal(await get(b, "x"), "second x");
  assert.equal(await get(await openOn(anna.device()), "x"), "second x");
  for (const vault of [a, b]) vault.close();
});

test("a row of the relay's for what stays on a device is not taken", async () => {
  const { relay, home, a, b } = await two();
  await a.put("session", "s", utf8("here"));
  const row = [...home.disk.rows.values()].find(({ state }) => state === "local") ?? assert.fail();
  await a.put("session", "s", utf8("newer"));
  relay.books.rows.set(row.id, {
    id: row.id,
    version: next(relay.books),
    sealed: toBase64Url(row.sealed),
  });
  await a.sync();
  await b.sync();
  assert.equal(text(await a.get("session", "s")), "newer");
  assert.equal(await b.get("session", "s"), null);
  for (const vault of [a, b]) vault.close();
});

test("a header that was cut, bent or exchanged: the vault that is open stays as it is, and says so", async () => {
  const { anna, relay, a, b } = await two();
  const good = relay.books.keys;
  const bytes = fromBase64Url(good.keys ?? "") ?? assert.fail();
  const other = person();
  (await openOn(other.device())).close();
  const bent = bytes.slice();
  bent[bent.length - 1] = (bent.at(-1) ?? 0) ^ 1;
  for (const [keys, version, code] of [
    [toBase64Url(bytes.slice(0, -1)), 1, "VAULT-DAMAGED"],
    ["AA", 1, "VAULT-DAMAGED"],
    [toBase64Url(bent), 1, "VAULT-DAMAGED"],
    [other.relay.books.keys.keys, 0, "VAULT-DAMAGED"],
    // As after a start over on another device, which it may be.
    [other.relay.books.keys.keys, 1, "VAULT-REPLACED"],
    [null, 1, "VAULT-REPLACED"],
  ] as const) {
    relay.books.keys = { version: good.version + version, keys };
    await assert.rejects(a.sync(), refused(code));
    assert.equal(a.state, "open");
    await a.put("invite", "z", utf8("goes on"));
  }
  relay.books.keys = { version: good.version + 1, keys: toBase64Url(Uint8Array.of(2, ...bytes.slice(1))) };
  await assert.rejects(a.sync(), refused("VAULT-NEWER"));
  await assert.rejects(anna.device().page(), refused("VAULT-NEWER"));
  await b.lock();
  await b.unlock(passkey(1));
  relay.books.keys = good;
  for (const vault of [a, b]) await vault.sync();
  assert.equal(await get(b, "z"), "goes on");
  for (const vault of [a, b]) vault.close();
});

test("an older header is not taken back: a removed passkey stays removed where that was seen", async () => {
  const { relay, home, work, a, b } = await two();
  await a.addSlot(passkey(2));
  const older = relay.copy();
  await a.removeCredential(credentialOf(2));
  await b.sync();
  relay.books.keys = older.keys;
  for (const vault of [a, b]) await vault.sync();
  assert.deepEqual(a.slots().credentials, [credentialOf(1)]);
  for (const device of [home, work]) {
    const page = await device.page();
    await assert.rejects(page.unlock(passkey(2)), refused("SECRET-WRONG"));
    await page.unlock(passkey(1));
    page.close();
  }
  assert.notDeepEqual(relay.books.keys, older.keys, "and it is given the newer one again");
  relay.books.keys = { version: 0, keys: null };
  await a.addSlot(passkey(3));
  assert.ok((parseHeader(fromBase64Url(relay.books.keys.keys ?? "") ?? assert.fail()).revision ?? 0) > 3);
  for (const vault of [a, b]) vault.close();
});

test("who was removed, and has the relay on his side, makes no header that a device takes which saw the removal", async () => {
  const { relay, a, b } = await two();
  await a.addSlot(passkey(2));
  const stolen = parseHeader(fromBase64Url(relay.books.keys.keys ?? "") ?? assert.fail());
  await a.removeCredential(credentialOf(2));
  await b.sync();
  const slot =
    stolen.slots.find(({ name }) => name.type === "prf" && name.credential[0] === 2) ?? assert.fail();
  const seed = seedFromPrf(sumo, stolen.vault, slot.salt, new Uint8Array(32).fill(2));
  const keys = openKeys(sumo, stolen, slot, seed) ?? assert.fail();
  // Every slot's public key is in it, so the others would open it.
  const forged = sealKeys(sumo, systemRandom, { ...keys, revision: 40 });
  relay.books.keys = { version: 99, keys: toBase64Url(encodeHeader(forged)) };
  await assert.rejects(a.sync(), refused("VAULT-DAMAGED"));
  await b.lock();
  await assert.rejects(b.unlock(passkey(1)), refused("VAULT-DAMAGED"));
  for (const vault of [a, b]) vault.close();
});

test("rows without the keys that go with them wait: nothing is written over them", async () => {
  const { relay, a, b } = await two();
  const before = relay.books.keys;
  await a.addSlot(passkey(2));
  await a.removeCredential(credentialOf(2));
  await a.put("invite", "x", utf8("under the new key"));
  await a.sync();
  const hidden = relay.books.keys;
  relay.books.keys = before;
  await b.sync();
  assert.equal(await get(b, "x"), "first x");
  relay.books.keys = hidden;
  await b.sync();
  assert.equal(await get(b, "x"), "under the new key");
  for (const vault of [a, b]) vault.close();
});

test("a relay that always says that somebody was first, or that there is more, is given up", async () => {
  const { relay, a, b } = await two();
  const { storeVaultRows, vaultRows } = relay;
  relay.storeVaultRows = async ({ rows }) => ({
    results: rows.map(({ id }) => ({
      outcome: "behind" as const,
      row: relay.books.rows.get(id) ?? assert.fail(),
    })),
  });
  await a.put("invite", "x", utf8("second x"));
  await assert.rejects(a.sync(), refused("UNEXPECTED"));
  relay.storeVaultRows = async () => ({ results: [] });
  await assert.rejects(a.sync(), refused("UNEXPECTED"));
  relay.storeVaultRows = storeVaultRows;
  relay.vaultRows = async (cursor) => ({ rows: [], cursor, more: true });
  await assert.rejects(a.sync(), refused("UNEXPECTED"));
  relay.vaultRows = async () => ({ rows: [], cursor: 0, more: false });
  await a.sync();
  relay.vaultRows = vaultRows;
  for (const vault of [a, b, a]) await vault.sync();
  assert.equal(await get(b, "x"), "second x");
  for (const vault of [a, b]) vault.close();
});

test("a vault that the relay has no room for goes on here, and says so", async () => {
  const { relay, a, b } = await two();
  const { storeVaultRows } = relay;
  relay.storeVaultRows = () => Promise.reject(new ApiError("VAULT-FULL"));
  await a.put("invite", "z", utf8("kept here"));
  await assert.rejects(a.sync(), refused("VAULT-FULL"));
  assert.equal(await get(a, "z"), "kept here");
  relay.storeVaultRows = storeVaultRows;
  await a.sync();
  await b.sync();
  assert.equal(await get(b, "z"), "kept here");
  for (const vault of [a, b]) vault.close();
});

test("many rows whose keys are not there cost one question after them, not one each", async () => {
  const { anna, relay, a, b } = await two();
  const before = relay.books.keys;
  await a.addSlot(passkey(2));
  await a.removeCredential(credentialOf(2));
  for (let n = 0; n < 30; n++) await a.put("invite", `${n}`, utf8(`${n}`));
  await a.sync();
  relay.books.keys = before;
  relay.asked.length = 0;
  await b.sync();
  assert.equal(relay.asked.filter((route) => route === "vaultKeys").length, 2);
  const fresh = await openOn(anna.device());
  assert.equal(await fresh.get("invite", "7"), null);
  for (const vault of [a, b, fresh]) vault.close();
});
