/**
 * A person's vault, as the rest of the client sees it. One key opens all rows; what opens that key are slots: one for
 * each passkey (its PRF output), at most one passphrase, and the printed recovery code. A slot holds the public half of
 * a key pair that its secret derives, so that a new vault key can be sealed to every slot without asking for any secret.
 */
import type { Bytes } from "../../crypto/bytes.ts";
import type { SealedStore } from "./store.ts";

/** What a person, or her authenticator, opens a vault with. The caller wipes `output`. */
export type VaultSecret =
  | { readonly type: "prf"; readonly credential: string; readonly output: Bytes }
  | { readonly type: "passphrase"; readonly text: string }
  | { readonly type: "recovery"; readonly code: string };

/**
 * none: this account has no vault yet, neither here nor at the relay · locked · open
 * `offline` is not a state: a vault that was synced to this device opens without the relay.
 */
export type VaultState = "none" | "locked" | "open";

/**
 * Every method rejects with VaultError (store.ts) or, where the relay is asked, ApiError. The SealedStore's methods work
 * while it is open, else VAULT-LOCKED. What is put goes to this device first, and from there to the relay's copy.
 */
export interface AccountVault extends SealedStore {
  readonly state: VaultState;
  /** Which slots there are, for the words on the unlock screen. */
  slots(): {
    readonly passphrase: boolean;
    readonly recovery: boolean;
    readonly credentials: readonly string[];
  };
  /**
   * Makes the vault, with this secret and a recovery code. @returns the code, for the one time that it is shown
   * @throws ApiError VAULT-CONFLICT when there is one by now, made elsewhere: it is locked then
   */
  create(secret: VaultSecret): Promise<string>;
  /**
   * On a device that has never seen the vault, this waits for all of its rows.
   * @throws VaultError SECRET-WRONG, RECOVERY-MISTYPED, VAULT-DAMAGED, VAULT-NEWER
   */
  unlock(secret: VaultSecret): Promise<void>;
  /** After a reload, with the share that the relay keeps as long as the sign-in lives. False: it has to be unlocked. */
  resume(share: string): Promise<boolean>;
  /** Keeps what `resume` needs, sealed under the share; call it after every unlock and create. */
  remember(share: string): Promise<void>;
  /** One more way in (another passkey, a passphrase, which replaces the last). Needs a fresh touch. */
  addSlot(secret: VaultSecret): Promise<void>;
  /** A removed passkey opens nothing that is written from now on: there is a new vault key, sealed to the other slots. */
  removeCredential(credential: string): Promise<void>;
  /**
   * A new code; the old one opens nothing any more. Needs a fresh touch. Where it rejects because an answer was lost,
   * the old one may be void all the same: ask for another.
   */
  renewRecoveryCode(): Promise<string>;
  /** Wipes every key in memory and what `resume` would need. The sealed rows stay. */
  lock(): Promise<void>;
  /** Takes what changed elsewhere and gives what changed here; resolves when both are the same. Safe to call at any time. */
  sync(): Promise<void>;
  /** Called with the kind and id of every row that a sync or another tab changed. @returns the way to stop */
  onChange(listener: (kind: string, id: string) => void): () => void;
  /**
   * Called when it locks though nobody here called `lock`: another tab did, or a sync found that this way in was
   * removed. @returns the way to stop
   */
  onLock(listener: () => void): () => void;
  /**
   * For who can open it no more: removes it from this device, and the relay's copy, which ends her other sign-ins and
   * revokes her open invites. There is none then. Needs a fresh touch.
   * @throws VaultError VAULT-REPLACED when that was done on another device, and a later one made
   */
  startOver(): Promise<void>;
  /**
   * Whether she has started over on another device: the relay has a later vault than this device, or none any more. The
   * relay alone says so; nothing here is replaced before `takeOver`.
   */
  replaced(): Promise<boolean>;
  /** Removes what this device has, for the relay's: locked afterwards, or none. */
  takeOver(): Promise<void>;
  /** Removes everything of this account from this device. The relay's copy stays. */
  forget(): Promise<void>;
  close(): void;
}
