/** What somebody who is signed in puts on record: one trail from the sign-in to the lock. */
import type { StaffHappening } from "../../crypto/audit/registry.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import { openStaffTrail, type StaffTrail } from "../audit/staff.ts";
import { FIRST_STATUS, type LogView, NO_VIEW, type TrailStatus } from "../audit/types.ts";
import type { StaffApi } from "../transport/api-staff.ts";
import type { SealedStore } from "../vault/store.ts";

export interface StaffTrails {
  /** Somebody came in. */
  begin(account: string): void;
  /** Her vault is open. Resolves when its keys count; never rejects. */
  useVault(store: SealedStore): Promise<void>;
  /** Resolves when it is written, or cannot be. Nobody is signed in: there is nobody to sign it. */
  record(happening: StaffHappening): Promise<void>;
  compare(checkpoint: string): void;
  acknowledge(): void;
  /** The relay is there again, or has something new. Never rejects. */
  refresh(): Promise<void>;
  /** As Trail's. */
  flush(ms: number): Promise<boolean>;
  view(): Promise<LogView>;
  /** The same, as it was told last. */
  readonly seen: LogView;
  /** Sends what waits while she can still be asked for; then she is gone. */
  end(): Promise<void>;
}

export interface StaffTrailsOptions {
  readonly sodium: Promise<Sodium>;
  readonly api: StaffApi;
  /** In which session she is now. */
  readonly session: () => string | null;
  readonly onStatus: (status: TrailStatus) => void;
}

/** Signing out waits no longer for what is left; it is sent when she comes back. */
const PARTING_MS = 1_500;

export function createStaffTrails({ sodium, api, session, onStatus }: StaffTrailsOptions): StaffTrails {
  let current: Promise<StaffTrail | null> = Promise.resolve(null);
  let seen: LogView = NO_VIEW;

  async function open(account: string): Promise<StaffTrail | null> {
    try {
      const trail = await openStaffTrail({ account, api, sodium: await sodium, session });
      const tell = () => {
        seen = trail.status.view;
        onStatus(trail.status);
      };
      trail.onStatus(tell);
      tell();
      return trail;
    } catch {
      onStatus({ ...FIRST_STATUS, storage: "none" });
      return null;
    }
  }

  return {
    begin(account) {
      const before = current;
      current = before.then((trail) => {
        trail?.close();
        return open(account);
      });
    },
    useVault: async (store) => (await current)?.useVault(store),
    record: async (happening) => (await current)?.record(happening),
    async compare(checkpoint) {
      (await current)?.compare(checkpoint);
    },
    async acknowledge() {
      await (await current)?.acknowledge();
    },
    async refresh() {
      await (await current)?.refresh();
    },
    async flush(ms) {
      const trail = await current;
      // Where nothing can be signed, nothing is on the log either.
      return trail !== null && trail.status.storage !== "none" && (await trail.flush(ms));
    },
    view: async () => (await current)?.status.view ?? NO_VIEW,
    get seen() {
      return seen;
    },
    async end() {
      const trail = await current;
      if (trail === null) return;
      if (trail.status.pending > 0) await trail.flush(PARTING_MS);
      trail.close();
    },
  };
}
