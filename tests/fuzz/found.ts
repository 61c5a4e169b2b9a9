/** Inputs that broke something once, as small as they could be made. */
export interface Found {
  readonly target: string;
  readonly hex: string;
  /** What went wrong. */
  readonly what: string;
}

const text = (input: string): string => Buffer.from(input, "utf16le").toString("hex");
const bytes = (input: string): string => Buffer.from(input).toString("hex");

const candidate = (change: object): string =>
  text(
    JSON.stringify({
      type: "candidate",
      candidate: {
        candidate: "candidate:1 1 udp 2122194687 192.0.2.2 56956 typ host",
        sdpMid: "0",
        sdpMLineIndex: 0,
        ...change,
      },
    }),
  );

export const FOUND: readonly Found[] = [
  {
    target: "passcode",
    hex: text(`${"x".repeat(63)}😀`),
    what: "a passcode cut in the middle of a character could not be encoded",
  },
  {
    target: "candidate",
    hex: candidate({ usernameFragment: "abcd typ relay raddr 192.0.2.1 rport 1\r\na=x" }),
    what: "a user name fragment brought in words and lines of its own",
  },
  {
    target: "candidate",
    hex: candidate({ sdpMid: "0\r\na=x" }),
    what: "the name of a section brought in a line of its own",
  },
  {
    target: "candidate",
    hex: candidate({ candidate: "candidate:2 1 tcp 1 192.0.2.2 9 typ host tcptype /active" }),
    what: "a kind of TCP candidate that there is not",
  },
  {
    target: "relay-environment",
    hex: text("PORT=\u009b31mred"),
    what: "a control character reached the operator's terminal",
  },
  {
    target: "client-address",
    hex: text("::0:1:0:0:0.0.0.0"),
    what: "an IPv4 tail was counted as one group, so two networks shared a key",
  },
  { target: "http-request", hex: text("[]"), what: "an empty list passed for an empty object" },
  {
    target: "vault-record",
    hex: `0100000009${bytes('{"a": 0 }')}`,
    what: "a header that was never written like that was read",
  },
  {
    target: "struck-record",
    hex: `0100000005efbbbf${bytes("[]")}`,
    what: "a byte order mark was overlooked",
  },
  {
    target: "page-record",
    hex: bytes('{"link":"AQIDBA","knock":{"name":"Z","passcode":null,"since":1e999}}'),
    what: "an endless number was read, and could not be stored again",
  },
  {
    target: "note",
    hex: text('{"name":"","call":0,"matchedHere":false,"matchedThere":false,"startedAt":1e999}'),
    what: "an endless number was read, and was another one when stored",
  },
];
