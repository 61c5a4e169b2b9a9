/** The clinic's audit key: its public half, which details are sealed to, and how its private half reaches auditors. */

import type * as v from "valibot";
import { Refusal } from "../refusal.ts";
import type { AuditKey, SealedKey, Seats } from "../wire/audit.ts";
import { toText } from "./sha256.ts";
import type { AuditKeyStore } from "./store.ts";

export interface AuditKeys {
  /** 32 bytes; null before the first auditor has made one. */
  bytes(): Promise<Uint8Array | null>;
  key(): Promise<AuditKey>;
  /** @throws Refusal AUDIT-KEY-EXISTS when there is another */
  setKey(key: string): Promise<AuditKey>;
  takeSeat(account: string, key: string): Promise<Seats>;
  seats(): Promise<Seats>;
  /** @throws Refusal PERSON-UNKNOWN when that account has no seat with this key */
  handOver(account: string, sealed: v.InferOutput<typeof SealedKey>): Promise<Seats>;
}

export function createAuditKeys(store: AuditKeyStore): AuditKeys {
  /** It never changes once it is there. */
  let known: Uint8Array | null = null;

  async function bytes(): Promise<Uint8Array | null> {
    known ??= await store.findAuditKey();
    return known;
  }

  async function seats(): Promise<Seats> {
    const rows = await store.listSeats();
    return {
      seats: rows.map(({ account, name, key, sealed }) => ({
        account,
        name,
        key: toText(key),
        sealed: sealed && toText(sealed),
      })),
    };
  }

  return {
    bytes,
    seats,

    async key() {
      const key = await bytes();
      return { key: key && toText(key) };
    },

    async setKey(key) {
      known = await store.addAuditKey(fromText(key));
      if (toText(known) !== key) throw new Refusal("AUDIT-KEY-EXISTS");
      return { key };
    },

    async takeSeat(account, key) {
      await store.putSeat(account, fromText(key));
      return seats();
    },

    async handOver(account, { key, sealed }) {
      if (!(await store.handOver(account, fromText(key), fromText(sealed))))
        throw new Refusal("PERSON-UNKNOWN");
      return seats();
    },
  };
}

/** Bytes that have this text and no other. */
function fromText(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64url");
  if (toText(bytes) !== text) throw new Refusal("REQUEST-INVALID");
  return bytes;
}
