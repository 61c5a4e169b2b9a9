/** From a sign-in to an open vault: the way that each combination of authenticator and vault leads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  choosePassphrase,
  dropLostPasskeys,
  enterVault,
  type PrfSecret,
  startOver,
  takeOver,
  unlockVault,
} from "../../client/identity/vault-door.ts";
import { credentialOf, openOn, person, refused, text, utf8 } from "./support/vault-devices.ts";

const prf = (number: number): PrfSecret => ({
  type: "prf",
  credential: credentialOf(number),
  output: new Uint8Array(32).fill(number),
});
const WORDS = "correct horse battery staple";

test("the first sign-in with PRF makes the vault, and gives the code that is printed", async () => {
  const device = person().device();
  const vault = await device.page();
  const door = await enterVault(vault, prf(1));
  assert.ok(door.state === "open" && door.code !== null);
  assert.equal(vault.state, "open");
  const again = await device.page();
  assert.deepEqual(await enterVault(again, prf(1)), { state: "open", code: null });
  const recovered = await device.page();
  assert.deepEqual(await unlockVault(recovered, { type: "recovery", code: door.code }, prf(1)), {
    state: "open",
    code: null,
  });
});

test("without PRF a passphrase is chosen, and asked for from then on", async () => {
  const device = person().device();
  const vault = await device.page();
  assert.deepEqual(await enterVault(vault, null), { state: "choose-passphrase" });
  const door = await choosePassphrase(vault, WORDS);
  assert.ok(door.state === "open" && door.code !== null);
  const again = await device.page();
  assert.deepEqual(await enterVault(again, null), { state: "unlock", passphrase: true });
  await assert.rejects(
    unlockVault(again, { type: "passphrase", text: "something else" }, null),
    refused("SECRET-WRONG"),
  );
  assert.deepEqual(await unlockVault(again, { type: "passphrase", text: WORDS }, null), {
    state: "open",
    code: null,
  });
});

test("another device's passkey opens nothing at first, and everything after an unlock by other means", async () => {
  const device = person().device();
  const vault = await openOn(device, prf(1));
  await choosePassphrase(vault, WORDS);
  await vault.lock();
  const page = await device.page();
  assert.deepEqual(await enterVault(page, prf(2)), { state: "unlock", passphrase: true });
  await unlockVault(page, { type: "passphrase", text: WORDS }, prf(2));
  await page.lock();
  assert.deepEqual(await enterVault(await device.page(), prf(2)), { state: "open", code: null });
});

test("a passkey of the same name that opens nothing is replaced by an unlock, not trusted", async () => {
  const device = person().device();
  const first = await device.page();
  const door = await enterVault(first, prf(1));
  assert.ok(door.state === "open" && door.code !== null);
  await first.lock();
  const changed: PrfSecret = { ...prf(9), credential: credentialOf(1) };
  const page = await device.page();
  assert.deepEqual(await enterVault(page, changed), { state: "unlock", passphrase: false });
  await unlockVault(page, { type: "recovery", code: door.code }, changed);
  await page.lock();
  assert.deepEqual(await enterVault(await device.page(), changed), { state: "open", code: null });
});

test("who came in with the printed code alone, without PRF, chooses a passphrase for the next time", async () => {
  const device = person().device();
  const first = await device.page();
  const made = await enterVault(first, prf(1));
  assert.ok(made.state === "open" && made.code !== null);
  await first.lock();
  const page = await device.page();
  assert.deepEqual(await unlockVault(page, { type: "recovery", code: made.code }, null), {
    state: "choose-passphrase",
  });
  assert.deepEqual(await choosePassphrase(page, WORDS), { state: "open", code: null }, "no other code");
  await page.lock();
  const next = await device.page();
  assert.deepEqual(await unlockVault(next, { type: "passphrase", text: WORDS }, null), {
    state: "open",
    code: null,
  });
});

test("two devices at once: the second one's passkey opens what the first one made", async () => {
  const anna = person();
  const [one, two] = [await anna.device().page(), await anna.device().page()];
  const first = await enterVault(one, prf(1));
  assert.ok(first.state === "open" && first.code !== null);
  assert.deepEqual(await enterVault(two, prf(1)), { state: "open", code: null });
  const [three, four] = [await person(undefined, anna.relay).device().page(), two];
  await four.lock();
  assert.deepEqual(await enterVault(three, prf(2)), { state: "unlock", passphrase: false });
});

test("passkeys that the relay does not know any more open nothing", async () => {
  const anna = person();
  const vault = await openOn(anna.device(), prf(1));
  await vault.addSlot(prf(2));
  await dropLostPasskeys(vault, [credentialOf(2)]);
  assert.deepEqual(vault.slots().credentials, [credentialOf(2)]);
  const elsewhere = await anna.device().page();
  assert.deepEqual(await enterVault(elsewhere, prf(1)), { state: "unlock", passphrase: false });
  assert.deepEqual(await enterVault(elsewhere, prf(2)), { state: "open", code: null });
});

test("who has lost every way in starts over: with PRF at once, without it with a passphrase", async () => {
  const device = person().device();
  await openOn(device, prf(1));
  const vault = await device.page();
  assert.deepEqual(await enterVault(vault, prf(2)), { state: "unlock", passphrase: false });
  const door = await startOver(vault, prf(2));
  assert.ok(door.state === "open" && door.code !== null);
  await vault.lock();
  assert.deepEqual(await enterVault(await device.page(), prf(2)), { state: "open", code: null });

  const page = await device.page();
  assert.deepEqual(await startOver(page, null), { state: "choose-passphrase" });
  const chosen = await choosePassphrase(page, WORDS);
  assert.ok(chosen.state === "open" && chosen.code !== null);
});

test("a device with the vault of before asks, and then goes on with the one after", async () => {
  const anna = person();
  const [one, two] = [anna.device(), anna.device()];
  const before = await openOn(two, prf(1));
  await before.put("invite", "old", utf8("of before"));
  await before.sync();
  await before.lock();
  const first = await one.page();
  await startOver(first, prf(2));
  await first.put("invite", "new", utf8("of after"));
  await first.sync();

  const page = await two.page();
  assert.deepEqual(await enterVault(page, prf(2)), { state: "replaced" });
  await assert.rejects(startOver(page, prf(2)), refused("VAULT-REPLACED"), "that would lose the new one");
  assert.deepEqual(await takeOver(page, prf(2)), { state: "open", code: null });
  assert.deepEqual(await page.list("invite"), ["new"]);
  assert.equal(text(await page.get("invite", "new")), "of after");
  await page.sync();
  await first.sync();
  assert.deepEqual(await first.list("invite"), ["new"], "nothing of before came back");
});
