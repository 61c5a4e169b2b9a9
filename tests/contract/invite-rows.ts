/** Rows that the contract of the invite store is tried with. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { InviteRow, InviteStore, NewInviteRow } from "../../relay/invites/store.ts";

/** Accounts that the store's adapter must know, for those that check it. */
export const ACCOUNTS = ["her", "other"] as const;

/** An empty store of its own for each call. `reopen` gives the same data to a new adapter, as a restart does. */
export type OpenInviteStore = (t: TestContext) => { store: InviteStore; reopen: () => InviteStore };

export const MANY = { open: 100, kept: 100 };
export const RULE = { most: 3, lockMs: 500 };
export const ROOMY = { most: 100, awayBefore: 0 };

export function hash(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

export function newInvite(room: string, changes: Partial<NewInviteRow> = {}): NewInviteRow {
  const fresh = {
    account: "her",
    tokenHash: hash(1),
    use: "reusable",
    created: 10,
    notBefore: 20,
    expires: 1_000,
  } as const;
  return { room, ...fresh, ...changes };
}

export function fresh(invite: NewInviteRow): InviteRow {
  return { ...invite, strikes: 0, revoked: null, used: null, burnt: null, paused: null, locked: null };
}

export async function knock(store: InviteStore, room: string, session: string, since = 100): Promise<void> {
  const outcome = await store.addSession({ session, room, resumeHash: hash(2), since }, ROOMY);
  assert.deepEqual(outcome, { ended: [] });
}

/** Sorted, since the order of what one change ends is nobody's business. */
export function endedBy(changed: unknown): string[] {
  assert.ok(typeof changed === "object" && changed !== null && "ended" in changed);
  assert.ok(Array.isArray(changed.ended));
  return changed.ended.map(String).sort();
}
