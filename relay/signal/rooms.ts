/**
 * Who is connected, and what goes to whom. No socket here: a connection is a `Line`, and the time is an argument of
 * the construction. Nothing is kept that a restart could miss; both sides simply come back.
 */

import { createTally } from "../tally.ts";
import type { GuestHere, RelayControl } from "../wire/control.ts";
import {
  CLOSE,
  type CloseCode,
  FRAME_FORWARD,
  HEADER_BYTES,
  MAX_DESK_GUESTS,
  WIRE_VERSION,
} from "../wire/frames.ts";
import type { Counters } from "./counters.ts";
import { createNews } from "./news.ts";
import {
  createSessionTable,
  names,
  type SessionKey,
  type SessionTable,
  sessionKey,
} from "./session-table.ts";
import type { GuestPass, HostPass } from "./tickets.ts";

/** A connection, as far as the rooms are concerned. */
export interface Line {
  /** Connections of one address share it; nothing else is known of it. */
  readonly from: string;
  say(message: RelayControl): void;
  /** Passes the very same bytes on. */
  pass(frame: Buffer): void;
  /** Bytes that wait for this receiver. */
  queued(): number;
  /** Closes for a reason of the relay's; nothing is said or passed after it. */
  close(code: CloseCode): void;
}

interface Desk {
  readonly id: string;
  host: HostSeat | null;
  readonly guests: SessionTable<GuestSeat>;
}

export interface HostSeat {
  readonly role: "host";
  readonly line: Line;
  readonly desk: Desk;
  readonly login: string;
}

export interface GuestSeat {
  readonly role: "guest";
  readonly line: Line;
  readonly desk: Desk;
  readonly session: string;
  readonly key: SessionKey;
  readonly room: string;
  readonly since: number;
  admitted: boolean;
}

export type Seat = HostSeat | GuestSeat;

export interface RoomsDependencies {
  readonly now: () => number;
  readonly counters: Counters;
  readonly limits: {
    readonly queueBytes: number;
    readonly waitingPerDesk: number;
    readonly waitingPerAddress: number;
  };
  /** This guest is there, or was until now. */
  readonly seen: (session: string) => void;
  /** How long a pass may be older than what is known of its session here. */
  readonly passLifeMs: number;
}

export interface Rooms {
  /** Takes the desk; an older connection of it is closed with 4409. `null`: refused and closed. */
  enterHost(pass: HostPass, line: Line): HostSeat | null;
  /** Takes the session's place; an older connection of it is closed with 4409. `null`: refused and closed. */
  enterGuest(pass: GuestPass, line: Line): GuestSeat | null;
  /** Passes a frame on, or drops it for a reason. The hot path: no copy, no JSON. */
  forward(from: Seat, frame: Buffer): void;
  /** The connection is gone, or was told to go. */
  leave(seat: Seat): void;
  admit(session: string): void;
  end(session: string): void;
  /** Closes the desk that this sign-in opened, and takes no ticket of it any more. */
  signOut(login: string): void;
  /** Sign-ins whose desk is in a call with somebody who is connected. */
  inCall(): string[];
  /** Sessions of the connected guests that wait. */
  waiting(): string[];
}

export function createRooms(dependencies: RoomsDependencies): Rooms {
  const { counters, limits, seen } = dependencies;
  const desks = new Map<string, Desk>();
  const guests = new Map<string, GuestSeat>();
  // A ticket may have been made just before its session was admitted or ended, or its sign-in signed out.
  const news = createNews(dependencies.now, dependencies.passLifeMs);
  const waitingFrom = createTally();

  function deskOf(id: string): Desk {
    const desk = desks.get(id) ?? { id, host: null, guests: createSessionTable() };
    desks.set(id, desk);
    return desk;
  }

  function forgetIfEmpty(desk: Desk): void {
    if (desk.host === null && desk.guests.size === 0) desks.delete(desk.id);
  }

  /** Whether a guest that is not there yet may come in; the reason why not is counted. */
  function hasRoom(desk: Desk, admitted: boolean, from: string): boolean {
    const crowded = desk.guests.size >= (admitted ? MAX_DESK_GUESTS : limits.waitingPerDesk);
    const pushing = !admitted && waitingFrom.of(from) >= limits.waitingPerAddress;
    if (crowded) counters.refused["desk-full"]++;
    else if (pushing) counters.refused["address-waiting"]++;
    return !crowded && !pushing;
  }

  function leaveGuest(seat: GuestSeat): void {
    if (guests.get(seat.session) !== seat) return;
    guests.delete(seat.session);
    if (!seat.admitted) waitingFrom.remove(seat.line.from);
    seat.desk.guests.delete(seat);
    seat.desk.host?.line.say({ t: "guest", here: false, session: seat.session });
    forgetIfEmpty(seat.desk);
    if (!seat.admitted) seen(seat.session);
  }

  function leaveHost(seat: HostSeat): void {
    if (seat.desk.host !== seat) return;
    seat.desk.host = null;
    for (const guest of seat.desk.guests.all()) guest.line.say({ t: "host", here: false });
    forgetIfEmpty(seat.desk);
  }

  function leave(seat: Seat): void {
    if (seat.role === "host") leaveHost(seat);
    else leaveGuest(seat);
  }

  function dismiss(seat: Seat, code: CloseCode): void {
    seat.line.close(code);
    leave(seat);
  }

  function deliver(to: Seat, frame: Buffer): void {
    if (to.line.queued() + frame.length > limits.queueBytes) {
      counters.dropped["slow-reader"]++;
      dismiss(to, CLOSE.slowReader);
      return;
    }
    counters.forwardedFrames++;
    counters.forwardedBytes += frame.length;
    to.line.pass(frame);
  }

  function forwardFromGuest(from: GuestSeat, frame: Buffer): void {
    if (!names(frame, from.key)) {
      counters.dropped["bad-frame"]++;
      dismiss(from, CLOSE.badFrame);
      return;
    }
    const { host } = from.desk;
    if (host === null) {
      counters.dropped["no-host"]++;
      return;
    }
    // Strangers who hold a link must not be able to get the therapist closed as a slow reader.
    if (!from.admitted && host.line.queued() + frame.length > limits.queueBytes / 2) {
      counters.dropped["host-busy"]++;
      return;
    }
    deliver(host, frame);
  }

  return {
    enterHost({ desk: id, login }, line) {
      if (news.of(login) === "ended") {
        counters.refused["signed-out"]++;
        line.close(CLOSE.ticketRefused);
        return null;
      }
      const desk = deskOf(id);
      const older = desk.host;
      const seat: HostSeat = { role: "host", line, desk, login };
      desk.host = seat;
      older?.line.close(CLOSE.replaced);
      line.say({
        t: "ready",
        v: WIRE_VERSION,
        role: "host",
        guests: desk.guests.all().map(hereOf),
      });
      for (const guest of desk.guests.all()) guest.line.say({ t: "host", here: true });
      return seat;
    },

    enterGuest(pass, line) {
      const { session, room, since } = pass;
      const known = news.of(session);
      if (known === "ended") {
        counters.refused["session-ended"]++;
        line.close(CLOSE.ended);
        return null;
      }
      const admitted = pass.admitted || known === "admitted";
      const older = guests.get(session);
      if (older) {
        guests.delete(session);
        if (!older.admitted) waitingFrom.remove(older.line.from);
        older.line.close(CLOSE.replaced);
      }
      const desk = deskOf(pass.desk);
      if (!older && !hasRoom(desk, admitted, line.from)) {
        line.close(CLOSE.tooMany);
        forgetIfEmpty(desk);
        return null;
      }
      const key = sessionKey(session);
      const seat: GuestSeat = { role: "guest", line, desk, session, key, room, since, admitted };
      guests.set(session, seat);
      desk.guests.set(seat);
      if (!admitted) waitingFrom.add(line.from);
      if (!admitted) seen(session);
      line.say({ t: "welcome", v: WIRE_VERSION, role: "guest", session, host: desk.host !== null });
      desk.host?.line.say({ t: "guest", here: true, guest: hereOf(seat) });
      return seat;
    },

    forward(from, frame) {
      if (frame.length < HEADER_BYTES || frame[0] !== FRAME_FORWARD) {
        counters.dropped["bad-frame"]++;
        dismiss(from, CLOSE.badFrame);
        return;
      }
      if (from.role === "guest") {
        forwardFromGuest(from, frame);
        return;
      }
      const to = from.desk.guests.find(frame);
      if (to === undefined) counters.dropped["no-guest"]++;
      else deliver(to, frame);
    },

    leave,

    admit(session) {
      news.note(session, "admitted");
      const seat = guests.get(session);
      if (!seat || seat.admitted) return;
      seat.admitted = true;
      waitingFrom.remove(seat.line.from);
    },

    end(session) {
      news.note(session, "ended");
      const seat = guests.get(session);
      if (seat) dismiss(seat, CLOSE.ended);
    },

    signOut(login) {
      news.note(login, "ended");
      for (const { host } of desks.values()) if (host?.login === login) dismiss(host, CLOSE.ticketRefused);
    },

    inCall() {
      return Array.from(desks.values()).flatMap(({ host, guests: present }) =>
        host !== null && [...present.all()].some((guest) => guest.admitted) ? [host.login] : [],
      );
    },

    waiting() {
      return Array.from(guests.values())
        .filter((guest) => !guest.admitted)
        .map((guest) => guest.session);
    },
  };
}

function hereOf({ session, room, admitted, since }: GuestSeat): GuestHere {
  return { session, room, admitted, since };
}
