/**
 * Sessions as a frame's header names them. The 16 bytes are compared where they are, as four numbers: to make a text of
 * them for a map costs more than the rest of the relay's work on a frame. They are no secret, so time may tell them apart.
 */
import { HEADER_BYTES, SESSION_BYTES } from "../wire/frames.ts";

/** A session's 16 bytes as 32-bit words. */
export interface SessionKey {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

const OFFSET = HEADER_BYTES - SESSION_BYTES;

/** @param session as text; see wire/control.ts */
export function sessionKey(session: string): SessionKey {
  const bytes = Buffer.from(session, "base64url");
  return {
    a: bytes.readInt32LE(0),
    b: bytes.readInt32LE(4),
    c: bytes.readInt32LE(8),
    d: bytes.readInt32LE(12),
  };
}

/** Whether the header of this frame, which is at least HEADER_BYTES long, names this session. */
export function names(frame: Buffer, { a, b, c, d }: SessionKey): boolean {
  return (
    frame.readInt32LE(OFFSET) === a &&
    frame.readInt32LE(OFFSET + 4) === b &&
    frame.readInt32LE(OFFSET + 8) === c &&
    frame.readInt32LE(OFFSET + 12) === d
  );
}

interface Keyed {
  readonly key: SessionKey;
}

export interface SessionTable<T extends Keyed> {
  readonly size: number;
  /** Whose session the frame's header names. */
  find(frame: Buffer): T | undefined;
  /** Takes the place of an item with the same key. */
  set(item: T): void;
  /** Does nothing when this very item is not there. */
  delete(item: T): void;
  all(): T[];
}

export function createSessionTable<T extends Keyed>(): SessionTable<T> {
  /** By the first word; nearly always one alone. */
  const rows = new Map<number, readonly T[]>();
  let size = 0;

  function put(word: number, row: readonly T[]): void {
    size += row.length - (rows.get(word)?.length ?? 0);
    if (row.length > 0) rows.set(word, row);
    else rows.delete(word);
  }

  return {
    get size() {
      return size;
    },
    find(frame) {
      const row = rows.get(frame.readInt32LE(OFFSET));
      if (row === undefined) return undefined;
      for (const item of row) if (names(frame, item.key)) return item;
      return undefined;
    },
    set(item) {
      const others = (rows.get(item.key.a) ?? []).filter(({ key }) => !equal(key, item.key));
      put(item.key.a, [...others, item]);
    },
    delete(item) {
      const row = rows.get(item.key.a);
      if (row !== undefined)
        put(
          item.key.a,
          row.filter((other) => other !== item),
        );
    },
    all: () => [...rows.values()].flat(),
  };
}

function equal(x: SessionKey, y: SessionKey): boolean {
  return x.a === y.a && x.b === y.b && x.c === y.c && x.d === y.d;
}
