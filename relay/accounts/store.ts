/**
 * The storage contract of accounts. When a promise resolves, what it did is on the disk: a crash right after loses
 * nothing. Every function is atomic towards every other, and does all of what it says or, when it rejects or the
 * process dies, nothing. tests/contract/account-store.ts holds every adapter to it.
 *
 * Of tokens and cookies only SHA-256 hashes come here, 32 bytes each. Times are milliseconds since 1970. An *able
 * admin* is active, has the role, and has a passkey: somebody who can let people in.
 */
import type { EnrolmentPurpose, Role } from "../wire/accounts.ts";

export interface AccountRow {
  readonly id: string;
  /** Empty only for the account of a release without names, until somebody is enrolled for it. */
  readonly name: string;
  /** In the order of the wire's list, each once. */
  readonly roles: readonly Role[];
  readonly state: "active" | "suspended";
  readonly created: number;
  /** Last sign-in or renewal. */
  readonly seen: number | null;
}

export interface PersonRow extends AccountRow {
  readonly passkeys: number;
}

export interface PasskeyRow {
  /** The credential's id, base64url. */
  readonly id: string;
  readonly account: string;
  /** COSE. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly name: string;
  readonly created: number;
  readonly used: number | null;
  /** The authenticator says that it is backed up. */
  readonly synced: boolean;
}

/** A browser that signed in. */
export interface LoginRow {
  readonly id: string;
  readonly account: string;
  readonly created: number;
  /** When its cookie was last taken. */
  readonly used: number;
  /** When a passkey was last touched in it. */
  readonly touched: number;
  readonly device: string;
  /** 32 bytes that are forgotten with it. */
  readonly share: Uint8Array;
  /** The one it was begun with; null: begun with a release that did not keep that. */
  readonly passkey: string | null;
}

/** A sign-in before it is known whose it is. */
export type NewLogin = Omit<LoginRow, "account" | "passkey">;

export interface EnrolmentRow {
  readonly id: string;
  readonly tokenHash: Uint8Array;
  readonly purpose: Exclude<EnrolmentPurpose, "setup">;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The account that is reset, or the id that the new one will have. */
  readonly account: string;
  readonly created: number;
  readonly expires: number;
}

/** Whom a new passkey lets in. */
export type Enrolling =
  /** The first admin: only while no account has that role. The account is made, or is the nameless one of before. */
  | {
      readonly purpose: "setup";
      readonly account: string;
      readonly name: string;
      readonly roles: readonly Role[];
    }
  /** By a link; it is used up. A new account takes `name`. */
  | { readonly purpose: "link"; readonly tokenHash: Uint8Array; readonly name: string };

/** What was there before a change, and the sign-ins that it ended. */
export interface AccountChanged {
  readonly before: AccountRow;
  readonly logins: readonly string[];
}

export interface AccountStore {
  hasAdmin(): Promise<boolean>;
  /** The id of the nameless account of a release without passkeys, if nobody has taken it over. */
  nameless(): Promise<string | null>;
  findAccount(id: string): Promise<AccountRow | null>;
  /** Oldest first, without the nameless. */
  people(): Promise<PersonRow[]>;
  rename(account: string, name: string): Promise<void>;

  /**
   * Adds the passkey and the login to the account that `enrolling` leads to; of several callers with one link, or at
   * set-up, exactly one gets the account. `gone`: the link is unknown, used, revoked or over at `now`, its account is
   * removed or suspended, or there is an admin already. `exists`: the passkey's id is taken; the link stays as it was.
   */
  enrol(
    enrolling: Enrolling,
    passkey: Omit<PasskeyRow, "account" | "used">,
    login: NewLogin,
    cookieHash: Uint8Array,
    now: number,
  ): Promise<AccountRow | "gone" | "exists">;
  addEnrolment(enrolment: EnrolmentRow): Promise<void>;
  findEnrolment(tokenHash: Uint8Array, now: number): Promise<EnrolmentRow | null>;
  /** Those that are not over at `now`, newest first. */
  listEnrolments(now: number): Promise<EnrolmentRow[]>;
  /** False when there is none. */
  revokeEnrolment(id: string): Promise<boolean>;

  /** Also notes that the account was seen. False when the account is not there, or not active. */
  addLogin(login: LoginRow, cookieHash: Uint8Array): Promise<boolean>;
  findLogin(id: string): Promise<{ readonly login: LoginRow; readonly account: AccountRow } | null>;
  /** The login that this cookie was issued for, current or not; null once the login is over. */
  findCookie(hash: Uint8Array): Promise<LoginRow | null>;
  /**
   * Takes a cookie and puts `next` in its place. The newest one is taken; so is the one that was taken last, as long as
   * the newest was never shown: then its answer was lost, and `next` supersedes it. Any other cookie of a login has
   * been in two hands: `reused`, and the login is removed. A login that is taken is used at `now`, its account seen.
   */
  rotate(hash: Uint8Array, next: Uint8Array, now: number): Promise<"rotated" | "reused" | "unknown">;
  touch(login: string, now: number): Promise<void>;
  /** Newest first. */
  listLogins(account: string): Promise<LoginRow[]>;
  /** True when it was there. */
  removeLogin(id: string): Promise<boolean>;
  /** The ids of all that were removed. */
  removeLogins(account: string): Promise<string[]>;

  findPasskey(id: string): Promise<PasskeyRow | null>;
  /** Oldest first. */
  listPasskeys(account: string): Promise<PasskeyRow[]>;
  /** `exists`: the id is taken, by whomever. `limit`: the account has `most`, or is not there. */
  addPasskey(passkey: PasskeyRow, most: number): Promise<"added" | "exists" | "limit">;
  /** False: not this account's, as below. */
  renamePasskey(account: string, id: string, name: string): Promise<boolean>;
  /**
   * Also ends the logins that were begun with it, or nobody knows with which, but for this one. `last`: the account has
   * no other.
   * @returns the logins that it ended
   */
  removePasskey(account: string, id: string, but: string): Promise<readonly string[] | "unknown" | "last">;
  /** Notes a use. The counter never goes back. */
  usedPasskey(id: string, use: { counter: number; synced: boolean; now: number }): Promise<void>;

  /**
   * These four change a named account; `unknown` when there is none. `last-admin`, and nothing is changed, when this
   * account is an able admin, would be none any more, and there is no other. Changing roles ends no login: `logins` are
   * those that go on.
   */
  setRoles(account: string, roles: readonly Role[]): Promise<AccountChanged | "unknown" | "last-admin">;
  /** Suspending ends every login. `logins` is empty when it is resumed. */
  setState(account: string, state: AccountRow["state"]): Promise<AccountChanged | "unknown" | "last-admin">;
  /**
   * Ends every login and passkey, revokes earlier links to this account, and adds this one.
   * @param evenLast for who has the machine: also the last able admin
   */
  reset(
    enrolment: Omit<EnrolmentRow, "name" | "roles" | "purpose">,
    evenLast?: boolean,
  ): Promise<(AccountChanged & { readonly enrolment: EnrolmentRow }) | "unknown" | "last-admin">;
  /** The account with everything that hangs on it, its invites too; also the sessions that were not over yet. */
  remove(
    account: string,
  ): Promise<(AccountChanged & { readonly sessions: readonly string[] }) | "unknown" | "last-admin">;

  /**
   * Removes enrolments that are over at `now`, and logins made or last used so long ago, except these.
   * @returns the logins that it removed
   */
  prune(before: {
    readonly now: number;
    readonly createdBefore: number;
    readonly usedBefore: number;
    readonly except: readonly string[];
  }): Promise<LoginRow[]>;
}
