import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import type { Changed, InviteRow, InviteStore, SessionRow } from "../../invites/store.ts";
import { transaction } from "./database.ts";
import { countOf, inviteRow, sessionIds, sessionRow } from "./rows.ts";

const OPEN = "admitted IS NULL AND ended IS NULL";
const Struck = v.object({ room: v.string(), struck: v.number() });

export function createInviteStore(database: DatabaseSync): InviteStore {
  const sql = prepare(database);

  function invite(room: string): InviteRow | null {
    const row = sql.findInvite.get(room);
    return row ? inviteRow(row) : null;
  }

  function inviteOf(account: string, room: string): InviteRow | null {
    const row = invite(room);
    return row?.account === account ? row : null;
  }

  function session(id: string): SessionRow | null {
    const row = sql.findSession.get(id);
    return row ? sessionRow(row) : null;
  }

  /** The invite as it is now, after `ended` were ended. */
  function changed(before: InviteRow, ended: readonly string[]): Changed {
    return { invite: invite(before.room) ?? before, ended };
  }

  return {
    async addInvite(row, most) {
      return transaction(database, () => {
        if (invite(row.room) !== null) return "exists";
        if (countOf(sql.countOpen.get(row.account, row.created)) >= most.open) return "limit";
        if (countOf(sql.countAll.get(row.account)) >= most.kept) return "limit";
        const { room, account, tokenHash, use, created, notBefore, expires } = row;
        sql.addInvite.run(room, account, tokenHash, use, created, notBefore, expires);
        return "added";
      });
    },

    async findInvite(room) {
      return invite(room);
    },

    async listInvites(account) {
      return sql.listInvites.all(account).map(inviteRow);
    },

    async revoke(account, room, now) {
      return transaction(database, () => {
        const found = inviteOf(account, room);
        if (found === null) return null;
        if (found.revoked !== null) return changed(found, []);
        sql.revoke.run(now, room);
        return changed(found, sessionIds(sql.endOpen.all(now, room)));
      });
    },

    async pause(account, room, since) {
      return transaction(database, () => {
        const found = inviteOf(account, room);
        if (found === null) return null;
        sql.pause.run(since === null ? null : (found.paused ?? since), room);
        return changed(found, []).invite;
      });
    },

    async strike({ account, room, session: struck }, { most, lockMs }, now) {
      return transaction(database, () => {
        const found = inviteOf(account, room);
        if (found === null) return "invite-unknown";
        const row = sql.findStruck.get(struck);
        const known = row ? v.parse(Struck, row) : null;
        if (known?.room !== room) return "session-unknown";
        if (known.struck === 1) return changed(found, []);
        sql.markStruck.run(struck);
        sql.countStrike.run(room);
        const isLast = found.strikes + 1 >= most;
        if (found.use === "single") {
          if (!isLast || found.burnt !== null) return changed(found, []);
          sql.burn.run(now, room);
          return changed(found, sessionIds(sql.endOpen.all(now, room)));
        }
        const lockedUntil = Math.max(found.locked ?? now, now);
        if (isLast) sql.lock.run(lockedUntil + lockMs, room);
        else if (lockedUntil === now) return changed(found, []);
        return changed(found, sessionIds(sql.endStruck.all(now, room)));
      });
    },

    async addSession({ session: id, room, resumeHash, since }, open) {
      return transaction(database, () => {
        const found = invite(room);
        if (found === null || !takesKnocks(found, since)) return "closed";
        let ended: string[] = [];
        if (countOf(sql.countKnocks.get(room)) >= open.most) {
          ended = sessionIds(sql.endAway.all(since, room, open.awayBefore));
          if (ended.length === 0) return "full";
        }
        sql.addSession.run(id, room, resumeHash, since, since);
        return { ended };
      });
    },

    async findSession(id) {
      return session(id);
    },

    async touch(sessions, now) {
      transaction(database, () => {
        for (const id of sessions) sql.touch.run(now, id);
      });
    },

    async admit(account, id, now) {
      return transaction(database, () => {
        const found = session(id);
        if (found === null || found.account !== account) return "unknown";
        if (found.ended !== null) return "ended";
        if (found.admitted !== null) return { ended: [] };
        sql.admit.run(now, id);
        if (invite(found.room)?.use !== "single") return { ended: [] };
        sql.markUsed.run(now, found.room);
        return { ended: sessionIds(sql.endOpen.all(now, found.room)) };
      });
    },

    async end(account, id, now) {
      return transaction(database, () => {
        if (session(id)?.account !== account) return false;
        sql.end.run(now, id);
        return true;
      });
    },

    async prune({ now, goneBefore, sessionsBefore, invitesBefore }) {
      transaction(database, () => {
        sql.endGone.run(now, goneBefore);
        sql.removeSessions.run(sessionsBefore);
        sql.removeInvites.run(invitesBefore);
      });
    },
  };
}

function takesKnocks({ revoked, used, burnt, paused, locked }: InviteRow, now: number): boolean {
  const isClosed = revoked !== null || used !== null || burnt !== null;
  return !isClosed && paused === null && (locked ?? now) <= now;
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    findInvite: sql("SELECT * FROM invites WHERE room = ?"),
    listInvites: sql("SELECT * FROM invites WHERE account = ? ORDER BY created DESC, room"),
    countAll: sql("SELECT count(*) AS count FROM invites WHERE account = ?"),
    countOpen: sql(`SELECT count(*) AS count FROM invites
      WHERE account = ? AND expires > ? AND revoked IS NULL AND used IS NULL AND burnt IS NULL`),
    addInvite: sql(`INSERT INTO invites (room, account, token_hash, use, created, not_before, expires)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    revoke: sql("UPDATE invites SET revoked = ? WHERE room = ?"),
    markUsed: sql("UPDATE invites SET used = ? WHERE room = ? AND used IS NULL"),
    burn: sql("UPDATE invites SET burnt = ? WHERE room = ?"),
    pause: sql("UPDATE invites SET paused = ? WHERE room = ?"),
    lock: sql("UPDATE invites SET locked = ?, strikes = 0 WHERE room = ?"),
    countStrike: sql("UPDATE invites SET strikes = strikes + 1 WHERE room = ?"),
    removeInvites: sql("DELETE FROM invites WHERE expires < ?"),

    findSession: sql(`SELECT sessions.*, invites.account FROM sessions JOIN invites USING (room)
      WHERE session = ?`),
    findStruck: sql("SELECT room, struck FROM sessions WHERE session = ?"),
    countKnocks: sql(`SELECT count(*) AS count FROM sessions WHERE room = ? AND ${OPEN}`),
    addSession: sql("INSERT INTO sessions (session, room, resume_hash, since, seen) VALUES (?, ?, ?, ?, ?)"),
    touch: sql("UPDATE sessions SET seen = ? WHERE session = ?"),
    markStruck: sql("UPDATE sessions SET struck = 1 WHERE session = ?"),
    admit: sql("UPDATE sessions SET admitted = ? WHERE session = ?"),
    end: sql("UPDATE sessions SET ended = ? WHERE session = ? AND ended IS NULL"),
    endOpen: sql(`UPDATE sessions SET ended = ? WHERE room = ? AND ${OPEN} RETURNING session`),
    endStruck: sql(
      `UPDATE sessions SET ended = ? WHERE room = ? AND struck = 1 AND ${OPEN} RETURNING session`,
    ),
    endAway: sql(`UPDATE sessions SET ended = ?1 WHERE session = (
        SELECT session FROM sessions WHERE room = ?2 AND ${OPEN} AND seen < ?3 ORDER BY seen LIMIT 1
      ) RETURNING session`),
    endGone: sql(`UPDATE sessions SET ended = ? WHERE seen < ? AND ${OPEN}`),
    removeSessions: sql("DELETE FROM sessions WHERE since < ?"),
  };
}
