/**
 * Starting over: the vault is removed at the relay and here. Devices that have the one before find out, give nothing of
 * it back, and are fooled by no relay that only says so.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  credentialOf,
  openOn,
  passkey,
  person,
  refused,
  share,
  text,
  utf8,
} from "./support/vault-devices.ts";

const PASSPHRASE = { type: "passphrase", text: "plum otter candle river moss" } as const;

/** Two devices with one vault and one record in it, and what the second one's page is. */
async function twoDevices() {
  const anna = person();
  const [one, two] = [anna.device(), anna.device()];
  const first = await openOn(one);
  await first.put("invite", "a", utf8("a"));
  await first.sync();
  return { anna, one, two, first, second: await openOn(two) };
}

test("nothing of the vault is left, here or at the relay, and the next one begins empty", async () => {
  const { anna, one, first } = await twoDevices();
  await first.remember(share(1));
  await first.lock();
  const page = await one.page();
  await page.startOver();
  assert.equal(page.state, "none");
  assert.deepEqual(page.slots(), { passphrase: false, recovery: false, credentials: [] });
  assert.equal(one.disk.rows.size, 0);
  assert.deepEqual([...one.disk.facts.keys()], []);
  assert.deepEqual([anna.relay.books.keys.keys, anna.relay.books.rows.size], [null, 0]);
  await page.create(passkey(2));
  assert.deepEqual(await page.list("invite"), []);
  await page.put("invite", "b", utf8("b"));
  await page.sync();
  const other = await openOn(anna.device(), passkey(2));
  assert.equal(text(await other.get("invite", "b")), "b");
  await assert.rejects((await anna.device().page()).unlock(passkey(1)), refused("SECRET-WRONG"));
});

test("a fresh device makes the next vault though it never saw the one before", async () => {
  const { anna, first } = await twoDevices();
  await first.startOver();
  const fresh = await anna.device().page();
  assert.equal(fresh.state, "none");
  await fresh.create(passkey(2));
  assert.ok(anna.relay.books.keys.version > 1);
});

test("an open vault of before gives nothing back, and stays as it is on its device", async () => {
  for (const made of [false, true]) {
    const { anna, first, second } = await twoDevices();
    await first.startOver();
    if (made) await first.create(passkey(2));
    const books = anna.relay.copy();
    await second.put("invite", "late", utf8("late"));
    await assert.rejects(second.sync(), refused("VAULT-REPLACED"));
    await assert.rejects(second.addSlot(PASSPHRASE), refused("VAULT-REPLACED"));
    assert.deepEqual(anna.relay.books, books);
    assert.equal(text(await second.get("invite", "late")), "late");
    assert.equal(await second.replaced(), true);
    assert.equal(await first.replaced(), false);
    second.close();
  }
});

test("unlocked once more it gives nothing back either", async () => {
  const { anna, two, first, second } = await twoDevices();
  await second.lock();
  await first.startOver();
  await first.create(passkey(2));
  const books = anna.relay.copy();
  for (const _ of ["once", "again"]) {
    const page = await two.page();
    await page.unlock(passkey(1));
    await assert.rejects(page.sync(), refused("VAULT-REPLACED"));
    assert.equal(await page.replaced(), true, "it does not forget what came later");
    page.close();
  }
  assert.deepEqual(anna.relay.books, books);
});

test("after an answer that was lost it is asked for again; after a crash the device finds out", async () => {
  const { anna, one, first } = await twoDevices();
  await first.lock();
  const page = await one.page();
  anna.relay.afterwards = (route) => {
    if (route === "forgetVault") throw new Error("lost");
  };
  await assert.rejects(page.startOver());
  anna.relay.afterwards = () => {};
  const later = await one.page();
  assert.equal(later.state, "locked");
  assert.equal(await later.replaced(), true);
  await page.startOver();
  assert.equal(page.state, "none");

  const { one: disk, first: open } = await twoDevices();
  disk.disk.beforeWrite = () => {
    disk.disk.broken = true;
  };
  await assert.rejects(open.startOver(), refused("STORE-UNAVAILABLE"));
  disk.disk.beforeWrite = () => {};
  disk.disk.broken = false;
  const back = await disk.page();
  assert.equal(await back.replaced(), true);
  await back.takeOver();
  assert.equal(back.state, "none");
  await back.create(passkey(2));
});

test("a relay that was set back to the vault of before is no start over, and is given the one of now", async () => {
  const { anna, one, first, second } = await twoDevices();
  second.close();
  const before = anna.relay.copy();
  await first.startOver();
  await first.create(passkey(2));
  await first.put("invite", "b", utf8("b"));
  await first.sync();
  await first.lock();
  anna.relay.books = before;
  const page = await one.page();
  assert.equal(await page.replaced(), false);
  await page.unlock(passkey(2));
  await new Promise(setImmediate);
  while (anna.relay.asked.at(-1) !== "storeVaultKeys") await new Promise(setImmediate);
  await page.sync();
  const other = await openOn(anna.device(), passkey(2));
  assert.equal(text(await other.get("invite", "b")), "b");
  assert.deepEqual(other.slots().credentials, [credentialOf(2)]);
});

test("a relay that lost everything is no start over: it is given all of it again", async () => {
  const { anna, first, second } = await twoDevices();
  await second.lock();
  anna.relay.books = { keys: { version: 0, keys: null }, rows: new Map(), count: 0 };
  assert.equal(await first.replaced(), false);
  await first.sync();
  assert.equal(anna.relay.books.rows.size, 1);
});

test("a relay that only says so changes nothing on a device, which opens as before", async () => {
  const { anna, two, second } = await twoDevices();
  await second.lock();
  const honest = anna.relay.copy();
  anna.relay.books = { ...honest, keys: { version: 1_000_000, keys: null } };
  const page = await two.page();
  assert.equal(await page.replaced(), true);
  await page.unlock(passkey(1));
  assert.equal(text(await page.get("invite", "a")), "a");
  anna.relay.books = honest;
  await page.sync();
  assert.equal(await page.replaced(), false);
  page.close();
});
