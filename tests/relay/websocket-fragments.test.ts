/** RFC 6455 §5.4: messages in several frames, with control frames in between (Autobahn 5 and the end of 9). */
import { after } from "node:test";
import { LIMITS } from "../../relay/limits.ts";
import { MAX_FRAME_BYTES, MAX_PAYLOAD_BYTES } from "../../relay/wire/frames.ts";
import { conform, control, startBench } from "./support/conformance.ts";
import { frame, OPCODE, ping, pong, text } from "./support/raw-websocket.ts";

const bench = await startBench({ after });

const start = (opcode: number, payload: string | Uint8Array) => frame({ opcode, payload, fin: false });
const more = (payload: string | Uint8Array) => start(OPCODE.continuation, payload);
const last = (payload: string | Uint8Array = "") => frame({ opcode: OPCODE.continuation, payload });

/** The payload in so many frames of about the same length. */
function fragments(opcode: number, payload: Uint8Array, count: number): Buffer[] {
  const size = Math.ceil(payload.length / count);
  return Array.from({ length: count }, (_, index) =>
    frame({
      opcode: index === 0 ? opcode : OPCODE.continuation,
      payload: payload.subarray(index * size, (index + 1) * size),
      fin: index === count - 1,
    }),
  );
}

const PING = control(7);
const [HEAD, TAIL] = [PING.slice(0, 5), PING.slice(5)];
const { messageFrames } = LIMITS;
const large = bench.forward(Buffer.alloc(MAX_PAYLOAD_BYTES, 3));
const tooLarge = Buffer.alloc(MAX_FRAME_BYTES + 1, 1);

conform("a text in fragments", bench, {
  "two of them": { sends: [start(OPCODE.text, HEAD), last(TAIL)], hears: [7] },
  "one per byte": { sends: fragments(OPCODE.text, Buffer.from(PING), PING.length), hears: [7] },
  "some of them empty": { sends: [start(OPCODE.text, ""), more(PING), more(""), last("")], hears: [7] },
  "all of them empty": { sends: [start(OPCODE.text, ""), more(""), last("")], close: 4400 },
  "the last one empty": { sends: [start(OPCODE.text, PING), last()], hears: [7] },
});

conform("bytes in fragments", bench, {
  "two of them": {
    sends: fragments(OPCODE.binary, bench.forward(Buffer.from("abcdef")), 2),
    forwards: [Buffer.from("abcdef")],
  },
  "as many as there may be, of the greatest length": {
    sends: fragments(OPCODE.binary, large, messageFrames),
    forwards: [Buffer.alloc(MAX_PAYLOAD_BYTES, 3)],
  },
  "one more than there may be": { sends: fragments(OPCODE.binary, large, messageFrames + 1), close: 1008 },
  "one more than there may be, all but empty": {
    sends: [start(OPCODE.binary, ""), ...Array.from({ length: messageFrames }, () => more(""))],
    close: 1008,
  },
  "that are together too long": { sends: fragments(OPCODE.binary, tooLarge, 2), close: 1009 },
  "the last of which is too long": {
    sends: [start(OPCODE.binary, bench.forward(Buffer.alloc(65_000))), last(Buffer.alloc(65_000))],
    close: 1009,
  },
});

conform("control frames in fragments", bench, {
  "a ping": { sends: [start(OPCODE.ping, "a"), last("b")], close: 1002 },
  "a pong": { sends: [start(OPCODE.pong, "a"), last("b")], close: 1002 },
  "a close": { sends: [start(OPCODE.close, ""), last("")], close: 1002 },
});

conform("between the fragments of a text", bench, {
  "a ping is answered at once": {
    sends: [start(OPCODE.text, HEAD), ping("between"), last(TAIL)],
    hears: ["between", 7],
  },
  "several pings are": {
    sends: [start(OPCODE.text, HEAD), ping("1"), more(""), ping("2"), ping("3"), last(TAIL)],
    hears: ["1", "2", "3", 7],
  },
  "a pong is ignored": { sends: [start(OPCODE.text, HEAD), pong("between"), last(TAIL)], hears: [7] },
  "a close ends it": { sends: [start(OPCODE.text, HEAD), frame({ opcode: OPCODE.close })], close: 1005 },
  "no other text may begin": { sends: [start(OPCODE.text, HEAD), text(PING)], close: 1002 },
  "no other text in fragments may begin": {
    sends: [start(OPCODE.text, HEAD), start(OPCODE.text, TAIL), last()],
    close: 1002,
  },
  "no bytes may begin": {
    sends: [start(OPCODE.text, HEAD), start(OPCODE.binary, bench.forward(Buffer.alloc(1)))],
    close: 1002,
  },
});

conform("a continuation of nothing", bench, {
  "that ends": { sends: [last(PING)], close: 1002 },
  "that goes on": { sends: [more(HEAD), last(TAIL)], close: 1002 },
  "after a whole text": { sends: [text(PING), last("more")], hears: [7], close: 1002 },
  "after a text in fragments": {
    sends: [start(OPCODE.text, HEAD), last(TAIL), more("more")],
    hears: [7],
    close: 1002,
  },
});
