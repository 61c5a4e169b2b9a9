/**
 * Lets what goes out to one socket leave together. A write to the system costs more than everything else that is done
 * to a frame, and frames that were read in one turn of the event loop often have the same receiver.
 */

/** The part of a stream that is used here (Node's Writable). */
export interface Holdable {
  readonly writableLength: number;
  cork(): void;
  uncork(): void;
}

/** Beyond this there is nothing to gain by waiting, and a receiver's queue must not fill because of it. */
const ENOUGH_BYTES = 65_536;

export interface Outflow {
  /** Call before writing: what is written leaves when this turn of the event loop ends, or when it has become enough. */
  hold(stream: Holdable): void;
}

export function createOutflow(): Outflow {
  const held = new Set<Holdable>();

  function release(): void {
    for (const stream of held) stream.uncork();
    held.clear();
  }

  return {
    hold(stream) {
      if (!held.has(stream)) {
        if (held.size === 0) setImmediate(release);
        held.add(stream);
        stream.cork();
      } else if (stream.writableLength > ENOUGH_BYTES) {
        stream.uncork();
        stream.cork();
      }
    },
  };
}
