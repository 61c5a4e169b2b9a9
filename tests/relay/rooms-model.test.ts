/** Any sequence of comings, goings, admissions and frames: what is sent reaches the one it is for, or nobody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createCounters } from "../../relay/signal/counters.ts";
import { createRooms, type GuestSeat, type HostSeat, type Seat } from "../../relay/signal/rooms.ts";
import { encodeForward } from "../../relay/wire/frames.ts";
import { type FakeLine, fakeLine } from "./support/line.ts";

const DESKS = 2;
const GUESTS = 4;
/** Guests of even number belong to desk 0, the others to desk 1. */
const deskOf = (guest: number) => guest % DESKS;

const desk = fc.nat({ max: DESKS - 1 });
const guest = fc.nat({ max: GUESTS - 1 });
const step = fc.oneof(
  fc.record({ do: fc.constant("host enters" as const), desk }),
  fc.record({ do: fc.constant("host leaves" as const), desk }),
  fc.record({ do: fc.constant("guest enters" as const), guest, admitted: fc.boolean() }),
  fc.record({ do: fc.constant("guest leaves" as const), guest }),
  fc.record({ do: fc.constant("admit" as const), guest }),
  fc.record({ do: fc.constant("end" as const), guest }),
  fc.record({ do: fc.constant("guest sends" as const), guest, as: guest }),
  fc.record({ do: fc.constant("host sends" as const), desk, to: guest }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function idOf(guest: number): Buffer {
  return Buffer.alloc(16, guest + 1);
}

/** Plays the steps against the rooms and against a model of a few lines. */
function play(steps: readonly Step[]): void {
  const rooms = createRooms({
    now: () => 0,
    counters: createCounters(),
    limits: { queueBytes: 1_000, waitingPerDesk: 100, waitingPerAddress: 100 },
    passLifeMs: 1_000,
    seen: () => {},
  });
  const hosts: ({ seat: HostSeat; line: FakeLine } | null)[] = Array(DESKS).fill(null);
  const guests: ({ seat: GuestSeat; line: FakeLine } | null)[] = Array(GUESTS).fill(null);
  const ended = new Set<number>();
  const lines: FakeLine[] = [];
  const expected = new Map<FakeLine, Buffer[]>();

  function newLine(): FakeLine {
    const line = fakeLine();
    lines.push(line);
    return line;
  }

  function send(from: Seat, named: number, to: { line: FakeLine } | null | undefined): void {
    const frame = Buffer.from(encodeForward(idOf(named), Buffer.of(lines.length)));
    rooms.forward(from, frame);
    if (to) expected.set(to.line, [...(expected.get(to.line) ?? []), frame]);
  }

  function guestEnters(number: number, admitted: boolean): void {
    const line = newLine();
    const session = idOf(number).toString("base64url");
    const pass = { session, room: session, admitted, since: 0, desk: `desk-${deskOf(number)}` };
    const seat = rooms.enterGuest({ role: "guest", ...pass }, line);
    assert.equal(seat === null, ended.has(number));
    if (seat === null) return;
    // The socket of the one that was replaced closes a little later.
    const replaced = guests[number];
    if (replaced) rooms.leave(replaced.seat);
    guests[number] = { seat, line };
  }

  function hostEnters(number: number): void {
    const line = newLine();
    const seat = rooms.enterHost({ role: "host", desk: `desk-${number}`, login: "login" }, line);
    assert.ok(seat);
    const replaced = hosts[number];
    if (replaced) rooms.leave(replaced.seat);
    hosts[number] = { seat, line };
    const here = guests.flatMap((entry, n) => (entry && deskOf(n) === number ? [entry.seat.session] : []));
    const [ready] = line.said;
    assert.ok(ready?.t === "ready");
    assert.deepEqual(ready.guests.map(({ session }) => session).sort(), here.sort());
  }

  function guestSends(number: number, as: number): void {
    const from = guests[number];
    if (!from) return;
    send(from.seat, as, as === number ? hosts[deskOf(number)] : null);
    // Whoever names another session loses its place.
    if (as !== number) guests[number] = null;
  }

  function hostLeaves(number: number): void {
    const host = hosts[number];
    if (host) rooms.leave(host.seat);
    hosts[number] = null;
  }

  function guestLeaves(number: number): void {
    const leaving = guests[number];
    if (leaving) rooms.leave(leaving.seat);
    guests[number] = null;
  }

  function end(number: number): void {
    rooms.end(idOf(number).toString("base64url"));
    ended.add(number);
    guests[number] = null;
  }

  function admit(number: number): void {
    // After the end it would be refused before it reached the rooms.
    if (!ended.has(number)) rooms.admit(idOf(number).toString("base64url"));
  }

  function hostSends(number: number, to: number): void {
    const host = hosts[number];
    if (host) send(host.seat, to, deskOf(to) === number ? guests[to] : null);
  }

  for (const each of steps) {
    if (each.do === "host enters") hostEnters(each.desk);
    else if (each.do === "host leaves") hostLeaves(each.desk);
    else if (each.do === "guest enters") guestEnters(each.guest, each.admitted);
    else if (each.do === "guest leaves") guestLeaves(each.guest);
    else if (each.do === "admit") admit(each.guest);
    else if (each.do === "end") end(each.guest);
    else if (each.do === "guest sends") guestSends(each.guest, each.as);
    else hostSends(each.desk, each.to);
  }
  for (const line of lines) assert.deepEqual(line.passed, expected.get(line) ?? []);
}

test("no sequence of events takes a frame to anybody but the one it is for", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60, size: "max" }), play), { numRuns: 300 });
});
