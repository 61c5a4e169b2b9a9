/** An auditor's key, in her open vault: see identity/audit-key.ts. */
import { fromBase64Url } from "../../crypto/bytes.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import { type AuditKeyOptions, fillSeat, openAuditKey, openSeats } from "../identity/audit-key.ts";
import type { StaffApi } from "../transport/api-staff.ts";
import { systemRandom } from "../transport/sodium.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";
import type { KeyHolder } from "./audit-runner.ts";
import type { StaffTrails } from "./staff-trail.ts";

export interface KeyHolderOptions {
  readonly sodium: Promise<Sodium>;
  readonly api: StaffApi;
  readonly trail: Pick<StaffTrails, "view" | "refresh">;
  /** Whose vault is open; null where none is. */
  readonly open: () => { readonly account: string; readonly store: SealedStore } | null;
}

export function createKeyHolder({ sodium, api, trail, open }: KeyHolderOptions): KeyHolder {
  async function options(): Promise<AuditKeyOptions | null> {
    const mine = open();
    return mine && { sodium: await sodium, random: systemRandom, api, ...mine };
  }

  async function needed(): Promise<AuditKeyOptions> {
    const mine = await options();
    if (mine === null) throw new VaultError("VAULT-LOCKED");
    return mine;
  }

  return {
    async open() {
      const mine = await options();
      if (mine === null) return null;
      const { audit } = await trail.view();
      const state = await openAuditKey(mine, audit === null ? null : fromBase64Url(audit));
      // It may have been made just now.
      if (audit === null) await trail.refresh();
      return state;
    },
    async seats(keys) {
      const [waiting, { seats }] = await Promise.all([openSeats(await needed(), keys), api.seats()]);
      const handed = seats.filter(({ sealed }) => sealed !== null);
      return [...waiting, ...handed.map(({ account, name }) => ({ account, name, fingerprint: null }))];
    },
    handOver: async (keys, seat) => fillSeat(await needed(), keys, seat),
  };
}
