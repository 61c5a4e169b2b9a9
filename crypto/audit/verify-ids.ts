/** The ids of all events so far, exactly: 16 bytes each in one table, 32 MB for a million. */

export interface IdSet {
  /** @param id a UUIDv7 in lower case. @returns false when it was there already */
  add(id: string): boolean;
}

const WORDS = 4;

export function createIdSet(): IdSet {
  let capacity = 1_024;
  let slots = new Uint32Array(WORDS * capacity);
  let size = 0;

  /** Linear probing. A slot is free where its second word is 0: of a UUIDv7 it holds the version. */
  function put(a: number, b: number, c: number, d: number): boolean {
    let at = WORDS * (mix(a, b, c, d) & (capacity - 1));
    while (slots[at + 1] !== 0) {
      if (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c && slots[at + 3] === d) return false;
      at = (at + WORDS) % slots.length;
    }
    slots[at] = a;
    slots[at + 1] = b;
    slots[at + 2] = c;
    slots[at + 3] = d;
    return true;
  }

  function grow(): void {
    const old = slots;
    capacity *= 2;
    slots = new Uint32Array(WORDS * capacity);
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at + 1] !== 0) put(old[at] ?? 0, old[at + 1] ?? 0, old[at + 2] ?? 0, old[at + 3] ?? 0);
    }
  }

  return {
    add(id) {
      const hex = (start: number, end: number) => Number.parseInt(id.slice(start, end), 16);
      const b = hex(9, 13) * 0x10000 + hex(14, 18);
      const c = hex(19, 23) * 0x10000 + hex(24, 28);
      if (!put(hex(0, 8), b, c, hex(28, 36))) return false;
      size++;
      if (size > 0.6 * capacity) grow();
      return true;
    },
  };
}

function mix(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ d, 0xc2b2ae35);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x27d4eb2f) >>> 0;
}
