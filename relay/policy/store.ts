/**
 * The storage contract of what admins decide, of how the rooms look, and of the record of who changed it. When a promise
 * resolves, what it did is on the disk. Every function is atomic towards every other; a value and the record of its
 * change are one write, so neither is ever there without the other. A greeting goes with its account, the record stays.
 * tests/contract/policy-store.ts holds every adapter to it.
 */
import type { Greeting, NewBranding } from "../wire/branding.ts";
import type { Change, Policy } from "../wire/policy.ts";

export type NewChange = Omit<Change, "id">;

/** What is to be recorded, given what was there before. Called within the write: quick, and without effects. */
export type ChangesSince<T> = (before: T) => readonly NewChange[];

export interface Logo {
  readonly hash: string;
  readonly type: "image/png" | "image/jpeg" | "image/webp";
  readonly picture: Uint8Array;
}

export interface PolicyStore {
  /** `null` before the first decision, as of each value here. */
  findPolicy(): Promise<Policy | null>;
  storePolicy(policy: Policy, changes: ChangesSince<Policy | null>): Promise<void>;

  findBranding(): Promise<NewBranding | null>;
  storeBranding(branding: NewBranding, changes: ChangesSince<NewBranding | null>): Promise<void>;

  /** The hash alone. */
  findLogoHash(): Promise<string | null>;
  findLogo(): Promise<Logo | null>;
  /** `null` removes it. */
  storeLogo(logo: Logo | null, changes: ChangesSince<string | null>): Promise<void>;

  findGreeting(account: string): Promise<Greeting | null>;
  storeGreeting(account: string, greeting: Greeting, changes: ChangesSince<Greeting | null>): Promise<void>;

  /** Records changes of what is kept elsewhere. */
  addChanges(changes: readonly NewChange[]): Promise<void>;
  /** The newest first: `most` of those with an id below `before`. */
  listChanges(before: number, most: number): Promise<Change[]>;
  countChangesBefore(at: number): Promise<number>;
  /** Retention: removes those of before this time. Nothing else ever removes one, and no id comes again. */
  pruneChanges(before: number): Promise<void>;
}
