/** What the tables hold, parsed into what the contracts speak of. */
import * as v from "valibot";
import type { InviteRow, SessionRow } from "../../invites/store.ts";
import { InviteUse } from "../../wire/requests.ts";

const Invite = v.object({
  room: v.string(),
  account: v.string(),
  token_hash: v.instance(Uint8Array),
  use: InviteUse,
  created: v.number(),
  not_before: v.number(),
  expires: v.number(),
  strikes: v.number(),
  revoked: v.nullable(v.number()),
  used: v.nullable(v.number()),
  burnt: v.nullable(v.number()),
  paused: v.nullable(v.number()),
  locked: v.nullable(v.number()),
});

const Session = v.object({
  session: v.string(),
  room: v.string(),
  account: v.string(),
  resume_hash: v.instance(Uint8Array),
  since: v.number(),
  seen: v.number(),
  admitted: v.nullable(v.number()),
  ended: v.nullable(v.number()),
  struck: v.number(),
});

export function inviteRow(row: unknown): InviteRow {
  const { token_hash, not_before, ...rest } = v.parse(Invite, row);
  return { ...rest, tokenHash: token_hash, notBefore: not_before };
}

export function sessionRow(row: unknown): SessionRow {
  const { resume_hash, struck, ...rest } = v.parse(Session, row);
  return { ...rest, resumeHash: resume_hash, struck: struck === 1 };
}

const Count = v.object({ count: v.number() });

export function countOf(row: unknown): number {
  return v.parse(Count, row).count;
}

const SessionId = v.object({ session: v.string() });

export function sessionIds(rows: readonly unknown[]): string[] {
  return rows.map((row) => v.parse(SessionId, row).session);
}
