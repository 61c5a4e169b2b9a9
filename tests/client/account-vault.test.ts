/** A person's vault on several devices, with a relay that behaves. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { AccountVault } from "../../client/vault/account-vault.ts";
import type { SodiumSumo } from "../../crypto/sodium.ts";
import { sealedLength } from "../../crypto/vault/row.ts";
import { type StoreBench, sealedStoreCases } from "../contract/sealed-store.ts";
import { sumo } from "../crypto/support/handshake.ts";
import {
  credentialOf,
  type Device,
  endWaits,
  openOn,
  passkey,
  person,
  refused,
  share,
  text,
  utf8,
} from "./support/vault-devices.ts";
import { vaultRelay } from "./support/vault-relay.ts";

suite("sealed store: an account's vault", () => {
  /** It keeps its keys: see "cleared" below. */
  const others = sealedStoreCases.filter(({ name }) => !name.startsWith("clearing"));
  assert.equal(others.length, sealedStoreCases.length - 1);
  for (const { name, run } of others) {
    test(name, async () => {
      const device = person().device();
      const store = await openOn(device);
      await run({ ...benchOf(device, store), sealed64: sealedLength("session", "a", 64) });
      store.close();
    });
  }

  function benchOf({ disk, page }: Device, store: AccountVault): StoreBench {
    // Row ids tell nothing, so it is found out which row a record has: the one that a write changes.
    const rowOf = async (kind: Parameters<StoreBench["raw"]>[0], id: string) => {
      const before = new Map([...disk.rows].map(([row, { edit }]) => [row, edit]));
      const value = await store.get(kind, id).catch(() => null);
      const kept = structuredClone([...disk.rows]);
      await store.put(kind, id, value ?? new Uint8Array(0));
      const [row] = [...disk.rows].find(([row, { edit }]) => before.get(row) !== edit) ?? assert.fail();
      disk.rows.clear();
      for (const [key, stored] of kept) disk.rows.set(key, stored);
      return disk.rows.get(row) ?? assert.fail();
    };
    return {
      store,
      async reopen() {
        const vault = await page();
        await vault.unlock(passkey(1));
        return vault;
      },
      raw: async (kind, id) => (await rowOf(kind, id)).sealed,
      async overwrite(kind, id, sealed) {
        const row = await rowOf(kind, id);
        disk.rows.set(row.id, { ...row, sealed });
      },
    };
  }
});

test("made here, it opens here and elsewhere, with each of its ways in and no other", async () => {
  const anna = person();
  const [home, work] = [anna.device(), anna.device()];
  const vault = await home.page();
  assert.equal(vault.state, "none");
  const code = await vault.create(passkey(1));
  assert.equal(vault.state, "open");
  await vault.put("profile", "this", utf8("Ada"));
  await vault.sync();
  const other = await work.page();
  assert.equal(other.state, "locked");
  assert.deepEqual(other.slots(), { passphrase: false, recovery: true, credentials: [credentialOf(1)] });
  await assert.rejects(other.get("profile", "this"), refused("VAULT-LOCKED"));
  await assert.rejects(other.unlock(passkey(2)), refused("SECRET-WRONG"));
  await assert.rejects(other.unlock(passkey(2, 1)), refused("SECRET-WRONG"));
  await assert.rejects(other.unlock({ type: "passphrase", text: "x" }), refused("SECRET-WRONG"));
  const typo = code.replace(/^./, (first) => (first === "0" ? "1" : "0"));
  await assert.rejects(other.unlock({ type: "recovery", code: typo }), refused("RECOVERY-MISTYPED"));
  await other.unlock({ type: "recovery", code: code.toLowerCase().replaceAll("-", " ") });
  assert.equal(text(await other.get("profile", "this")), "Ada");
  await other.lock();
  await other.unlock(passkey(1));
  assert.equal(text(await other.get("profile", "this")), "Ada");
  for (const open of [vault, other]) open.close();
});

test("a second vault for one account is not made: whoever is late unlocks the first", async () => {
  const anna = person();
  const [one, two] = await Promise.all([anna.device().page(), anna.device().page()]);
  await one.create(passkey(1));
  await assert.rejects(two.create(passkey(1)), refused("VAULT-CONFLICT"));
  assert.equal(two.state, "locked");
  await two.unlock(passkey(1));
  for (const open of [one, two]) open.close();
});

test("a passphrase opens it, in whatever form it was typed; a new one takes its place", async () => {
  const anna = person();
  const vault = await openOn(anna.device());
  await vault.addSlot({ type: "passphrase", text: "ﬁve blue ﬁsh" });
  assert.equal(vault.slots().passphrase, true);
  const other = await anna.device().page();
  await other.unlock({ type: "passphrase", text: "five blue fish" });
  await vault.addSlot({ type: "passphrase", text: "six green fish" });
  await other.lock();
  await assert.rejects(other.unlock({ type: "passphrase", text: "five blue fish" }), refused("SECRET-WRONG"));
  await assert.rejects(other.unlock({ type: "passphrase", text: "" }), refused("SECRET-WRONG"));
  await other.unlock({ type: "passphrase", text: "six green fish" });
  for (const open of [vault, other]) open.close();
});

test("a removed passkey opens nothing any more; the others stay open, and everything is sealed anew", async () => {
  const anna = person();
  const [home, work] = [anna.device(), anna.device()];
  const mine = await openOn(home, passkey(1));
  await mine.put("invite", "a", utf8("before"));
  await mine.addSlot(passkey(2));
  await mine.addSlot(passkey(3));
  const lost = await openOn(work, passkey(2));
  const third = await openOn(anna.device(), passkey(3));
  let shut = 0;
  lost.onLock(() => {
    shut += 1;
  });
  await mine.removeCredential(credentialOf(2));
  assert.deepEqual(mine.slots().credentials, [credentialOf(1), credentialOf(3)]);
  await mine.put("invite", "b", utf8("after"));
  await mine.sync();
  assert.deepEqual(new Set([...home.disk.rows.values()].map(({ key }) => key)), new Set([2]));
  await assert.rejects(lost.sync(), refused("VAULT-LOCKED"));
  assert.deepEqual([lost.state, shut], ["locked", 1]);
  await assert.rejects(lost.unlock(passkey(2)), refused("SECRET-WRONG"));
  await third.sync();
  assert.equal(text(await third.get("invite", "b")), "after");
  assert.equal(text(await third.get("invite", "a")), "before");
  await mine.removeCredential(credentialOf(9));
  assert.deepEqual(new Set([...home.disk.rows.values()].map(({ key }) => key)), new Set([2]));
  for (const open of [mine, lost, third]) open.close();
});

test("who removes the passkey that she came in with is locked out herself", async () => {
  const vault = await openOn(person().device());
  await vault.addSlot(passkey(2));
  await vault.removeCredential(credentialOf(1));
  assert.equal(vault.state, "locked");
  await vault.unlock(passkey(2));
  vault.close();
});

test("a new recovery code takes the place of the old one", async () => {
  const anna = person();
  const vault = await anna.device().page();
  const old = await vault.create(passkey(1));
  const code = await vault.renewRecoveryCode();
  const other = await anna.device().page();
  await assert.rejects(other.unlock({ type: "recovery", code: old }), refused("SECRET-WRONG"));
  await other.unlock({ type: "recovery", code });
  for (const open of [vault, other]) open.close();
});

test("more ways in than fit are refused, and nothing changes", async () => {
  const vault = await openOn(person().device());
  for (let number = 2; number <= 15; number++) await vault.addSlot(passkey(number));
  await assert.rejects(vault.addSlot(passkey(16)), refused("VAULT-FULL"));
  assert.equal(vault.slots().credentials.length, 15);
  await vault.put("profile", "this", utf8("Ada"));
  vault.close();
});

test("a reload is resumed under the share of the sign-in, and under no other, and not after a lock", async () => {
  const anna = person();
  const device = anna.device();
  const vault = await openOn(device);
  await vault.put("profile", "this", utf8("Ada"));
  assert.equal(await (await device.page()).resume(share(1)), false);
  await assert.rejects(vault.remember("AAAA"), refused("SECRET-WRONG"));
  await vault.remember(share(1));
  anna.relay.offline = true;
  const reloaded = await device.page();
  assert.equal(await reloaded.resume(share(1)), true);
  assert.equal(text(await reloaded.get("profile", "this")), "Ada");
  await reloaded.lock();
  assert.equal(await (await device.page()).resume(share(1)), false);
  anna.relay.offline = false;
  await reloaded.unlock(passkey(1));
  await reloaded.remember(share(1));
  assert.equal(await (await device.page()).resume(share(2)), false);
  assert.equal(await (await device.page()).resume(share(1)), false, "a wrong share leaves nothing to try");
  for (const open of [vault, reloaded]) open.close();
});

test("without the relay it opens and works where it was open before, and nowhere else; later all is given", async () => {
  const anna = person();
  const [home, work] = [anna.device(), anna.device()];
  const vault = await openOn(home);
  anna.relay.offline = true;
  await vault.lock();
  await vault.unlock(passkey(1));
  await vault.put("invite", "a", utf8("offline"));
  await assert.rejects(vault.sync(), refused("OFFLINE"));
  await assert.rejects(work.page(), refused("OFFLINE"));
  anna.relay.offline = false;
  const other = await work.page();
  anna.relay.offline = true;
  await assert.rejects(other.unlock(passkey(1)), refused("OFFLINE"), "it has not one row yet");
  assert.equal(other.state, "locked");
  anna.relay.offline = false;
  await vault.sync();
  await other.unlock(passkey(1));
  assert.equal(text(await other.get("invite", "a")), "offline");
  for (const open of [vault, other]) open.close();
});

test("what could not be given to the relay is given when it is back, without a further write", async () => {
  const anna = person();
  const device = anna.device();
  const vault = await openOn(device);
  await vault.sync();
  anna.relay.offline = true;
  await vault.put("invite", "a", utf8("offline"));
  // The sync after the write, and two more. One that is asked for comes after them.
  for (const _ of [1, 2, 3]) {
    assert.equal(device.waits.size, 1);
    endWaits(device);
    await assert.rejects(vault.sync(), refused("OFFLINE"));
  }
  assert.equal(anna.relay.books.rows.size, 0);
  anna.relay.offline = false;
  endWaits(device);
  // This comes after it.
  await vault.remember(share(1));
  assert.equal(anna.relay.books.rows.size, 1);
  assert.equal(device.waits.size, 0, "nothing is left to be carried");
  anna.relay.offline = true;
  await vault.put("invite", "b", utf8("offline"));
  endWaits(device);
  await assert.rejects(vault.sync(), refused("OFFLINE"));
  assert.equal(device.waits.size, 1);
  await vault.lock();
  assert.equal(device.waits.size, 0, "nothing is carried for somebody who has locked it");
  vault.close();
});

test("the relay is given sealed rows of the kinds that go there, all alike, and nothing of what they say", async () => {
  const anna = person();
  const device = anna.device();
  const vault = await openOn(device);
  await vault.put("invite", "room-one", utf8("Maria, tuesdays"));
  await vault.put("profile", "this", utf8("Ada"));
  await vault.put("session", "secret-session", utf8("keys"));
  await vault.sync();
  assert.equal(anna.relay.books.rows.size, 2);
  assert.equal(new Set([...anna.relay.books.rows.values()].map(({ sealed }) => sealed?.length)).size, 1);
  const everything = Buffer.from(
    [...anna.relay.books.rows.values()].map(({ id, sealed }) => id + sealed).join("") +
      anna.relay.books.keys.keys,
    "base64url",
  ).toString("latin1");
  const here = JSON.stringify(
    [...device.disk.rows.values()].map((row) => ({ ...row, name: show(row.name), sealed: show(row.sealed) })),
  );
  for (const word of ["room-one", "Maria", "invite", "profile", "Ada", "session", "keys"]) {
    assert.ok(!everything.includes(word), word);
    assert.ok(!here.includes(word), word);
  }
  vault.close();
});
const show = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

test("values that no row can hold are refused where they would have to be shared", async () => {
  const vault = await openOn(person().device());
  await assert.rejects(vault.put("invite", "a", new Uint8Array(16_384)), refused("VAULT-FULL"));
  await vault.put("invite", "a", new Uint8Array(15_000));
  await vault.put("session", "a", new Uint8Array(500_000));
  await vault.sync();
  assert.equal((await vault.get("invite", "a"))?.length, 15_000);
  vault.close();
});

test("of two writes the later wins, a deletion as well, and both devices hear of it", async () => {
  const anna = person();
  const [home, work] = [anna.device(), anna.device()];
  const [a, b] = [await openOn(home), await openOn(work)];
  const heard: string[] = [];
  a.onChange((kind, id) => heard.push(`${kind} ${id}`));
  home.time += 1_000;
  await a.put("invite", "x", utf8("from a"));
  work.time += 2_000;
  await b.put("invite", "x", utf8("from b"));
  await b.sync();
  await a.sync();
  assert.deepEqual([text(await a.get("invite", "x")), heard], ["from b", ["invite x"]]);
  await a.delete("invite", "x");
  work.time -= 1_000;
  await a.sync();
  await b.sync();
  assert.equal(await b.get("invite", "x"), null);
  assert.deepEqual(await b.list("invite"), []);
  work.time += 10_000;
  await b.put("invite", "x", utf8("again"));
  await b.sync();
  await a.sync();
  assert.equal(text(await a.get("invite", "x")), "again");
  for (const open of [a, b]) open.close();
});

test("a clock that lies does not make a device's writes the last for ever", async () => {
  const anna = person();
  const [home, work] = [anna.device(), anna.device()];
  home.time = 4_000_000_000_000;
  const [a, b] = [await openOn(home), await openOn(work)];
  await a.put("profile", "this", utf8("from the future"));
  await a.sync();
  await b.sync();
  await b.put("profile", "this", utf8("now"));
  await b.sync();
  await a.sync();
  assert.equal(text(await a.get("profile", "this")), "now");
  for (const open of [a, b]) open.close();
});

test("what has to be joined is joined, on both devices alike", async () => {
  const joined = (a: Uint8Array, b: Uint8Array) =>
    utf8([...new Set([...(text(a) ?? ""), ...(text(b) ?? "")])].sort().join(""));
  const anna = person({ strikes: joined });
  const [a, b] = [await openOn(anna.device()), await openOn(anna.device())];
  await a.put("strikes", "r", utf8("ab"));
  await b.put("strikes", "r", utf8("bc"));
  for (const vault of [a, b, a]) await vault.sync();
  for (const vault of [a, b]) assert.equal(text(await vault.get("strikes", "r")), "abc");
  for (const open of [a, b]) open.close();
});

test("two tabs: what one writes, the other hears and has; when one locks, both are", async () => {
  const anna = person();
  const device = anna.device();
  const [one, two] = [await openOn(device), await openOn(device)];
  const heard = new Promise<string>((resolve) => two.onChange((kind, id) => resolve(`${kind} ${id}`)));
  await one.put("invite", "x", utf8("1"));
  assert.equal(await heard, "invite x");
  assert.equal(text(await two.get("invite", "x")), "1");
  await one.addSlot(passkey(2));
  await one.removeCredential(credentialOf(2));
  await one.put("invite", "y", utf8("under the new key"));
  assert.equal(text(await two.get("invite", "y")), "under the new key");
  await Promise.all(
    Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).put("invite", "z", utf8(`${n}`))),
  );
  assert.equal(text(await one.get("invite", "z")), text(await two.get("invite", "z")));
  const locked = new Promise<void>((resolve) => two.onLock(resolve));
  await one.lock();
  await locked;
  assert.equal(two.state, "locked");
  for (const open of [one, two]) open.close();
});

test("two tabs that sync at once do not get into each other's way", async () => {
  const anna = person();
  const device = anna.device();
  const [one, two] = [await openOn(device), await openOn(device)];
  for (let n = 0; n < 100; n++) await one.put("invite", `${n}`, utf8(`${n}`));
  await Promise.all([one.sync(), two.sync(), one.sync(), two.put("invite", "7", utf8("seven")), two.sync()]);
  await two.sync();
  assert.equal(anna.relay.books.rows.size, 100);
  const other = await openOn(anna.device());
  assert.equal((await other.list("invite")).length, 100);
  assert.equal(text(await other.get("invite", "7")), "seven");
  for (const open of [one, two, other]) open.close();
});

test("cleared, it has no records here or elsewhere, and goes on", async () => {
  const anna = person();
  const [a, b] = [await openOn(anna.device()), await openOn(anna.device())];
  await a.put("invite", "x", utf8("1"));
  await a.put("session", "s", utf8("2"));
  await a.sync();
  await b.sync();
  await a.clear();
  await a.put("invite", "y", utf8("3"));
  await a.sync();
  await b.sync();
  for (const vault of [a, b]) assert.deepEqual(await vault.list("invite"), ["y"]);
  assert.deepEqual(await a.list("session"), []);
  for (const open of [a, b]) open.close();
});

test("forgotten, nothing of it is on the device, and the relay's copy brings it back", async () => {
  const anna = person();
  const device = anna.device();
  const vault = await openOn(device);
  await vault.put("profile", "this", utf8("Ada"));
  await vault.sync();
  await vault.forget();
  assert.deepEqual([device.disk.rows.size, device.disk.facts.size], [0, 0]);
  const again = await openOn(device);
  assert.equal(text(await again.get("profile", "this")), "Ada");
  again.close();
});

test("what is written while it is being given is given again", async () => {
  const anna = person();
  const [a, b] = [await openOn(anna.device()), await openOn(anna.device())];
  await a.put("invite", "x", utf8("1"));
  const { storeVaultRows } = anna.relay;
  anna.relay.storeVaultRows = async (rows) => {
    const answer = await storeVaultRows(rows);
    anna.relay.storeVaultRows = storeVaultRows;
    await a.put("invite", "x", utf8("2"));
    return answer;
  };
  await a.sync();
  await b.sync();
  assert.equal(text(await b.get("invite", "x")), "2");
  for (const open of [a, b]) open.close();
});

test("every key that was held in memory is overwritten by a lock", async () => {
  const held = new Set<Uint8Array>();
  const watched: SodiumSumo = {
    ...sumo,
    crypto_kem_xwing_seed_keypair(seed) {
      const pair = sumo.crypto_kem_xwing_seed_keypair(seed);
      for (const secret of [seed, pair.privateKey]) held.add(secret);
      return pair;
    },
    crypto_generichash(length, message, key) {
      if (key !== null) held.add(key);
      return sumo.crypto_generichash(length, message, key);
    },
    crypto_aead_chacha20poly1305_ietf_decrypt(...parts) {
      const opened = sumo.crypto_aead_chacha20poly1305_ietf_decrypt(...parts);
      held.add(opened);
      return opened;
    },
  };
  const secret = passkey(1);
  const anna = person({}, vaultRelay(), watched);
  const vault = await openOn(anna.device(), secret);
  await vault.put("invite", "x", utf8("1"));
  await vault.addSlot({ type: "passphrase", text: "five blue fish" });
  const code = await vault.renewRecoveryCode();
  await vault.remember(share(1));
  await vault.sync();
  await vault.lock();
  await assert.rejects(vault.unlock({ type: "recovery", code: await other(code) }), refused("SECRET-WRONG"));
  await vault.unlock({ type: "recovery", code });
  await vault.get("invite", "x");
  await vault.lock();
  assert.ok(held.size > 20);
  const output = secret.type === "prf" ? secret.output : null;
  const left = [...held].filter((bytes) => bytes !== output && bytes.some((byte) => byte !== 0));
  assert.deepEqual(left, []);
  vault.close();
});

/** A right code that is somebody else's. */
async function other(code: string): Promise<string> {
  const made = await (await person().device().page()).create(passkey(1));
  assert.notEqual(made, code);
  return made;
}
