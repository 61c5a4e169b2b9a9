/** A connection that only remembers what it was told. */
import type { Line } from "../../../relay/signal/rooms.ts";
import type { RelayControl } from "../../../relay/wire/control.ts";

export interface FakeLine extends Line {
  readonly said: RelayControl[];
  readonly passed: Buffer[];
  readonly closes: number[];
  /** What `queued` answers. */
  waiting: number;
}

export function fakeLine(from = "somewhere"): FakeLine {
  const line: FakeLine = {
    from,
    said: [],
    passed: [],
    closes: [],
    waiting: 0,
    say: (message) => line.said.push(message),
    pass: (frame) => line.passed.push(frame),
    queued: () => line.waiting,
    close: (code) => line.closes.push(code),
  };
  return line;
}
