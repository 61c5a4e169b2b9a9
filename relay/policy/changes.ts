/** The record of who changed what: what a change looks like, and how it is read. */
import type { RelayHappening } from "../../crypto/audit/registry.ts";
import type { Changes } from "../wire/policy.ts";
import type { NewChange, PolicyStore } from "./store.ts";

/** Who does it, with the name of now: the record outlives both the name and the person. */
export interface Author {
  readonly account: string;
  readonly name: string;
}

export interface Changed {
  /** Such as `policy.idleMinutes` or `person.roles`. */
  readonly what: string;
  /** The person that it is about, where it is about one. */
  readonly about?: { readonly id: string; readonly name: string };
  readonly from: string | null;
  readonly to: string | null;
}

/** In one answer. */
export const CHANGES_AT_ONCE = 100;

export interface ChangeRecord {
  /** Records what other capabilities have changed. */
  add(by: Author, changes: readonly Changed[]): Promise<void>;
  /** @param before the id of the oldest one that is known already; 0 for none */
  list(before: number): Promise<Changes>;
}

export function createChangeRecord(store: PolicyStore, now: () => number): ChangeRecord {
  return {
    async add(by, changes) {
      const at = now();
      await store.addChanges(changes.map((change) => recorded(by, at, change)));
    },
    async list(before) {
      const found = await store.listChanges(
        before === 0 ? Number.MAX_SAFE_INTEGER : before,
        CHANGES_AT_ONCE + 1,
      );
      return { changes: found.slice(0, CHANGES_AT_ONCE), more: found.length > CHANGES_AT_ONCE };
    },
  };
}

export function recorded({ account, name }: Author, at: number, change: Changed): NewChange {
  const { what, about = null, from, to } = change;
  return { at, by: account, byName: name, what, about, from, to };
}

/** The same for the audit log; texts go into its details, which are sealed. */
export function eventOf({ account }: Author, { what, from, to }: Changed): RelayHappening {
  const values = { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) };
  return { action: "config.changed", outcome: "success", account, details: { what, ...values } };
}

/** One change for each field that is not as it was. */
export function fieldChanges<T extends object>(area: string, before: T, after: T): Changed[] {
  const was = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after)
    .filter(([field, value]) => was.get(field) !== value)
    .map(([field, value]) => ({
      what: `${area}.${field}`,
      from: String(was.get(field)),
      to: String(value),
    }));
}
