/** RFC 6455 §5: lengths, pings and pongs, reserved bits, opcodes, masks and limits (Autobahn 1 to 4, 9 and 13). */
import { after } from "node:test";
import { deflateRawSync } from "node:zlib";
import { MAX_CONTROL_BYTES, MAX_FRAME_BYTES, MAX_PAYLOAD_BYTES } from "../../relay/wire/frames.ts";
import { type Cases, conform, control, startBench } from "./support/conformance.ts";
import { binary, frame, OPCODE, ping, pong, text } from "./support/raw-websocket.ts";

const bench = await startBench({ after });
const bytes = (length: number) => Buffer.alloc(length, 0xfe);
const forward = (payload: Uint8Array) => binary(bench.forward(payload));
const cases = <T>(list: readonly T[], make: (item: T) => Cases): Cases =>
  Object.assign({}, ...list.map(make));

conform("text messages", bench, {
  ...cases([125, 126, 127, 128, MAX_CONTROL_BYTES], (length) => ({
    [`of ${length} bytes are taken`]: { sends: [text(control(1, length))], hears: [1] },
  })),
  "of no bytes are none of the contract": { sends: [text("")], close: 4400 },
  ...cases([MAX_CONTROL_BYTES + 1, 65_535, 65_536, MAX_FRAME_BYTES], (length) => ({
    [`of ${length} bytes are none of the contract`]: { sends: [text(control(1, length))], close: 4400 },
  })),
  "longer than anything of the contract are not even read": {
    sends: [text(control(1, MAX_FRAME_BYTES + 1))],
    close: 1009,
  },
  "one after the other are answered one after the other": {
    sends: [1, 2, 3, 4, 5].map((n) => text(control(n))),
    hears: [1, 2, 3, 4, 5],
  },
});

conform("binary messages", bench, {
  ...cases([0, 108, 109, 110, 111, 65_518, 65_519, MAX_PAYLOAD_BYTES], (length) => ({
    [`with ${length} bytes of payload are passed on`]: {
      sends: [forward(bytes(length))],
      forwards: [bytes(length)],
    },
  })),
  ...cases([0, 1, 16], (length) => ({
    [`of ${length} bytes are none of the contract`]: { sends: [binary(bytes(length))], close: 4400 },
  })),
  "longer than the contract's": {
    sends: [binary(Buffer.concat([bench.forward(bytes(MAX_PAYLOAD_BYTES)), bytes(1)]))],
    close: 1009,
  },
});

const declared = (length: bigint) => ({
  sends: [frame({ opcode: OPCODE.binary, payload: "", length })],
  close: 1009,
});
conform("lengths that are only declared", bench, {
  "one byte too many is refused before it comes": declared(BigInt(MAX_FRAME_BYTES + 1)),
  "2^32": declared(2n ** 32n),
  "2^53, which a number still holds": declared(2n ** 53n),
  "2^63, whose first bit must not be set": declared(2n ** 63n),
  "all bits": declared(2n ** 64n - 1n),
});

conform("pings", bench, {
  "without a payload": { sends: [ping()], hears: [""] },
  "with a text": { sends: [ping("Hello, world!")], hears: ["Hello, world!"] },
  "with bytes that are no text": {
    sends: [ping(Buffer.of(0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff))],
    hears: [Buffer.of(0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff)],
  },
  "of the greatest length": { sends: [ping(bytes(125))], hears: [bytes(125)] },
  "longer than that": { sends: [ping(bytes(126))], close: 1002 },
  "ten in a row": {
    sends: Array.from({ length: 10 }, (_, n) => ping(`payload-${n}`)),
    hears: Array.from({ length: 10 }, (_, n) => `payload-${n}`),
  },
});

conform("pongs that nobody asked for", bench, {
  "without a payload are ignored": { sends: [pong()] },
  "with a payload are ignored": { sends: [pong("unsolicited")] },
  "before a ping": { sends: [pong("unsolicited"), ping("asked")], hears: ["asked"] },
  "longer than a control frame may be": { sends: [pong(bytes(126))], close: 1002 },
});

const reserved = (rsv: number, opcode: number, payload: string) => frame({ opcode, payload, rsv });
conform("reserved bits", bench, {
  ...cases([1, 2, 3, 4, 5, 6, 7], (rsv) => ({
    [`${rsv} on a text`]: { sends: [reserved(rsv, OPCODE.text, control(1))], close: 1002 },
    [`${rsv} on a text after a good one`]: {
      sends: [text(control(1)), reserved(rsv, OPCODE.text, control(2)), ping()],
      hears: [1],
      close: 1002,
    },
    [`${rsv} on bytes`]: { sends: [reserved(rsv, OPCODE.binary, "a".repeat(8))], close: 1002 },
    [`${rsv} on a ping`]: { sends: [reserved(rsv, OPCODE.ping, "a")], close: 1002 },
    [`${rsv} on a close`]: { sends: [reserved(rsv, OPCODE.close, "")], close: 1002 },
  })),
  "RSV1 on a compressed megabyte, as if compression had been agreed": {
    sends: [frame({ opcode: OPCODE.binary, rsv: 4, payload: deflateRawSync(Buffer.alloc(1_000_000)) })],
    close: 1002,
  },
});

conform("opcodes that mean nothing", bench, {
  ...cases([3, 4, 5, 6, 7, 11, 12, 13, 14, 15], (opcode) => ({
    [`${opcode} without a payload`]: { sends: [frame({ opcode })], close: 1002 },
    [`${opcode} with a payload`]: { sends: [frame({ opcode, payload: "reserved" })], close: 1002 },
    [`${opcode} after a good text`]: {
      sends: [text(control(1)), frame({ opcode, payload: "reserved" }), ping()],
      hears: [1],
      close: 1002,
    },
  })),
});

conform("masks", bench, {
  ...cases(Object.entries(OPCODE), ([name, opcode]) => ({
    [`a ${name} frame without one`]: { sends: [frame({ opcode, masked: false })], close: 1002 },
  })),
  "a text without one": {
    sends: [frame({ opcode: OPCODE.text, payload: control(1), masked: false })],
    close: 1002,
  },
});
