/**
 * A person's vault over a database of this device and the relay. Keys change one thing at a time, records in the order
 * of the calls; a sync runs beside the records, and in one tab only.
 */
import { equal, toBase64Url } from "../../crypto/bytes.ts";
import type { Random, SodiumSumo } from "../../crypto/sodium.ts";
import { compareSlots } from "../../crypto/vault/header.ts";
import type { OpenSlot } from "../../crypto/vault/keys.ts";
import { newRecoveryCode } from "../../crypto/vault/recovery-code.ts";
import type { SlotFace } from "../../crypto/vault/slot.ts";
import { ApiError } from "../transport/api.ts";
import { systemJitter } from "../transport/backoff.ts";
import type { Clock } from "../transport/clock.ts";
import { type AccountDatabase, FROM_START } from "./account-database.ts";
import { type KeysOptions, restoreHeader } from "./account-keys.ts";
import { accountRows } from "./account-rows.ts";
import type { AccountVault, VaultSecret } from "./account-vault.ts";
import { inOrder } from "./in-order.ts";
import { keyHolder } from "./key-holder.ts";
import { isShared, KINDS, type Merges } from "./kinds.ts";
import { type OldVault, takeOldVault } from "./old-vault.ts";
import { credentialBytes, newSlot } from "./secret.ts";
import { asVaultError, type RecordKind, VaultError } from "./store.ts";
import { syncLater } from "./sync-later.ts";
import { syncRows } from "./sync-rows.ts";
import { otherTabs, type TabNews } from "./tabs.ts";
import type { VaultApi } from "./vault-api.ts";

export interface VaultParts {
  readonly sodium: SodiumSumo;
  readonly random: Random;
  readonly api: VaultApi;
  readonly clock: Clock;
  /** For kinds where the last write does not simply win. */
  readonly merge?: Merges;
  readonly database: AccountDatabase;
  /** Of the database, and of what its tabs share. */
  readonly name: string;
  /** What a release before accounts left on this device. */
  readonly findOld: () => Promise<OldVault | null>;
}

/** Long enough for a frame to be painted. */
const BREATH_MS = 50;

/** @throws VaultError, ApiError as `openAccountVault` */
export async function vaultOver(parts: VaultParts): Promise<AccountVault> {
  const { sodium, random, api, clock, database, name, merge: merges = {} } = parts;
  const breath = () => new Promise<void>((resolve) => void clock.after(BREATH_MS, resolve));
  const options: KeysOptions = { sodium, random, api, database, breath };
  const device = await database.firstFact("device", random(16));
  const holder = await keyHolder(options);
  const keysQueue = inOrder();
  const rowsQueue = inOrder();
  const changeListeners = new Set<(kind: string, id: string) => void>();
  const lockListeners = new Set<() => void>();
  const tabs = otherTabs(name, hear);

  const sync = () => keysQueue(() => alone(syncOnce));
  const alone = <T>(work: () => Promise<T>): Promise<T> => navigator.locks.request(`${name}-sync`, work);
  const later = syncLater({ clock, sync, jitter: systemJitter });

  const rows = accountRows({
    sodium,
    random,
    database,
    device,
    now: clock.wall,
    keys: holder.keys,
    renewKeys: () => holder.reload(),
    async repair() {
      await database.setFact("sync", FROM_START);
      later.soon();
    },
  });

  function hear(news: TabNews): void {
    switch (news.type) {
      case "locked":
        if (holder.state !== "open") return;
        wipe();
        for (const listener of lockListeners) listener();
        return;
      case "keys":
        if (holder.state === "open") void holder.reload().catch(() => undefined);
        return;
      case "changed":
        for (const listener of changeListeners) listener(news.kind, news.id);
    }
  }

  function wipe(): void {
    later.stop();
    holder.wipe();
  }

  /** Its way in is gone: nobody asked, so it is said. */
  async function shutOut(): Promise<void> {
    wipe();
    await database.setFact("resume", null);
    for (const listener of lockListeners) listener();
  }

  // ---- sync --------------------------------------------------------------------------------------------------

  async function syncOnce(): Promise<void> {
    await syncHeader();
    await syncRows({
      api,
      database,
      rows,
      newest: () => holder.keys().newest,
      renewKeys: syncHeader,
      merges,
      changed(kind, id) {
        for (const listener of changeListeners) listener(kind, id);
        tabs.tell({ type: "changed", kind, id });
      },
    });
  }

  async function syncHeader(): Promise<void> {
    const { header } = holder.keys();
    try {
      await holder.sync();
    } catch (error) {
      if (error instanceof VaultError && error.code === "VAULT-LOCKED" && holder.state === "open")
        await shutOut();
      throw error;
    }
    if (holder.header !== header) tabs.tell({ type: "keys" });
  }

  // ---- keys --------------------------------------------------------------------------------------------------

  /** On a device that never had all rows, an identity would be made that there is already, for one. */
  async function begin(): Promise<void> {
    try {
      if ((await database.fact("sync")) === null) await alone(syncOnce);
      const old = await parts.findOld();
      if (old !== null) await takeOldVault(old, rows);
    } catch (error) {
      wipe();
      throw error;
    }
    later.soon();
  }

  const change = (slotsOf: (slots: readonly OpenSlot[]) => { slots: readonly OpenSlot[]; fresh: boolean }) =>
    alone(async () => {
      if (await holder.change(({ slots }) => slotsOf(slots))) {
        tabs.tell({ type: "keys" });
        // Rows are sealed under the new key by the next sync.
        later.soon();
      } else {
        await shutOut();
      }
    });

  /** One of a kind: another passphrase or code takes the place of the one before, which then opens nothing new. */
  async function put(secret: VaultSecret): Promise<void> {
    const { vault } = holder.keys().header;
    const { slot, seed } = await newSlot(options, vault, secret);
    sodium.memzero(seed);
    await change((slots) => {
      const others = slots.filter(({ face }) => compareSlots(face, slot.face) !== 0);
      const replaces = others.length < slots.length && secret.type !== "prf";
      return { slots: [...others, slot], fresh: replaces };
    });
  }

  async function emptied(): Promise<void> {
    wipe();
    tabs.tell({ type: "locked" });
    await alone(() => database.clear());
    await holder.restart();
  }

  const inKeys = <T>(task: () => Promise<T>) => keysQueue(() => told(task));

  // ---- records -----------------------------------------------------------------------------------------------

  const inRows = <T>(task: () => Promise<T>) =>
    rowsQueue(async () => {
      holder.keys();
      return told(task);
    });

  const write = (kind: RecordKind, id: string, value: Uint8Array<ArrayBuffer> | null) =>
    inRows(async () => {
      await rows.put(kind, id, value);
      value?.fill(0);
      tabs.tell({ type: "changed", kind, id });
      if (isShared(kind)) later.soon();
    });

  return {
    get state() {
      return holder.state;
    },
    slots() {
      const names = (holder.header?.slots ?? []).map((slot) => slot.name);
      return {
        passphrase: names.some(({ type }) => type === "passphrase"),
        recovery: names.some(({ type }) => type === "recovery"),
        credentials: names.flatMap((slot) => (slot.type === "prf" ? [toBase64Url(slot.credential)] : [])),
      };
    },
    create: (secret) =>
      inKeys(async () => {
        const code = await holder.create(secret);
        await database.setFact("sync", FROM_START);
        await begin();
        return code;
      }),
    unlock: (secret) =>
      inKeys(async () => {
        await holder.unlock(secret);
        await begin();
        // Somebody is there, and has just shown who it is: a relay that was set back can be helped.
        void restoreHeader(options, holder.keys().header).catch(() => undefined);
      }),
    resume: (share) =>
      inKeys(async () => {
        if (!(await holder.resume(share))) return false;
        await begin();
        return true;
      }),
    remember: (share) => inKeys(() => holder.remember(share)),
    addSlot: (secret) =>
      inKeys(async () => {
        if (secret.type === "recovery") throw new VaultError("SECRET-WRONG");
        await put(secret);
      }),
    removeCredential: (credential) =>
      inKeys(async () => {
        const removed = credentialBytes(credential);
        const isIt = ({ name: way }: SlotFace) => way.type === "prf" && equal(way.credential, removed);
        if (!holder.keys().header.slots.some(isIt)) return;
        await change((slots) => ({ slots: slots.filter(({ face }) => !isIt(face)), fresh: true }));
      }),
    renewRecoveryCode: () =>
      inKeys(async () => {
        const code = newRecoveryCode(sodium, random);
        await put({ type: "recovery", code });
        return code;
      }),
    async lock() {
      wipe();
      tabs.tell({ type: "locked" });
      await told(() => database.setFact("resume", null));
    },
    startOver: () =>
      inKeys(async () => {
        // What she has begun elsewhere is not what she wants to lose.
        if ((await holder.replacedBy()) === "another") throw new VaultError("VAULT-REPLACED");
        // A crash after this line: the device finds out that it was replaced.
        await api.forgetVault();
        await emptied();
      }),
    replaced: () => inKeys(async () => (await holder.replacedBy()) !== null),
    takeOver: () => inKeys(emptied),
    sync: () => told(sync),
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    onLock(listener) {
      lockListeners.add(listener);
      return () => lockListeners.delete(listener);
    },
    async forget() {
      wipe();
      holder.forget();
      tabs.tell({ type: "locked" });
      await told(() => database.destroy());
    },
    close() {
      wipe();
      tabs.close();
      database.close();
    },
    get: (kind, id) => inRows(() => rows.get(kind, id)),
    put(kind, id, value) {
      return write(kind, id, value.slice());
    },
    delete: (kind, id) => write(kind, id, null),
    list: (kind) => inRows(() => rows.list(kind)),
    clear: () =>
      inRows(async () => {
        for (const kind of KINDS) for (const id of await rows.list(kind)) await rows.put(kind, id, null);
        later.soon();
      }),
  };
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ApiError ? error : asVaultError(error);
  }
}
