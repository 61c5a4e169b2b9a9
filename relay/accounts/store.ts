/**
 * The storage contract of accounts. When a promise resolves, what it did is on the disk: a crash right after loses
 * nothing. Every function is atomic towards every other. tests/contract/account-store.ts holds every adapter to it.
 */

/** A browser that signed in. Its cookie is not kept, only the cookie's hash. */
export interface Login {
  /** Names this login where the cookie must not appear. */
  readonly id: string;
  readonly account: string;
  /** SHA-256, 32 bytes. */
  readonly cookieHash: Uint8Array;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export interface AccountStore {
  /**
   * The id of the practitioner's account. Made with `id` when there is none yet; of two callers at the same time both
   * get the same.
   */
  practitioner(id: string, now: number): Promise<string>;
  addLogin(login: Login): Promise<void>;
  /** The login of this cookie, or `null` when there is none or it has expired by `now`. */
  findLogin(cookieHash: Uint8Array, now: number): Promise<Login | null>;
  /** Removes it; does nothing when there is none. */
  removeLogin(cookieHash: Uint8Array): Promise<void>;
  /** Removes every login that has expired by `now`. */
  pruneLogins(now: number): Promise<void>;
}
