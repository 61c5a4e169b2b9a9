/** Who hears what, who is let in and what is dropped: the rooms alone, with a clock of the test's. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createCounters } from "../../relay/signal/counters.ts";
import { createRooms, type GuestSeat } from "../../relay/signal/rooms.ts";
import type { GuestPass } from "../../relay/signal/tickets.ts";
import { CLOSE, encodeForward, MAX_DESK_GUESTS } from "../../relay/wire/frames.ts";
import { fakeLine } from "./support/line.ts";

const QUEUE = 1_000;

function setUp(limits: { waitingPerDesk?: number; waitingPerAddress?: number } = {}) {
  const clock = { now: 1_000_000 };
  const counters = createCounters();
  const seen: string[] = [];
  const rooms = createRooms({
    now: () => clock.now,
    counters,
    limits: { queueBytes: QUEUE, waitingPerDesk: 100, waitingPerAddress: 100, ...limits },
    passLifeMs: 16_000,
    seen: (session) => seen.push(session),
  });
  let made = 0;
  const pass = (changes: Partial<GuestPass> = {}): GuestPass => ({
    role: "guest",
    desk: "desk",
    session: sessionText(++made),
    room: sessionText(1_000_000 + made),
    admitted: false,
    since: clock.now,
    ...changes,
  });
  const host = (desk = "desk", login = "login") => {
    const line = fakeLine();
    const seat = rooms.enterHost({ role: "host", desk, login }, line);
    assert.ok(seat, "the host was let in");
    return { line, seat };
  };
  const guest = (changes: Partial<GuestPass> = {}, from = `address-${made}`) => {
    const line = fakeLine(from);
    const seat = rooms.enterGuest(pass(changes), line);
    assert.ok(seat, "the guest was let in");
    return { line, seat };
  };
  return { clock, counters, seen, rooms, pass, host, guest };
}

function sessionText(n: number): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(n, 12);
  return bytes.toString("base64url");
}

/** A frame for this session with so many bytes in all. */
function frameOf(session: string, bytes = 20): Buffer {
  return Buffer.from(encodeForward(Buffer.from(session, "base64url"), new Uint8Array(bytes - 17)));
}

function hereOf({ session, room, admitted, since }: GuestSeat) {
  return { session, room, admitted, since };
}

suite("presence", () => {
  test("a host that comes hears who is there, a guest whether its host is", () => {
    const { host, guest } = setUp();
    const early = guest();
    const desk = host();
    const late = guest({ admitted: true });
    assert.deepEqual(early.line.said, [
      { t: "welcome", v: 1, role: "guest", session: early.seat.session, host: false },
      { t: "host", here: true },
    ]);
    assert.deepEqual(desk.line.said, [
      { t: "ready", v: 1, role: "host", guests: [hereOf(early.seat)] },
      { t: "guest", here: true, guest: hereOf(late.seat) },
    ]);
    assert.deepEqual(late.line.said, [
      { t: "welcome", v: 1, role: "guest", session: late.seat.session, host: true },
    ]);
  });

  test("who leaves is announced, once", () => {
    const { rooms, host, guest } = setUp();
    const desk = host();
    const { line, seat } = guest();
    rooms.leave(seat);
    rooms.leave(seat);
    assert.deepEqual(desk.line.said.slice(2), [{ t: "guest", here: false, session: seat.session }]);
    const other = guest();
    rooms.leave(desk.seat);
    rooms.leave(desk.seat);
    assert.deepEqual(other.line.said.slice(1), [{ t: "host", here: false }]);
    assert.equal(line.said.length, 1, "who left hears nothing more");
  });

  test("guests of other desks are neither seen nor told", () => {
    const { host, guest } = setUp();
    const desk = host();
    const stranger = guest({ desk: "another" });
    assert.equal(desk.line.said.length, 1);
    assert.equal(host("another").line.said.length, 1);
    assert.deepEqual(stranger.line.said.at(-1), { t: "host", here: true });
  });

  test("the newest desk takes over; both sides hear of the new connection, not of a loss", () => {
    const { rooms, host, guest } = setUp();
    const old = host();
    const { line, seat } = guest();
    const young = host();
    assert.deepEqual(old.line.closes, [CLOSE.replaced]);
    assert.deepEqual(line.said.slice(1), [{ t: "host", here: true }]);
    rooms.leave(old.seat);
    assert.equal(line.said.length, 2, "the old one's end is no news");
    rooms.forward(seat, frameOf(seat.session));
    assert.deepEqual([old.line.passed.length, young.line.passed.length], [0, 1]);
  });

  test("the newest connection of a session takes over", () => {
    const { rooms, host, guest, pass } = setUp();
    const desk = host();
    const old = guest();
    const line = fakeLine();
    const seat = rooms.enterGuest(pass({ session: old.seat.session }), line);
    assert.ok(seat);
    assert.deepEqual(old.line.closes, [CLOSE.replaced]);
    rooms.leave(old.seat);
    assert.deepEqual(
      desk.line.said.slice(1).map((message) => message.t === "guest" && message.here),
      [true, true],
    );
    rooms.forward(desk.seat, frameOf(seat.session));
    assert.deepEqual([old.line.passed.length, line.passed.length], [0, 1]);
  });

  test("waiting guests are noted as seen when they come and go, admitted ones are not", () => {
    const { rooms, seen, guest } = setUp();
    const waiting = guest().seat;
    const admitted = guest({ admitted: true }).seat;
    assert.deepEqual(rooms.waiting(), [waiting.session]);
    rooms.leave(waiting);
    rooms.leave(admitted);
    assert.deepEqual(seen, [waiting.session, waiting.session]);
    assert.deepEqual(rooms.waiting(), []);
  });
});

suite("forwarding", () => {
  test("the very same bytes reach the other side", () => {
    const { rooms, counters, host, guest } = setUp();
    const desk = host();
    const one = guest();
    const two = guest();
    const up = frameOf(one.seat.session, 100);
    rooms.forward(one.seat, up);
    assert.equal(desk.line.passed[0], up, "no copy");
    const down = frameOf(two.seat.session, 200);
    rooms.forward(desk.seat, down);
    assert.equal(two.line.passed[0], down);
    assert.equal(one.line.passed.length, 0);
    assert.deepEqual([counters.forwardedFrames, counters.forwardedBytes], [2, 300]);
  });

  test("a guest that names another session is closed and nothing passes", () => {
    const { rooms, counters, host, guest } = setUp();
    const desk = host();
    const one = guest();
    const two = guest();
    rooms.forward(one.seat, frameOf(two.seat.session));
    assert.deepEqual(one.line.closes, [CLOSE.badFrame]);
    assert.deepEqual([desk.line.passed.length, two.line.passed.length], [0, 0]);
    assert.equal(counters.dropped["bad-frame"], 1);
    assert.deepEqual(desk.line.said.at(-1), { t: "guest", here: false, session: one.seat.session });
  });

  test("a host cannot reach a guest of another desk", () => {
    const { rooms, counters, host, guest } = setUp();
    const desk = host();
    const stranger = guest({ desk: "another" });
    rooms.forward(desk.seat, frameOf(stranger.seat.session));
    assert.equal(stranger.line.passed.length, 0);
    assert.equal(counters.dropped["no-guest"], 1);
  });

  const notFrames: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    "shorter than a header": Buffer.from([1, ...new Uint8Array(15)]),
    "of an unknown type": Buffer.concat([Buffer.from([2]), frameOf(sessionText(1)).subarray(1)]),
  };
  for (const [what, bytes] of Object.entries(notFrames))
    test(`bytes that are ${what} close their sender, on either side`, () => {
      const { rooms, host, guest } = setUp();
      const desk = host();
      const { line, seat } = guest();
      rooms.forward(seat, bytes);
      rooms.forward(desk.seat, bytes);
      assert.deepEqual([line.closes, desk.line.closes], [[CLOSE.badFrame], [CLOSE.badFrame]]);
    });

  test("a frame of a header alone passes", () => {
    const { rooms, host, guest } = setUp();
    const desk = host();
    const { seat } = guest();
    rooms.forward(seat, frameOf(seat.session, 17));
    assert.equal(desk.line.passed.length, 1);
  });

  test("without the other side frames are dropped and counted", () => {
    const { rooms, counters, host, guest } = setUp();
    const { line, seat } = guest();
    rooms.forward(seat, frameOf(seat.session));
    assert.deepEqual([counters.dropped["no-host"], line.closes], [1, []]);
    const desk = host();
    rooms.leave(seat);
    rooms.forward(desk.seat, frameOf(seat.session));
    assert.deepEqual([counters.dropped["no-guest"], desk.line.closes], [1, []]);
  });
});

suite("backpressure", () => {
  test("a receiver whose queue is full is closed, one below it is not", () => {
    const { rooms, counters, host, guest } = setUp();
    const desk = host();
    const { line, seat } = guest();
    line.waiting = QUEUE - 100;
    rooms.forward(desk.seat, frameOf(seat.session, 100));
    assert.deepEqual([line.passed.length, line.closes], [1, []]);
    line.waiting = QUEUE - 99;
    rooms.forward(desk.seat, frameOf(seat.session, 100));
    assert.deepEqual([line.passed.length, line.closes], [1, [CLOSE.slowReader]]);
    assert.equal(counters.dropped["slow-reader"], 1);
    assert.deepEqual(desk.line.said.at(-1), { t: "guest", here: false, session: seat.session });
  });

  test("who waits cannot fill the host's queue, who was admitted can", () => {
    const { rooms, counters, host, guest } = setUp();
    const desk = host();
    const stranger = guest();
    const patient = guest({ admitted: true });
    desk.line.waiting = QUEUE / 2 - 99;
    rooms.forward(stranger.seat, frameOf(stranger.seat.session, 100));
    assert.deepEqual([desk.line.passed.length, desk.line.closes, stranger.line.closes], [0, [], []]);
    assert.equal(counters.dropped["host-busy"], 1);
    rooms.forward(patient.seat, frameOf(patient.seat.session, 100));
    assert.equal(desk.line.passed.length, 1);
    rooms.admit(stranger.seat.session);
    rooms.forward(stranger.seat, frameOf(stranger.seat.session, 100));
    assert.equal(desk.line.passed.length, 2);
  });
});

suite("who is let in", () => {
  test("an ended session is closed and stays out for as long as its ticket could live", () => {
    const { rooms, clock, counters, host, guest, pass } = setUp();
    const desk = host();
    const { line, seat } = guest();
    rooms.end(seat.session);
    assert.deepEqual(line.closes, [CLOSE.ended]);
    assert.deepEqual(desk.line.said.at(-1), { t: "guest", here: false, session: seat.session });
    clock.now += 15_999;
    const late = fakeLine();
    assert.equal(rooms.enterGuest(pass({ session: seat.session }), late), null);
    assert.deepEqual([late.closes, counters.refused["session-ended"]], [[CLOSE.ended], 1]);
  });

  test("a ticket from before the admission counts as admitted", () => {
    const { rooms, host, pass } = setUp();
    const desk = host();
    const old = pass();
    rooms.admit(old.session);
    const seat = rooms.enterGuest(old, fakeLine());
    assert.equal(seat?.admitted, true);
    const told = desk.line.said.at(-1);
    assert.ok(told?.t === "guest" && told.here && told.guest.admitted);
  });

  test("a session that is admitted and then ended in the same seconds is ended", () => {
    const { rooms, pass } = setUp();
    const old = pass();
    rooms.admit(old.session);
    rooms.end(old.session);
    assert.equal(rooms.enterGuest(old, fakeLine()), null);
  });

  test("a desk takes so many that wait; those admitted still come in, up to the wire's limit", () => {
    const { rooms, counters, pass, guest } = setUp({ waitingPerDesk: 2 });
    guest();
    const second = guest();
    const third = fakeLine();
    assert.equal(rooms.enterGuest(pass(), third), null);
    assert.deepEqual([third.closes, counters.refused["desk-full"]], [[CLOSE.tooMany], 1]);
    assert.ok(
      rooms.enterGuest(pass({ session: second.seat.session }), fakeLine()),
      "a reload finds its place",
    );
    for (let here = 2; here < MAX_DESK_GUESTS; here++) guest({ admitted: true });
    assert.equal(rooms.enterGuest(pass({ admitted: true }), fakeLine()), null);
  });

  test("an address takes so many that wait; leaving and being admitted make room", () => {
    const { rooms, counters, pass, guest } = setUp({ waitingPerAddress: 2 });
    const one = guest({}, "clinic");
    const two = guest({}, "clinic");
    guest({}, "elsewhere");
    const knock = () => rooms.enterGuest(pass(), fakeLine("clinic"));
    assert.equal(knock(), null);
    assert.equal(counters.refused["address-waiting"], 1);
    rooms.admit(one.seat.session);
    rooms.admit(one.seat.session);
    const three = knock();
    assert.ok(three);
    assert.equal(knock(), null);
    rooms.leave(one.seat);
    assert.equal(knock(), null, "an admitted one that leaves makes no room for one that waits");
    rooms.leave(two.seat);
    assert.ok(knock());
    assert.ok(rooms.enterGuest(pass({ session: three.session }), fakeLine("clinic")), "a reload");
    assert.equal(knock(), null);
  });

  test("signing out closes the desk that this sign-in opened and no other", () => {
    const { rooms, host, guest } = setUp();
    const desk = host("desk", "this browser");
    const other = host("another", "another browser");
    const { line } = guest();
    rooms.signOut("this browser");
    assert.deepEqual([desk.line.closes, other.line.closes], [[CLOSE.ticketRefused], []]);
    assert.deepEqual(line.said.at(-1), { t: "host", here: false });
    const late = fakeLine();
    const pass = { role: "host", desk: "desk", login: "this browser" } as const;
    assert.equal(rooms.enterHost(pass, late), null, "with a ticket from just before");
    assert.deepEqual(late.closes, [CLOSE.ticketRefused]);
  });
});
