/** Devices that write and sync in any order end the same; and a disk that fails at any write loses nothing. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { ApiError } from "../../client/transport/api.ts";
import type { AccountVault } from "../../client/vault/account-vault.ts";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import type { OldVault } from "../../client/vault/old-vault.ts";
import type { RecordKind } from "../../client/vault/store.ts";
import { credentialOf, type Device, openOn, passkey, person, text, utf8 } from "./support/vault-devices.ts";

const joined = (a: Uint8Array, b: Uint8Array) =>
  utf8([...new Set([...(text(a) ?? ""), ...(text(b) ?? "")])].sort().join(""));

const KINDS = ["invite", "strikes", "profile"] as const;
const device = fc.nat(2);
const record = { kind: fc.constantFrom(...KINDS), id: fc.constantFrom("x", "y") };
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("put" as const),
      device,
      ...record,
      value: fc.constantFrom("a", "b", "c", "d"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("delete" as const), device, ...record }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("sync" as const), device }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("clock" as const),
      device,
      ms: fc.integer({ min: -5_000, max: 5_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("offline" as const), ask: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("new key" as const), device }) },
);

async function contents(vault: AccountVault): Promise<Record<string, string | null>> {
  const found: Record<string, string | null> = {};
  for (const kind of KINDS) {
    for (const id of await vault.list(kind)) found[`${kind} ${id}`] = text(await vault.get(kind, id));
  }
  return found;
}

test("whatever three devices write, in any order, with clocks that jump and answers that get lost: all end the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const anna = person({ strikes: joined });
      const { relay } = anna;
      const devices = [anna.device(), anna.device(), anna.device()];
      const vaults: AccountVault[] = [];
      for (const one of devices) vaults.push(await openOn(one));
      const of = (n: number) => vaults[n] ?? assert.fail();
      const lossy = (work: Promise<void>) => work.catch(() => undefined);
      for (const now of steps) {
        switch (now.type) {
          case "put":
            await of(now.device).put(now.kind, now.id, utf8(now.value));
            break;
          case "delete":
            await of(now.device).delete(now.kind, now.id);
            break;
          case "sync":
            await lossy(of(now.device).sync());
            break;
          case "clock":
            (devices[now.device] ?? assert.fail()).time += now.ms;
            break;
          case "offline": {
            let left = now.ask;
            relay.afterwards = () => {
              left -= 1;
              if (left >= 0) return;
              relay.afterwards = () => {};
              throw new ApiError("OFFLINE");
            };
            break;
          }
          case "new key":
            await lossy(of(now.device).addSlot(passkey(5)));
            await lossy(of(now.device).removeCredential(credentialOf(5)));
        }
      }
      relay.afterwards = () => {};
      for (let round = 0; round < 2; round++) for (const vault of vaults) await vault.sync();
      const [first, ...others] = await Promise.all(vaults.map(contents));
      for (const other of others) assert.deepEqual(other, first);
      const fresh = await openOn(anna.device());
      assert.deepEqual(await contents(fresh), first);
      const asked = relay.asked.length;
      for (const vault of vaults) await vault.sync();
      assert.deepEqual(
        new Set(relay.asked.slice(asked)),
        new Set(["vaultKeys", "vaultRows"]),
        "nothing is left to give",
      );
      for (const vault of [...vaults, fresh]) vault.close();
    }),
    { numRuns: 40 },
  );
});

/** Runs `work` again and again, each time with a disk that fails at one write later, and then a new page on it. */
async function failingEverywhere(
  before: (device: Device) => Promise<AccountVault>,
  work: (vault: AccountVault, device: Device) => Promise<unknown>,
  after: (vault: AccountVault, device: Device, worked: boolean) => Promise<void>,
): Promise<number> {
  for (let writes = 0; ; writes++) {
    const anna = person();
    const one = anna.device();
    const vault = await before(one);
    let left = writes;
    one.disk.beforeWrite = () => {
      left -= 1;
      if (left < 0) one.disk.broken = true;
    };
    const worked = await work(vault, one).then(
      () => true,
      () => false,
    );
    vault.close();
    one.disk.beforeWrite = () => {};
    one.disk.broken = false;
    const again = await one.page();
    if (again.state === "locked") await again.unlock(passkey(1));
    await after(again, one, worked);
    again.close();
    if (left >= 0) return writes;
  }
}

suite("a disk that fails, or a page that dies, at any write", () => {
  const withRows = async (one: Device) => {
    const vault = await openOn(one);
    await vault.put("invite", "x", utf8("before"));
    await vault.addSlot(passkey(2));
    await vault.sync();
    return vault;
  };
  const intact = async (vault: AccountVault) => assert.equal(text(await vault.get("invite", "x")), "before");

  test("while a passkey is removed: it is, or it is not; the others open everything", async () => {
    const points = await failingEverywhere(
      withRows,
      (vault) => vault.removeCredential(credentialOf(2)),
      async (vault, one, worked) => {
        await intact(vault);
        if (worked) assert.deepEqual(vault.slots().credentials, [credentialOf(1)]);
        await vault.removeCredential(credentialOf(2));
        await vault.sync();
        await intact(vault);
        await vault.lock();
        await assert.rejects(vault.unlock(passkey(2)));
        assert.ok([...one.disk.rows.values()].every(({ state }) => state === "clean"));
      },
    );
    assert.ok(points >= 2, `${points}`);
  });

  test("while rows are put and synced: each is as before or as after, and the next sync makes it good", async () => {
    const points = await failingEverywhere(
      withRows,
      async (vault) => {
        for (const id of ["a", "b", "c"]) await vault.put("invite", id, utf8(id));
        await vault.delete("invite", "b");
        await vault.sync();
      },
      async (vault, _one, worked) => {
        await intact(vault);
        await vault.sync();
        const ids = await vault.list("invite");
        if (worked) assert.deepEqual(ids, ["a", "c", "x"]);
        for (const id of ids) assert.equal(text(await vault.get("invite", id)), id === "x" ? "before" : id);
      },
    );
    assert.ok(points >= 6, `${points}`);
  });

  test("while a vault is made: there is one that opens, or none, and it can be made then", async () => {
    await failingEverywhere(
      (one) => one.page(),
      (vault) => vault.create(passkey(1)),
      async (vault) => {
        if (vault.state === "none") await vault.create(passkey(1));
        await vault.renewRecoveryCode();
        await vault.put("invite", "x", utf8("before"));
        await intact(vault);
      },
    );
  });

  test("while the vault of the release before is taken in: it goes when all of it is here, and not sooner", async () => {
    const points = await failingEverywhere(
      async (one) => {
        const { records } = await oldVault();
        one.old = {
          records,
          async remove() {
            one.old = null;
          },
        };
        return one.page();
      },
      (vault) => vault.create(passkey(1)),
      async (vault, one) => {
        if (vault.state === "none") await vault.create(passkey(1));
        assert.equal(text(await vault.get("identity", "this")), "key");
        assert.deepEqual(await vault.list("invite"), ["r1", "r2"]);
        assert.equal(text(await vault.get("session", "s")), "session");
        assert.equal(one.old, null);
      },
    );
    assert.ok(points >= 6, `${points}`);
  });
});

async function oldVault(): Promise<OldVault> {
  const records = openMemoryStore();
  const put = (kind: RecordKind, id: string, value: string) => records.put(kind, id, utf8(value));
  await put("identity", "this", "key");
  await put("invite", "r1", "one");
  await put("invite", "r2", "two");
  await put("session", "s", "session");
  return { records, remove: async () => undefined };
}

test("a device's own key pair of before is kept beside the one that the vault has already", async () => {
  const anna = person();
  const first = await openOn(anna.device());
  await first.put("identity", "this", utf8("the vault's"));
  await first.put("invite", "r1", utf8("newer"));
  await first.sync();
  const second = anna.device();
  second.old = await oldVault();
  const vault = await openOn(second);
  assert.equal(text(await vault.get("identity", "this")), "the vault's");
  assert.equal(text(await vault.get("identity", "before-accounts")), "key");
  assert.equal(text(await vault.get("invite", "r1")), "newer");
  assert.equal(text(await vault.get("invite", "r2")), "two");
  for (const open of [first, vault]) open.close();
});
