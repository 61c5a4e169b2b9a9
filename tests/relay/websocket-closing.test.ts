/** RFC 6455 §5.6, §7: UTF-8 in texts and the closing handshake with its codes (Autobahn 6 and 7). */
import { after } from "node:test";
import { type Case, type Cases, conform, control, startBench } from "./support/conformance.ts";
import { closing, frame, OPCODE, ping, text } from "./support/raw-websocket.ts";

const bench = await startBench({ after });

/** Not one of the contract's messages: but only where it is a text at all is that what is wrong with it. */
const GOOD = 4400;
const BAD = 1007;

/** Hexadecimal bytes -> what the relay has to say of them as a text. */
const SEQUENCES: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  "of every length": [
    ["ce ba e1 bd b9 cf 83 ce bc ce b5", GOOD],
    ["00", GOOD],
    ["c2 80", GOOD],
    ["e0 a0 80", GOOD],
    ["f0 90 80 80", GOOD],
    ["7f", GOOD],
    ["df bf", GOOD],
    ["ef bf bf", GOOD],
    ["f4 8f bf bf", GOOD],
    ["f8 88 80 80 80", BAD],
    ["fc 84 80 80 80 80", BAD],
    ["f7 bf bf bf", BAD],
    ["fb bf bf bf bf", BAD],
    ["fd bf bf bf bf bf", BAD],
  ],
  "at other borders": [
    ["ed 9f bf", GOOD],
    ["ee 80 80", GOOD],
    ["ef bf bd", GOOD],
    ["f4 90 80 80", BAD],
  ],
  "with continuation bytes of nothing": [
    ["80", BAD],
    ["bf", BAD],
    ["80 bf", BAD],
    ["80 bf 80 bf 80 bf", BAD],
  ],
  "with starts alone": [
    ["c0 20 c1 20", BAD],
    ["e0 20 e1 20", BAD],
    ["f0 20 f1 20", BAD],
    ["f5 20 ff 20", BAD],
  ],
  "without their last byte": [
    ["c2", BAD],
    ["e0 a0", BAD],
    ["f0 90 80", BAD],
    ["ce ba e1 bd", BAD],
  ],
  "with bytes that never occur": [
    ["fe", BAD],
    ["ff", BAD],
    ["fe fe ff ff", BAD],
  ],
  "longer than they need to be": [
    ["c0 af", BAD],
    ["e0 80 af", BAD],
    ["f0 80 80 af", BAD],
    ["c1 bf", BAD],
    ["e0 9f bf", BAD],
    ["f0 8f bf bf", BAD],
    ["c0 80", BAD],
  ],
  "that are halves of surrogates": [
    ["ed a0 80", BAD],
    ["ed af bf", BAD],
    ["ed b0 80", BAD],
    ["ed bf bf", BAD],
    ["ed a0 80 ed b0 80", BAD],
  ],
  "that mean no character": [
    ["ef bf be", GOOD],
    ["f0 9f bf be", GOOD],
    ["f4 8f bf be", GOOD],
  ],
};

const hex = (digits: string) => Buffer.from(digits.replaceAll(" ", ""), "hex");

for (const [what, sequences] of Object.entries(SEQUENCES)) {
  const cases: Record<string, Case> = {};
  for (const [digits, close] of sequences) {
    cases[digits] = { sends: [text(hex(digits))], close };
    cases[`${digits}, cut into frames between its bytes`] = {
      sends: Array.from(hex(digits), (byte, index) =>
        frame({
          opcode: index === 0 ? OPCODE.text : OPCODE.continuation,
          payload: Buffer.of(byte),
          fin: index === hex(digits).length - 1,
        }),
      ),
      close,
    };
  }
  conform(`UTF-8 sequences ${what}`, bench, cases);
}

conform("texts", bench, {
  "inside a message of the contract that are not UTF-8": {
    sends: [
      text(Buffer.concat([Buffer.from('{"t":"ping","n":1,"'), hex("ce ba e1 bd"), Buffer.from('":1}')])),
    ],
    close: BAD,
  },
  "after one that was not UTF-8 are not read": {
    sends: [text(hex("ff")), text(control(1)), ping()],
    close: BAD,
  },
});

const close = (payload: Uint8Array | string = "") => frame({ opcode: OPCODE.close, payload });

conform("the closing handshake", bench, {
  "without a code": { sends: [close()], close: 1005 },
  "with a code": { sends: [close(closing(1000))], close: 1000 },
  "with a code and a reason": { sends: [close(closing(1000, "bye"))], close: 1000 },
  "with the longest reason": { sends: [close(closing(1000, "x".repeat(123)))], close: 1000 },
  "with a reason that is longer": { sends: [close(closing(1000, "x".repeat(124)))], close: 1002 },
  "with half a code": { sends: [close(Buffer.of(3))], close: 1002 },
  "with a reason that is not UTF-8": { sends: [close(closing(1000, hex("ce ba e1 bd")))], close: 1007 },
  twice: { sends: [close(closing(1000)), close(closing(1001))], close: 1000 },
  "before a ping, which is not answered": { sends: [close(closing(1000)), ping("late")], close: 1000 },
  "before a message, which is not answered": { sends: [close(closing(1000)), text(control(9))], close: 1000 },
  "before bytes, which are not passed on": {
    sends: [close(closing(1000)), frame({ opcode: OPCODE.binary, payload: bench.forward(Buffer.of(1)) })],
    close: 1000,
  },
  "before what is no WebSocket any more": {
    sends: [close(closing(1000)), Buffer.alloc(300, 0xff)],
    close: 1000,
  },
  "after a message": { sends: [text(control(5)), close(closing(1000))], hears: [5], close: 1000 },
});

const codes = (list: readonly number[], answer: (code: number) => number): Cases =>
  Object.fromEntries(
    list.flatMap((code): [string, Case][] => [
      [String(code), { sends: [close(closing(code))], close: answer(code), saidBack: answer(code) === code }],
      [
        `${code} with a reason`,
        { sends: [close(closing(code, "reason"))], close: answer(code), saidBack: answer(code) === code },
      ],
    ]),
  );

const VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const INVALID = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];
conform(
  "close codes that a client may say are said back",
  bench,
  codes(VALID, (code) => code),
);
conform(
  "close codes that nobody may say",
  bench,
  codes(INVALID, () => 1002),
);
