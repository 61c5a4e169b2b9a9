/** How many there are of each kind; a kind of which there is none takes no memory. */
export interface Tally {
  of(key: string): number;
  add(key: string): void;
  remove(key: string): void;
  clear(): void;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    of: (key) => counts.get(key) ?? 0,
    add(key) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    remove(key) {
      const left = (counts.get(key) ?? 0) - 1;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    },
    clear: () => counts.clear(),
  };
}
