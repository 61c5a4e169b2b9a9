/**
 * The storage contract of invites and of the sessions that come from them. When a promise resolves, what it did is on
 * the disk: a crash right after loses nothing. Every function is atomic towards every other.
 * tests/contract/invite-store.ts holds every adapter to it.
 *
 * A session is *open* while it is neither admitted nor ended: somebody knocks. Times are milliseconds since 1970.
 */
import type { InviteUse } from "../wire/requests.ts";

export interface InviteRow {
  /** Public, derived from the link's secret. */
  readonly room: string;
  readonly account: string;
  /** SHA-256 of the join token, 32 bytes. */
  readonly tokenHash: Uint8Array;
  readonly use: InviteUse;
  readonly created: number;
  readonly notBefore: number;
  readonly expires: number;
  /** Sessions of this invite that were struck; since it was last locked, if it was. */
  readonly strikes: number;
  /** When it was closed, and how; an invite may be closed in more than one way. */
  readonly revoked: number | null;
  readonly used: number | null;
  readonly burnt: number | null;
  /** Since when nobody new may knock, until its owner opens it again. Reusable invites alone, as `locked`. */
  readonly paused: number | null;
  /** Until when nobody new may knock. */
  readonly locked: number | null;
}

export type NewInviteRow = Pick<
  InviteRow,
  "room" | "account" | "tokenHash" | "use" | "created" | "notBefore" | "expires"
>;

/** What wrong passcodes lead to. */
export interface StrikeRule {
  /** So many burn a single-use invite, or lock a reusable one. */
  readonly most: number;
  /** For so long. */
  readonly lockMs: number;
}

export interface SessionRow {
  readonly session: string;
  readonly room: string;
  /** The account of its invite. */
  readonly account: string;
  /** SHA-256 of the resume secret, 32 bytes. */
  readonly resumeHash: Uint8Array;
  /** When it began. */
  readonly since: number;
  /** When its guest was last known to be there. */
  readonly seen: number;
  readonly admitted: number | null;
  readonly ended: number | null;
  /** Its guest showed a wrong passcode. */
  readonly struck: boolean;
}

/** An invite after a change, and the sessions that this change ended. */
export interface Changed {
  readonly invite: InviteRow;
  readonly ended: readonly string[];
}

export interface InviteStore {
  /**
   * `limit` when the account has `most.open` invites that are neither closed nor expired at `created`, or
   * `most.kept` in all.
   */
  addInvite(
    invite: NewInviteRow,
    most: { readonly open: number; readonly kept: number },
  ): Promise<"added" | "exists" | "limit">;
  findInvite(room: string): Promise<InviteRow | null>;
  /** Every invite of the account, newest first. */
  listInvites(account: string): Promise<InviteRow[]>;
  /** Closes the invite and ends its open sessions; changes nothing the second time. `null`: not this account's. */
  revoke(account: string, room: string, now: number): Promise<Changed | null>;
  /**
   * Pauses the invite, or ends its pause (`null`); a pause of before keeps its time. Sessions go on. `null`: not this
   * account's.
   */
  pause(account: string, room: string, since: number | null): Promise<InviteRow | null>;
  /**
   * Counts a strike, once per session. The session must be one of this invite.
   *
   * The last one of the rule burns a single-use invite and ends its open sessions. A reusable one is locked, and the
   * count begins anew: of its open sessions those that were struck are ended, since the others may have shown the right
   * passcode. They may as well be guesses yet to be made, begun in advance: so while it is locked a struck session ends
   * at once, and each further `most` of them make the lock longer by `lockMs`.
   */
  strike(
    strike: { readonly account: string; readonly room: string; readonly session: string },
    rule: StrikeRule,
    now: number,
  ): Promise<Changed | "invite-unknown" | "session-unknown">;

  /**
   * Begins a session; `seen` is its `since`. `closed` when the invite is closed, paused, locked beyond `since` or gone
   * (its validity is the caller's business). When it has `open.most` open sessions already, the one last seen longest ago is ended in exchange if
   * that was before `open.awayBefore`, otherwise the answer is `full`.
   */
  addSession(
    session: Pick<SessionRow, "session" | "room" | "resumeHash" | "since">,
    open: { readonly most: number; readonly awayBefore: number },
  ): Promise<{ readonly ended: readonly string[] } | "closed" | "full">;
  findSession(session: string): Promise<SessionRow | null>;
  /** Notes that these guests are there. Ids that do not exist are passed over. */
  touch(sessions: readonly string[], now: number): Promise<void>;
  /**
   * Admits the session; nothing changes the second time. The first one admitted closes a single-use invite as used
   * and ends its other open sessions. `unknown`: not this account's.
   */
  admit(
    account: string,
    session: string,
    now: number,
  ): Promise<{ readonly ended: readonly string[] } | "unknown" | "ended">;
  /** Ends the session; true also the second time. False: not this account's. */
  end(account: string, session: string, now: number): Promise<boolean>;
  /**
   * Housekeeping: ends open sessions last seen before `goneBefore`, removes sessions that began before
   * `sessionsBefore`, and removes invites (with their sessions) that expired before `invitesBefore`.
   */
  prune(before: {
    readonly now: number;
    readonly goneBefore: number;
    readonly sessionsBefore: number;
    readonly invitesBefore: number;
  }): Promise<void>;
}
