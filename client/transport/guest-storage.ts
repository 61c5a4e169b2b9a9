/** Where the patient's page keeps its one session: sealed, by room. */
import type { Bytes } from "../../crypto/bytes.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";
import {
  type Confirming,
  decodeGuestRecord,
  encodeConfirming,
  encodeEstablished,
  encodeJoined,
  type Facts,
  type GuestRecord,
  type Place,
} from "./guest-record.ts";

/** Everything rejects with VaultError alone. */
export interface GuestStorage {
  /** `null` when there is none, or none that can be read: a new session takes its place. */
  load(): Promise<GuestRecord | null>;
  joined(place: Place): Promise<void>;
  confirming(place: Place, handshake: Confirming): Promise<void>;
  /** @param state as `encodeEnvelopeState` wrote it */
  established(place: Place, facts: Facts, state: Bytes): Promise<void>;
  /** Never rejects: what cannot be deleted is a sealed record that opens nothing by the time it is read. */
  forget(): Promise<void>;
}

export function guestStorage(sodium: Sodium, store: SealedStore, room: string): GuestStorage {
  const put = async (record: Bytes) => {
    try {
      await store.put("guest", room, record);
    } finally {
      sodium.memzero(record);
    }
  };
  return {
    async load() {
      const bytes = await store.get("guest", room).catch((error: unknown) => {
        if (error instanceof VaultError && error.code === "RECORD-DAMAGED") return null;
        throw error;
      });
      if (bytes === null) return null;
      const record = decodeGuestRecord(sodium, bytes);
      sodium.memzero(bytes);
      return record;
    },
    joined: (place) => put(encodeJoined(place)),
    confirming: (place, handshake) => put(encodeConfirming(place, handshake)),
    established: (place, facts, state) => put(encodeEstablished(place, facts, state)),
    forget: () => store.delete("guest", room).catch(() => {}),
  };
}
