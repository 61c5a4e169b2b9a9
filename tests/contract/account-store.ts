/** Holds an adapter to relay/accounts/store.ts. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { AccountStore, Login } from "../../relay/accounts/store.ts";

/** An empty store of its own for each call. `reopen` gives the same data to a new adapter, as a restart does. */
export type OpenAccountStore = (t: TestContext) => { store: AccountStore; reopen: () => AccountStore };

export function accountStoreContract(adapter: string, open: OpenAccountStore): void {
  suite(`account store: ${adapter}`, () => {
    test("there is one practitioner, whoever asks first", async (t) => {
      const { store, reopen } = open(t);
      const ids = await Promise.all([store.practitioner("a", 1), store.practitioner("b", 1)]);
      assert.equal(ids[0], ids[1]);
      assert.equal(await reopen().practitioner("c", 2), ids[0]);
    });

    test("a login is found by its cookie's hash until it expires", async (t) => {
      const { store, reopen } = open(t);
      const login = await addLogin(store, 1);
      assert.deepEqual(await store.findLogin(login.cookieHash, login.expires - 1), login);
      assert.equal(await store.findLogin(login.cookieHash, login.expires), null);
      assert.equal(await store.findLogin(hash(2), 0), null);
      assert.deepEqual(await reopen().findLogin(login.cookieHash, 0), login);
    });

    test("a removed login is gone, and only that one", async (t) => {
      const { store, reopen } = open(t);
      const first = await addLogin(store, 1);
      const second = await addLogin(store, 2);
      await store.removeLogin(first.cookieHash);
      await store.removeLogin(first.cookieHash);
      assert.equal(await reopen().findLogin(first.cookieHash, 0), null);
      assert.deepEqual(await store.findLogin(second.cookieHash, 0), second);
    });

    test("pruning removes what has expired and nothing else", async (t) => {
      const { store } = open(t);
      const early = await addLogin(store, 1, 1_000);
      const late = await addLogin(store, 2, 1_001);
      await store.pruneLogins(1_000);
      assert.equal(await store.findLogin(early.cookieHash, 0), null);
      assert.deepEqual(await store.findLogin(late.cookieHash, 0), late);
    });
  });
}

function hash(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

async function addLogin(store: AccountStore, byte: number, expires = 5_000): Promise<Login> {
  const account = await store.practitioner("the-practitioner", 0);
  const login = { id: `login-${byte}`, account, cookieHash: hash(byte), expires };
  await store.addLogin(login);
  return login;
}
