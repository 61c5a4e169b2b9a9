/** The therapist's invites: made, listed, revoked, struck. Which state one is in follows from its row and the time. */
import { Refusal } from "../refusal.ts";
import type { Invite, InviteState, NewInvite } from "../wire/requests.ts";
import type { InviteRow, InviteStore } from "./store.ts";

/** The third wrong passcode burns the invite. */
export const STRIKES = 3;

/** An invite may be open this long at most. */
export const LONGEST_VALIDITY_MS = 400 * 24 * 60 * 60 * 1000;

/** An expired invite is kept this long for its owner to see. */
export const KEEP_EXPIRED_MS = 30 * 24 * 60 * 60 * 1000;

/** Browsers' clocks are off: an invite may expire this long before the relay's now and still be taken. */
const CLOCK_SLACK_MS = 5 * 60 * 1000;

export interface InvitesDependencies {
  readonly store: InviteStore;
  readonly now: () => number;
  /** Open invites of one account. */
  readonly most: number;
  /** These sessions are over: their sockets are to be closed. */
  readonly ended: (sessions: readonly string[]) => void;
}

export interface Invites {
  create(account: string, invite: NewInvite): Promise<Invite>;
  list(account: string): Promise<{ invites: Invite[]; now: number }>;
  revoke(account: string, room: string): Promise<Invite>;
  strike(account: string, room: string, session: string): Promise<Invite>;
}

export function createInvites({ store, now, most, ended }: InvitesDependencies): Invites {
  return {
    async create(account, { room, tokenHash, use, notBefore, expires }) {
      const created = now();
      if (expires <= notBefore || expires - notBefore > LONGEST_VALIDITY_MS)
        throw new Refusal("REQUEST-INVALID");
      if (expires < created - CLOCK_SLACK_MS || notBefore > created + LONGEST_VALIDITY_MS)
        throw new Refusal("REQUEST-INVALID");
      const row = {
        room,
        account,
        tokenHash: Buffer.from(tokenHash, "base64url"),
        use,
        created,
        notBefore,
        expires,
      };
      const outcome = await store.addInvite(row, { open: most, kept: 5 * most });
      if (outcome === "exists") throw new Refusal("INVITE-EXISTS");
      if (outcome === "limit") throw new Refusal("INVITE-LIMIT");
      return shown({ ...row, strikes: 0, revoked: null, used: null, burnt: null }, created);
    },

    async list(account) {
      const time = now();
      const rows = await store.listInvites(account);
      return { invites: rows.map((row) => shown(row, time)), now: time };
    },

    async revoke(account, room) {
      const time = now();
      const changed = await store.revoke(account, room, time);
      if (changed === null) throw new Refusal("INVITE-UNKNOWN");
      ended(changed.ended);
      return shown(changed.invite, time);
    },

    async strike(account, room, session) {
      const time = now();
      const changed = await store.strike({ account, room, session }, STRIKES, time);
      if (changed === "invite-unknown") throw new Refusal("INVITE-UNKNOWN");
      if (changed === "session-unknown") throw new Refusal("SESSION-UNKNOWN");
      ended(changed.ended);
      return shown(changed.invite, time);
    },
  };
}

/** Closed beats expired, and the gravest way of being closed is named. */
export function inviteState(invite: InviteRow, now: number): InviteState {
  if (invite.burnt !== null) return "burnt";
  if (invite.revoked !== null) return "revoked";
  if (invite.used !== null) return "used";
  if (now >= invite.expires) return "expired";
  return now < invite.notBefore ? "not-yet" : "active";
}

function shown(row: InviteRow, now: number): Invite {
  const { room, use, created, notBefore, expires, strikes } = row;
  return { room, use, created, notBefore, expires, strikes, state: inviteState(row, now) };
}
