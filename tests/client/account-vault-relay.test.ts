/** Vaults of two devices and the real relay between them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { ApiError } from "../../client/transport/api.ts";
import type { VaultApi } from "../../client/vault/vault-api.ts";
import { ErrorBody } from "../../relay/wire/errors.ts";
import { Empty } from "../../relay/wire/requests.ts";
import { KeysStored, RowsStored, VaultKeys, VaultRows } from "../../relay/wire/vault.ts";
import { startTestRelay } from "../support/relay.ts";
import { type Answer, signIn, type TestHost } from "../support/relay-client.ts";
import { credentialOf, openOn, passkey, person, refused, text, utf8 } from "./support/vault-devices.ts";
import { vaultRelay } from "./support/vault-relay.ts";

function apiOf(host: TestHost): VaultApi {
  const ask = async <S extends v.GenericSchema<unknown, unknown>>(answer: Promise<Answer>, schema: S) => {
    const { status, json } = await answer;
    if (status !== 200) throw new ApiError(v.parse(ErrorBody, json).error.code);
    return v.parse(schema, json);
  };
  return {
    vaultKeys: () => ask(host.get("/api/vault/keys"), VaultKeys),
    storeVaultKeys: (keys) => ask(host.post("/api/vault/keys", keys), KeysStored),
    vaultRows: (after) => ask(host.get(`/api/vault/rows/${after}`), VaultRows),
    async forgetVault() {
      await ask(host.post("/api/vault/forget"), Empty);
    },
    storeVaultRows: (rows) => ask(host.post("/api/vault/rows", rows), RowsStored),
  };
}

test("a few hundred rows, large and small, with changes on both sides and a new key in between: the same on both", async (t) => {
  const relay = await startTestRelay(t);
  const host = await signIn(relay);
  const anna = person({}, { ...vaultRelay(), ...apiOf(host) });
  const one = await openOn(anna.device());
  for (let n = 0; n < 200; n++)
    await one.put("invite", `${n}`, utf8(`${n} ${"x".repeat(n % 10 ? n : 8_000)}`));
  await one.sync();
  const two = await openOn(anna.device());
  assert.equal((await two.list("invite")).length, 200);
  await one.addSlot(passkey(2));
  for (let n = 0; n < 200; n += 3) await one.put("invite", `${n}`, utf8(`one ${n}`));
  for (let n = 0; n < 200; n += 2) await two.put("invite", `${n}`, utf8(`two ${n}`));
  for (let n = 1; n < 200; n += 7) await two.delete("invite", `${n}`);
  await one.removeCredential(credentialOf(2));
  await Promise.all([one.sync(), two.sync()]);
  for (const vault of [one, two, one]) await vault.sync();
  const contents = async (vault: typeof one) => {
    const ids = await vault.list("invite");
    return Promise.all(ids.map(async (id) => [id, text(await vault.get("invite", id))]));
  };
  const found = await contents(one);
  assert.deepEqual(await contents(two), found);
  assert.ok(found.length > 150 && found.some(([, value]) => value?.startsWith("one")));
  const three = await openOn(anna.device());
  assert.deepEqual(await contents(three), found);
  await assert.rejects(three.unlock(passkey(2)), refused("SECRET-WRONG"));
  for (const vault of [one, two, three]) vault.close();
});
