/** What the screens around an account show: the door, the vault's lock, passkeys and sign-ins. Pure data, as model.ts. */
import type { EnrolmentPurpose, Login, Passkey, Role } from "../../relay/wire/accounts.ts";

/** Why the door is shown to somebody who was inside; null for who just came. */
export type LockReason =
  /** Nobody touched the page for the time that the policy sets. */
  | "idle"
  /** The longest time of a sign-in is over. */
  | "too-long"
  /** Ended on another device, by an admin, or since an old cookie was shown. */
  | "ended-elsewhere"
  | "signed-out";

/** A refusal on one of these screens, and what the browser or the authenticator says. */
export type AccountProblem =
  | "SIGN-IN-REFUSED"
  | "ENROLMENT-UNKNOWN"
  | "RATE-LIMITED"
  | "LOG-UNAVAILABLE"
  | "OFFLINE"
  | "UNEXPECTED"
  | "NOT-ALLOWED"
  | "LAST-PASSKEY"
  | "LAST-ADMIN"
  | "PASSKEY-LIMIT"
  | "PERSON-UNKNOWN"
  /** She closed the browser's window, or it waited too long. */
  | "PASSKEY-CANCELLED"
  /** This authenticator has a passkey of this account already. */
  | "PASSKEY-EXISTS"
  /** No passkeys in this browser, or one without a PIN, fingerprint or face. */
  | "PASSKEY-UNSUPPORTED"
  | "PASSPHRASE-WRONG"
  | "RECOVERY-WRONG"
  /** A letter is mistyped: the code's own check digits say so. */
  | "RECOVERY-MISTYPED"
  /** The vault's keys, here and at the relay, cannot be read by this release. */
  | "VAULT-DAMAGED"
  | "VAULT-NEWER"
  | "VAULT-REPLACED"
  | "VAULT-CONFLICT"
  | "VAULT-FULL"
  | "STORAGE-FAILED";

export type AccountScreen =
  | {
      readonly name: "sign-in";
      readonly busy: boolean;
      readonly problem: AccountProblem | null;
      readonly why: LockReason | null;
    }
  /** From an enrolment link. `purpose` is null while the relay is asked. `personName` is empty at set-up. */
  | {
      readonly name: "enrol";
      readonly purpose: EnrolmentPurpose | null;
      readonly personName: string;
      readonly busy: boolean;
      readonly problem: AccountProblem | null;
    }
  /** The authenticator cannot open a vault by itself (no PRF). */
  | { readonly name: "choose-passphrase"; readonly busy: boolean; readonly problem: AccountProblem | null }
  /** Shown once; `again` when she asked for a new one, which makes the old one void. */
  | { readonly name: "recovery-code"; readonly code: string; readonly again: boolean }
  /** Signed in, and this passkey alone does not open the vault. `passphrase`: there is one. */
  | {
      readonly name: "unlock";
      readonly passphrase: boolean;
      readonly busy: boolean;
      readonly problem: AccountProblem | null;
    }
  /** She started over on another device; this one has the data from before. */
  | { readonly name: "replaced"; readonly busy: boolean; readonly problem: AccountProblem | null }
  | { readonly name: "account" };

/**
 * Passphrase strength, 0 to 4 as zxcvbn counts. Below 4, which is ten thousand million guesses, none is taken: a relay
 * that turned hostile holds the sealed vault, and could guess as long as it likes.
 */
export interface PassphraseStrength {
  readonly score: 0 | 1 | 2 | 3 | 4;
}

export interface AccountState {
  readonly id: string;
  /** As the admin's list has it; patients see the name of her links instead. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** null while they are fetched. */
  readonly passkeys: readonly Passkey[] | null;
  readonly logins: readonly Login[] | null;
  /** The vault has a passphrase, which can be replaced by another. */
  readonly passphrase: boolean;
  /** Which of `account`'s actions runs now. */
  readonly busy: AccountAction | null;
  readonly problem: AccountProblem | null;
}

export type AccountAction =
  | "add-passkey"
  | "rename-passkey"
  | "remove-passkey"
  | "end-login"
  | "end-all-logins"
  | "new-recovery-code"
  | "new-passphrase";

export type AccountIntent =
  | { readonly type: "sign-in" }
  /** The name counts at set-up alone. */
  | { readonly type: "enrol"; readonly personName: string }
  | { readonly type: "choose-passphrase"; readonly passphrase: string }
  | { readonly type: "recovery-code-kept" }
  | { readonly type: "unlock-with-passphrase"; readonly passphrase: string }
  | { readonly type: "unlock-with-recovery-code"; readonly code: string }
  /** From `unlock`, for who can open her data no more: they are removed, here and at the relay. */
  | { readonly type: "start-over" }
  /** From `replaced`: the data from before are removed from this device. */
  | { readonly type: "take-over-data" }
  /** Away from `unlock` or `enrol`, back to the door. */
  | { readonly type: "leave-door" }
  | { readonly type: "sign-out" }
  | { readonly type: "open-account" }
  | { readonly type: "add-passkey"; readonly passkeyName: string }
  | { readonly type: "rename-passkey"; readonly id: string; readonly passkeyName: string }
  | { readonly type: "remove-passkey"; readonly id: string }
  | { readonly type: "end-login"; readonly id: string }
  | { readonly type: "end-all-logins" }
  | { readonly type: "new-recovery-code" }
  | { readonly type: "new-passphrase"; readonly passphrase: string }
  | { readonly type: "dismiss-account-problem" };
