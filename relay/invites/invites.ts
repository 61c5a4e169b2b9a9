/** The therapist's invites: made, listed, paused, revoked, struck. Which state one is in follows from its row and the time. */
import type { RecordAnyway } from "../record.ts";
import { Refusal } from "../refusal.ts";
import { createTurns } from "../turns.ts";
import type { Policy } from "../wire/policy.ts";
import type { Invite, InviteState, NewInvite } from "../wire/requests.ts";
import type { InviteRow, InviteStore, StrikeRule } from "./store.ts";

/** The third wrong passcode burns a single-use invite, and closes a personal room for a quarter of an hour. */
export const STRIKES: StrikeRule = { most: 3, lockMs: 15 * 60 * 1000 };

const DAY_MS = 24 * 60 * 60 * 1000;

/** An invite may be open this long at most. */
export const LONGEST_VALIDITY_MS = 400 * DAY_MS;

/** An expired invite is kept this long for its owner to see. */
export const KEEP_EXPIRED_MS = 30 * DAY_MS;

/** Browsers' clocks are off: an invite may expire this long before the relay's now and still be taken. */
const CLOCK_SLACK_MS = 5 * 60 * 1000;

export interface InvitesDependencies {
  readonly store: InviteStore;
  readonly now: () => number;
  /** Open invites of one account. */
  readonly most: number;
  readonly policy: () => Promise<Pick<Policy, "inviteDays" | "roomDays">>;
  readonly recordAnyway: RecordAnyway;
  /** These sessions are over: their sockets are to be closed. */
  readonly ended: (sessions: readonly string[]) => void;
}

export interface Invites {
  create(account: string, invite: NewInvite): Promise<Invite>;
  list(account: string): Promise<{ invites: Invite[]; now: number }>;
  revoke(account: string, room: string): Promise<Invite>;
  /** Each that somebody could still knock with, now or later. */
  revokeAll(account: string): Promise<void>;
  /** Closes a personal room to new knocks, or opens it again. */
  pause(account: string, room: string, paused: boolean): Promise<Invite>;
  strike(account: string, room: string, session: string): Promise<Invite>;
}

export function createInvites(dependencies: InvitesDependencies): Invites {
  const { store, now, most, policy, recordAnyway, ended } = dependencies;
  const inTurn = createTurns();

  /**
   * Puts on record that this strike burns the invite or locks the room, before it does: after a crash in between it is
   * struck again, and the event is there twice. What protects a patient is not put off for the log's sake.
   */
  async function recordLast(account: string, room: string, session: string): Promise<void> {
    const [invite, struck] = await Promise.all([store.findInvite(room), store.findSession(session)]);
    if (invite?.account !== account || struck?.room !== room || struck.struck) return;
    const strikes = invite.strikes + 1;
    if (strikes < STRIKES.most || invite.burnt !== null) return;
    const action = invite.use === "single" ? "invite.burnt" : "invite.locked";
    const ids = { account, session, subject: room };
    await recordAnyway({ action, outcome: "failure", ...ids, details: { strikes } });
  }

  return {
    async create(account, { room, tokenHash, use, notBefore, expires }) {
      const created = now();
      if (expires <= notBefore || expires - notBefore > LONGEST_VALIDITY_MS)
        throw new Refusal("REQUEST-INVALID");
      if (expires < created - CLOCK_SLACK_MS || notBefore > created + LONGEST_VALIDITY_MS)
        throw new Refusal("REQUEST-INVALID");
      const { inviteDays, roomDays } = await policy();
      const days = use === "single" ? inviteDays : roomDays;
      if (expires - notBefore > days * DAY_MS) throw new Refusal("INVITE-TOO-LONG");
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
      return shown({ ...row, ...UNTOUCHED }, created);
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

    async revokeAll(account) {
      const time = now();
      for (const row of await store.listInvites(account)) {
        if (CLOSED.has(inviteState(row, time))) continue;
        const changed = await store.revoke(account, row.room, time);
        ended(changed?.ended ?? []);
      }
    },

    async pause(account, room, paused) {
      const time = now();
      const found = await store.findInvite(room);
      if (found?.account !== account) throw new Refusal("INVITE-UNKNOWN");
      if (found.use !== "reusable") throw new Refusal("REQUEST-INVALID");
      const changed = await store.pause(account, room, paused ? time : null);
      if (changed === null) throw new Refusal("INVITE-UNKNOWN");
      return shown(changed, time);
    },

    strike: (account, room, session) =>
      inTurn(async () => {
        await recordLast(account, room, session);
        const time = now();
        const changed = await store.strike({ account, room, session }, STRIKES, time);
        if (changed === "invite-unknown") throw new Refusal("INVITE-UNKNOWN");
        if (changed === "session-unknown") throw new Refusal("SESSION-UNKNOWN");
        ended(changed.ended);
        return shown(changed.invite, time);
      }),
  };
}

const CLOSED: ReadonlySet<InviteState> = new Set(["burnt", "revoked", "used", "expired"]);

const UNTOUCHED = { strikes: 0, revoked: null, used: null, burnt: null, paused: null, locked: null } as const;

/** Closed beats expired, and the gravest way of being closed is named; what passes by itself comes last. */
export function inviteState(invite: InviteRow, now: number): InviteState {
  if (invite.burnt !== null) return "burnt";
  if (invite.revoked !== null) return "revoked";
  if (invite.used !== null) return "used";
  if (now >= invite.expires) return "expired";
  if (invite.paused !== null) return "paused";
  if (invite.locked !== null && now < invite.locked) return "locked";
  return now < invite.notBefore ? "not-yet" : "active";
}

function shown(row: InviteRow, now: number): Invite {
  const { room, use, created, notBefore, expires, strikes, locked } = row;
  const state = inviteState(row, now);
  const until = state === "locked" && locked !== null ? { until: locked } : {};
  return { room, use, created, notBefore, expires, strikes, state, ...until };
}
