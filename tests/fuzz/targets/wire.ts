/** The relay's WebSocket contract, both ends. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readHello } from "../../../relay/signal/hello.ts";
import { ClientControl, parseControl, RelayControl } from "../../../relay/wire/control.ts";
import { encodeForward, MAX_FRAME_BYTES, parseForward } from "../../../relay/wire/frames.ts";
import { counting } from "../../crypto/support/session.ts";
import { wrongJson } from "../json.ts";
import { judged, nothing, sameBytes, sameJson, wholesome } from "../judge.ts";
import { ACCEPTED, bytesTarget, textTarget } from "../target.ts";

const session = counting(16, 0xa0);
const forward = bytesTarget({
  name: "forward-frame",
  covers: ["relay/wire/frames.ts parseForward"],
  samples: [0, 1, 90].map((length) => encodeForward(session, counting(length))),
  wrong: fc
    .tuple(
      fc.nat(2),
      fc.constantFrom(0, 16, 17, 18, MAX_FRAME_BYTES - 1, MAX_FRAME_BYTES, MAX_FRAME_BYTES + 1),
    )
    .map(([type, length]) => new Uint8Array(length).fill(type, 0, 1)),
  check: (bytes) =>
    judged(
      () => parseForward(bytes),
      nothing,
      (frame) => sameBytes(encodeForward(frame.session, frame.payload), bytes),
    ),
});

function control(schema: typeof ClientControl | typeof RelayControl, text: string): string {
  return judged<ClientControl | RelayControl>(
    () => parseControl(schema, text),
    nothing,
    (message) => {
      sameJson(message, text);
      sameJson(parseControl(schema, JSON.stringify(message)), text);
      wholesome(message, text.length);
    },
  );
}

const ID = "BQUFBQUFBQUFBQUFBQUFBQ";
const guest = { session: ID, room: "BwcHBwcHBwcHBwcHBwcHBw", admitted: false, since: 1_700_000_000_000 };
const fromClient = [
  { t: "hello", v: 1, ticket: "eyJhbGciOiJFZERTQSJ9.e30.c2ln" },
  { t: "ping", n: 12 },
];
const fromRelay = [
  { t: "ready", v: 1, role: "host", guests: [guest, { ...guest, admitted: true }] },
  { t: "guest", here: true, guest },
  { t: "guest", here: false, session: ID },
  { t: "welcome", v: 1, role: "guest", session: ID, host: true },
  { t: "host", here: false },
  { t: "pong", n: 12 },
];
const texts = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value));

const clientControl = textTarget({
  name: "client-control",
  covers: ["relay/wire/control.ts parseControl"],
  samples: texts(fromClient),
  wrong: wrongJson([...fromClient, ...fromRelay]),
  check: (text) => control(ClientControl, text),
});

const relayControl = textTarget({
  name: "relay-control",
  covers: ["relay/wire/control.ts parseControl"],
  samples: texts(fromRelay),
  wrong: wrongJson([...fromRelay, ...fromClient]),
  check: (text) => control(RelayControl, text),
});

const hello = textTarget({
  name: "hello",
  covers: ["relay/signal/hello.ts readHello"],
  samples: texts(fromClient.slice(0, 1)),
  wrong: wrongJson([...fromClient, { t: "hello", v: 2, shape: { of: "another version" } }]),
  check: (text) => {
    const read = readHello(text);
    if (typeof read === "string") return read;
    assert.ok(read.ticket.length <= 2048);
    sameJson({ t: "hello", v: 1, ticket: read.ticket }, text);
    return ACCEPTED;
  },
});

export const WIRE = [forward, clientControl, relayControl, hello] as const;
