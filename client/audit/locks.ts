/** The tabs of one browser share one outbox: what one of them does alone, and what it keeps while it is open. */
export interface Locks {
  /** Runs alone of all tabs, in the order of the calls. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Keeps this name to itself until `release`, or the page's end. Null when another page has it. */
  tryHold(name: string): Promise<(() => void) | null>;
}

export const browserLocks: Locks = {
  alone: (name, work) => navigator.locks.request(name, work),
  tryHold(name) {
    const { promise, resolve } = Promise.withResolvers<(() => void) | null>();
    const held = navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) {
        resolve(null);
        return;
      }
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      resolve(release);
      return released;
    });
    held.catch(() => resolve(null));
    return promise;
  },
};
