/**
 * What the client keeps on a device, sealed. One contract, three adapters: account-vault.ts for the staff, tab-store.ts
 * for the patient's page, memory-store.ts for tests and for browsers that let nothing be kept. One suite tests them
 * all (tests/contract/sealed-store.ts).
 *
 * A record is bytes under a kind and an id, sealed with AES-256-GCM under a key that WebCrypto does not give out. In the
 * last two, kinds, ids, lengths and the number of records lie in clear: an id is a room or session id, never a name or
 * a secret.
 *
 * Promises of every adapter:
 * - When `put` or `delete` resolves, a reload of the page finds it done. A put that did not resolve either happened
 *   whole or not at all.
 * - Operations on one record take effect in the order in which they were called.
 * - `get` returns what was put last, or `null`. Bytes that are not exactly what was sealed for this kind and this id
 *   (altered, cut, or another record's) are RECORD-DAMAGED; every other record stays readable.
 * - Nothing is kept of the arrays handed in or out.
 *
 * Not promised: who can run scripts on this origin can read everything; who copies the whole browser profile has the
 * key of a tab too, as browsers store it without a password (an account's vault keeps none there); an old copy of one record put back in its place is not noticed.
 */
import type { Bytes } from "../../crypto/bytes.ts";

/**
 * identity: the therapist's key pair · profile: her name · invite: her invites · session: the desk's sessions ·
 * strikes: wrong passcodes per room · guest: the patient's session · page: what the patient's page needs after a reload ·
 * log: the keys of the audit log as they were seen first · audit-key: an auditor's private keys
 */
export type RecordKind =
  | "identity"
  | "profile"
  | "invite"
  | "session"
  | "strikes"
  | "guest"
  | "page"
  | "log"
  | "audit-key";

export interface SealedStore {
  /** @throws VaultError RECORD-DAMAGED */
  get(kind: RecordKind, id: string): Promise<Bytes | null>;
  put(kind: RecordKind, id: string, value: Bytes): Promise<void>;
  /** Also removes a damaged record. No error when there is none. */
  delete(kind: RecordKind, id: string): Promise<void>;
  /** Ids of every record of this kind, damaged ones included, sorted. */
  list(kind: RecordKind): Promise<readonly string[]>;
  /**
   * Removes every record, and the key. The store can be used on, with a new key. (An account's vault keeps its keys,
   * and removes what it shares from the other devices too.)
   */
  clear(): Promise<void>;
}

export type VaultErrorCode =
  | "RECORD-DAMAGED"
  /** The browser refuses to store: private mode, a full disk, or storage switched off. */
  | "STORE-UNAVAILABLE"
  /** Of an account's vault only (account-vault.ts): it has to be unlocked first. */
  | "VAULT-LOCKED"
  /** No slot of this kind, or this secret does not open it. */
  | "SECRET-WRONG"
  /** A recovery code that nobody was given: its check digits do not fit. */
  | "RECOVERY-MISTYPED"
  /** The vault's keys cannot be read, here and at the relay. */
  | "VAULT-DAMAGED"
  /** She started over on another device: the relay has a later vault than this one, or none any more. */
  | "VAULT-REPLACED"
  /** The vault's keys were written by a newer release: reload. */
  | "VAULT-NEWER"
  /** A value that is too large for the relay's copy, or no room for one more way in. */
  | "VAULT-FULL";

/** Every method of every adapter rejects with this and nothing else. */
export class VaultError extends Error {
  override readonly name = "VaultError";
  readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode) {
    super(code);
    this.code = code;
  }
}

/** What a browser's storage throws, as STORE-UNAVAILABLE. */
export function asVaultError(error: unknown): VaultError {
  return error instanceof VaultError ? error : new VaultError("STORE-UNAVAILABLE");
}
