/**
 * Sessions: a guest knocks with an invite's join token, comes back with its session's resume secret, is admitted or
 * ended by the invite's owner.
 */
import type { RecordEvent, RecordRefusal } from "../record.ts";
import { Refusal } from "../refusal.ts";
import type { ErrorCode } from "../wire/errors.ts";
import type { Ice, Joined, Rejoined } from "../wire/requests.ts";
import { inviteState, KEEP_EXPIRED_MS } from "./invites.ts";
import { hashSecret, provesSecret, toText } from "./secrets.ts";
import type { InviteRow, InviteStore, SessionRow } from "./store.ts";

/** A session can be rejoined this long after it began, whatever becomes of its invite. */
export const SESSION_MS = 12 * 60 * 60 * 1000;

/** What a guest's ticket says of it. */
export interface GuestPass {
  readonly desk: string;
  readonly session: string;
  readonly room: string;
  readonly admitted: boolean;
  readonly since: number;
}

export interface SessionsDependencies {
  readonly store: InviteStore;
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly limits: {
    readonly knocksPerInvite: { readonly single: number; readonly reusable: number };
    readonly knockAwayMs: number;
    readonly knockGoneMs: number;
  };
  readonly ticket: (pass: GuestPass) => Promise<string>;
  readonly ice: () => Ice;
  /** The invite's owner may not sign in for now, so nobody would come. */
  readonly suspended: (account: string) => Promise<boolean>;
  readonly record: RecordEvent;
  readonly refused: RecordRefusal;
  readonly admitted: (session: string) => void;
  /** These sessions are over: their sockets are to be closed. */
  readonly ended: (sessions: readonly string[]) => void;
}

export interface Sessions {
  /** Whose invite this is, whatever its state. @throws Refusal INVITE-UNKNOWN but to the holder of its token */
  hostOf(room: string, token: string): Promise<string>;
  /** @throws Refusal LOG-UNAVAILABLE, and then there is no session */
  join(room: string, token: string): Promise<Joined>;
  rejoin(session: string, resume: string): Promise<Rejoined>;
  /** Idempotent. */
  admit(account: string, session: string): Promise<Ice>;
  /** Idempotent. */
  end(account: string, session: string): Promise<void>;
  /** Whether this is the session's resume secret; also of one that is over, as long as it is kept. */
  provesGuest(session: string, resume: string): Promise<boolean>;
  iceForGuest(session: string, resume: string): Promise<Ice>;
  iceForHost(account: string, session: string): Promise<Ice>;
  /** These guests are connected. */
  seen(sessions: readonly string[]): Promise<void>;
  prune(): Promise<void>;
}

const REASONS = {
  "not-yet": "INVITE-NOT-YET",
  expired: "INVITE-EXPIRED",
  revoked: "INVITE-REVOKED",
  used: "INVITE-USED",
  burnt: "INVITE-BURNT",
  paused: "INVITE-PAUSED",
  locked: "INVITE-LOCKED",
  suspended: "INVITE-PAUSED",
  full: "INVITE-LIMIT",
} as const satisfies Record<string, ErrorCode>;
type ClosedHow = keyof typeof REASONS;

export function createSessions(dependencies: SessionsDependencies): Sessions {
  const { store, now, random, limits, ticket, ice, suspended, record, refused, admitted, ended } =
    dependencies;

  /**
   * The invite, and whether this is its token. An unknown room and a wrong token cost the same reads and the same
   * comparison, whatever state the invite is in.
   */
  async function shownInvite(room: string, token: string) {
    const invite = await store.findInvite(room);
    const proven = provesSecret(token, invite?.tokenHash ?? null);
    return { invite, holder: proven ? invite : null };
  }

  /** Who does not hold a token shares one bucket: neither a number nor the time tells whether the room is there. */
  async function refuseStranger(invite: InviteRow | null): Promise<never> {
    const failure = { outcome: "failure" } as const;
    if (invite === null) await refused("join", "unknown", { action: "invite.unknown", ...failure });
    else
      await refused("join", invite.room, {
        action: "invite.refused",
        ...failure,
        account: invite.account,
        subject: invite.room,
        details: { reason: "token" },
      });
    throw new Refusal("INVITE-UNKNOWN");
  }

  /** To a guest a suspended therapist's room is one that was paused: who is suspended is nobody's business. */
  async function closedHow(invite: InviteRow, time: number): Promise<ClosedHow | null> {
    const state = inviteState(invite, time);
    if (state !== "active") return state;
    return (await suspended(invite.account)) ? "suspended" : null;
  }

  /** Tells the holder of the token why the invite cannot be used now. */
  async function refuseHolder(invite: InviteRow, reason: ClosedHow): Promise<never> {
    const { room, account } = invite;
    await refused(room, reason, {
      action: "invite.refused",
      outcome: "failure",
      account,
      subject: room,
      details: { reason },
    });
    const opens = reason === "not-yet" ? invite.notBefore : reason === "locked" ? invite.locked : null;
    throw new Refusal(REASONS[reason], opens === null ? {} : { opens });
  }

  async function sessionOfGuest(session: string, resume: string): Promise<SessionRow> {
    const row = await store.findSession(session);
    if (!provesSecret(resume, row?.resumeHash ?? null) || row === null) throw new Refusal("SESSION-UNKNOWN");
    return alive(row);
  }

  async function sessionOfHost(account: string, session: string): Promise<SessionRow> {
    const row = await store.findSession(session);
    if (row === null || row.account !== account) throw new Refusal("SESSION-UNKNOWN");
    return alive(row);
  }

  function alive(row: SessionRow): SessionRow {
    if (row.ended !== null || now() >= row.since + SESSION_MS) throw new Refusal("SESSION-ENDED");
    return row;
  }

  function passOf({ account, session, room, admitted: at, since }: SessionRow): GuestPass {
    return { desk: account, session, room, admitted: at !== null, since };
  }

  function iceOf(row: SessionRow): Ice {
    if (row.admitted === null) throw new Refusal("SESSION-NOT-ADMITTED");
    return ice();
  }

  return {
    async hostOf(room, token) {
      const { holder } = await shownInvite(room, token);
      if (holder === null) throw new Refusal("INVITE-UNKNOWN");
      return holder.account;
    },

    async join(room, token) {
      const { invite, holder } = await shownInvite(room, token);
      if (invite === null || holder === null) return refuseStranger(invite);
      const since = now();
      const closed = await closedHow(invite, since);
      if (closed !== null) return refuseHolder(invite, closed);
      const session = toText(random(16));
      const resume = toText(random(32));
      const outcome = await store.addSession(
        { session, room, resumeHash: hashSecret(resume), since },
        { most: limits.knocksPerInvite[invite.use], awayBefore: since - limits.knockAwayMs },
      );
      // Closed between the read and the write: say how.
      if (outcome === "closed") {
        const after = await store.findInvite(room);
        const how = after === null ? null : await closedHow(after, since);
        return after === null || how === null ? refuseStranger(null) : refuseHolder(after, how);
      }
      if (outcome === "full") return refuseHolder(invite, "full");
      ended(outcome.ended);
      // Nobody holds its resume secret yet: a crash before the event leaves a session into which nobody can come.
      try {
        const ids = { session, account: invite.account, subject: room };
        await record({ action: "invite.opened", outcome: "success", ...ids });
      } catch (error) {
        await store.end(invite.account, session, now()).catch(() => false);
        throw error;
      }
      const pass = { desk: invite.account, session, room, admitted: false, since };
      return { session, resume, ticket: await ticket(pass) };
    },

    async rejoin(session, resume) {
      const pass = passOf(await sessionOfGuest(session, resume));
      // Whoever is admitted may be in a call, which goes on.
      if (!pass.admitted && (await suspended(pass.desk))) throw new Refusal(REASONS.suspended);
      return { ticket: await ticket(pass), admitted: pass.admitted };
    },

    async admit(account, session) {
      await sessionOfHost(account, session);
      const outcome = await store.admit(account, session, now());
      if (outcome === "unknown") throw new Refusal("SESSION-UNKNOWN");
      if (outcome === "ended") throw new Refusal("SESSION-ENDED");
      admitted(session);
      ended(outcome.ended);
      return ice();
    },

    async end(account, session) {
      if (!(await store.end(account, session, now()))) throw new Refusal("SESSION-UNKNOWN");
      ended([session]);
    },

    async provesGuest(session, resume) {
      return provesSecret(resume, (await store.findSession(session))?.resumeHash ?? null);
    },

    async iceForGuest(session, resume) {
      return iceOf(await sessionOfGuest(session, resume));
    },

    async iceForHost(account, session) {
      return iceOf(await sessionOfHost(account, session));
    },

    async seen(sessions) {
      if (sessions.length > 0) await store.touch(sessions, now());
    },

    async prune() {
      const time = now();
      await store.prune({
        now: time,
        goneBefore: time - limits.knockGoneMs,
        sessionsBefore: time - SESSION_MS,
        invitesBefore: time - KEEP_EXPIRED_MS,
      });
    },
  };
}
