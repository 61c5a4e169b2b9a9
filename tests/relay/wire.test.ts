/** The wire's bytes and texts, pinned: a change here is a new WIRE_VERSION. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { ClientControl, parseControl, RelayControl } from "../../relay/wire/control.ts";
import { ERROR_CODES } from "../../relay/wire/errors.ts";
import {
  CLOSE,
  encodeForward,
  HEADER_BYTES,
  MAX_DESK_GUESTS,
  MAX_FRAME_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_RELAY_CONTROL_BYTES,
  parseForward,
  SOCKET_PATH,
  WIRE_VERSION,
} from "../../relay/wire/frames.ts";

test("names, numbers and codes are what clients in use expect", () => {
  assert.deepEqual(
    { WIRE_VERSION, SOCKET_PATH, HEADER_BYTES, MAX_FRAME_BYTES, CLOSE },
    {
      WIRE_VERSION: 1,
      SOCKET_PATH: "/api/socket",
      HEADER_BYTES: 17,
      MAX_FRAME_BYTES: 65_553,
      CLOSE: {
        badFrame: 4400,
        ticketRefused: 4401,
        helloTimeout: 4402,
        version: 4406,
        heartbeatTimeout: 4408,
        replaced: 4409,
        ended: 4410,
        rateLimited: 4429,
        slowReader: 4430,
        tooMany: 4431,
        restarting: 4503,
      },
    },
  );
  assert.equal(new Set(ERROR_CODES).size, ERROR_CODES.length);
});

suite("forward frames", () => {
  test("have these bytes", () => {
    const session = Uint8Array.from({ length: 16 }, (_, i) => i + 0xa0);
    const frame = encodeForward(session, Uint8Array.of(0xff, 0));
    assert.equal(Buffer.from(frame).toString("hex"), "01a0a1a2a3a4a5a6a7a8a9aaabacadaeafff00");
  });

  test("are read as they were written", () => {
    const session = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(session, fc.uint8Array({ maxLength: 300, size: "max" }), (id, payload) => {
        const parsed = parseForward(encodeForward(id, payload));
        assert.deepEqual(parsed, { session: id, payload });
      }),
    );
  });

  test("are not made of parts of a wrong length", () => {
    assert.throws(() => encodeForward(new Uint8Array(15), new Uint8Array(0)), RangeError);
    assert.throws(() => encodeForward(new Uint8Array(17), new Uint8Array(0)), RangeError);
    assert.throws(() => encodeForward(new Uint8Array(16), new Uint8Array(MAX_PAYLOAD_BYTES + 1)), RangeError);
    assert.equal(
      encodeForward(new Uint8Array(16), new Uint8Array(MAX_PAYLOAD_BYTES)).length,
      MAX_FRAME_BYTES,
    );
  });

  test("are nothing else", () => {
    const frame = encodeForward(new Uint8Array(16), new Uint8Array(0));
    assert.ok(parseForward(frame));
    assert.equal(parseForward(frame.subarray(0, 16)), null);
    assert.equal(parseForward(new Uint8Array(0)), null);
    for (let type = 0; type < 256; type++)
      assert.equal(parseForward(Uint8Array.of(type, ...frame.subarray(1))) !== null, type === 1);
    const longest = new Uint8Array(MAX_FRAME_BYTES + 1);
    longest[0] = 1;
    assert.equal(parseForward(longest), null);
    assert.ok(parseForward(longest.subarray(1).fill(1, 0, 1)));
  });
});

suite("control messages", () => {
  test("of any text are parsed or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        assert.equal(parseControl(ClientControl, text), null);
        assert.equal(parseControl(RelayControl, text), null);
      }),
    );
  });

  test("name sessions in the one canonical way", () => {
    const gone = (session: string) => JSON.stringify({ t: "guest", here: false, session });
    assert.ok(parseControl(RelayControl, gone("AAAAAAAAAAAAAAAAAAAAAA")));
    for (const session of [
      "AAAAAAAAAAAAAAAAAAAAAB",
      "AAAAAAAAAAAAAAAAAAAAAA==",
      "AAAAAAAAAAAAAAAAAAAAA",
      "+".repeat(22),
    ])
      assert.equal(parseControl(RelayControl, gone(session)), null, session);
  });

  test("of the fullest desk fit the limit", () => {
    const id = "A".repeat(22);
    const guest = { session: id, room: id, admitted: false, since: Date.UTC(9999, 11, 31) };
    const ready = (count: number) =>
      JSON.stringify({ t: "ready", v: WIRE_VERSION, role: "host", guests: Array(count).fill(guest) });
    assert.ok(ready(MAX_DESK_GUESTS).length <= MAX_RELAY_CONTROL_BYTES);
    assert.ok(parseControl(RelayControl, ready(MAX_DESK_GUESTS)));
    assert.equal(parseControl(RelayControl, ready(MAX_DESK_GUESTS + 1)), null);
  });
});
