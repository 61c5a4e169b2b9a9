/** Time as an argument, so that every wait in this folder can be driven by a test. */
export interface Clock {
  /** Milliseconds on a clock that never runs backwards; its zero means nothing. */
  now(): number;
  /** Milliseconds since 1970; for what must be compared after a reload. */
  wall(): number;
  /** Calls back once after `ms` milliseconds; the returned function calls it off. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** The pending waits of one owner, so that all of them can be called off at once. */
export interface Alarms {
  /** As `Clock.after`. */
  set(ms: number, callback: () => void): () => void;
  clear(): void;
  /** Calls off all of them, and everything that is set later. */
  close(): void;
}

export function alarmsOf(clock: Clock): Alarms {
  const pending = new Set<() => void>();
  let closed = false;
  const clear = () => {
    for (const callOff of [...pending]) callOff();
  };
  return {
    set(ms, callback) {
      if (closed) return () => {};
      const cancel = clock.after(ms, () => {
        pending.delete(callOff);
        callback();
      });
      const callOff = () => {
        pending.delete(callOff);
        cancel();
      };
      pending.add(callOff);
      return callOff;
    },
    clear,
    close() {
      closed = true;
      clear();
    },
  };
}
