/** The trail of somebody who is signed in: of her account, on this browser. */
import type { StaffHappening } from "../../crypto/audit/registry.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import { ApiError } from "../transport/api.ts";
import type { StaffApi } from "../transport/api-staff.ts";
import { systemJitter } from "../transport/backoff.ts";
import { systemClock } from "../transport/clock.ts";
import { systemRandom } from "../transport/sodium.ts";
import { deviceName } from "../ui/account/device-name.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";
import { openDexieOutbox } from "./dexie-outbox.ts";
import { browserLocks } from "./locks.ts";
import { openTrail } from "./trail.ts";
import { keepKeys, loadKeys } from "./trust.ts";
import type { Trail } from "./types.ts";

export interface StaffTrail extends Trail<StaffHappening> {
  /** Her vault is open: its keys count from now on. Never rejects. */
  useVault(store: SealedStore): Promise<void>;
  /** Asks the relay for its newest checkpoint and the clinic's audit key, and holds them against what is known. */
  refresh(): Promise<void>;
}

export interface StaffTrailOptions {
  readonly account: string;
  readonly api: StaffApi;
  readonly sodium: Sodium;
  /** In which session she is now. */
  readonly session: () => string | null;
}

export async function openStaffTrail({
  account,
  api,
  sodium,
  session,
}: StaffTrailOptions): Promise<StaffTrail> {
  const trail = await openTrail({
    signatory: { kind: "staff", account },
    openOutbox: openDexieOutbox,
    api,
    send: api.sendEvents,
    sodium,
    random: systemRandom,
    clock: systemClock,
    jitter: systemJitter,
    locks: browserLocks,
    device: deviceName(navigator.userAgent, navigator.maxTouchPoints),
    session,
  });
  let vault: SealedStore | null = null;

  /** Rejects with ApiError. */
  async function look(): Promise<void> {
    await trail.look();
    const { key } = await api.auditKey();
    if (key !== null) await trail.auditKeySeen(key);
  }

  /** What was seen for the first time is kept in her vault. Rejects with VaultError. */
  async function pin(): Promise<void> {
    if (vault === null) return;
    const { key: log, audit } = trail.status.view;
    const known = await loadKeys(vault);
    const keys = { log: known.log ?? log, audit: known.audit ?? audit };
    if (keys.log !== known.log || keys.audit !== known.audit) await keepKeys(vault, keys);
  }

  async function refresh(): Promise<void> {
    try {
      await look();
      await trail.settled();
      await pin();
    } catch (error) {
      // The relay is away, or she has signed out meanwhile: the next time.
      if (!(error instanceof ApiError) && !(error instanceof VaultError)) throw error;
    }
  }

  return {
    ...trail,
    get status() {
      return trail.status;
    },
    async useVault(store) {
      vault = store;
      const keys = await loadKeys(store).catch(() => null);
      if (keys !== null) await trail.trust(keys);
      // What is seen for the first time is waited for, so that the first events say all.
      if (keys?.audit == null) await refresh();
      else void refresh();
    },
    refresh,
    async acknowledge() {
      const code = trail.status.alarm?.code;
      await trail.acknowledge();
      if (vault !== null && (code === "LOG-KEY" || code === "AUDIT-KEY-CHANGED")) {
        const keys = await loadKeys(vault).catch(() => null);
        if (keys !== null)
          await keepKeys(vault, code === "LOG-KEY" ? { ...keys, log: null } : { ...keys, audit: null }).catch(
            () => undefined,
          );
      }
      await refresh();
    },
  };
}
