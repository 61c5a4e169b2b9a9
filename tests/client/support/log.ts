/** Events as they come, to be awaited. Nothing is polled: every new event is looked at once by everybody who waits. */
export interface EventLog<E> {
  readonly events: readonly E[];
  add(event: E): void;
  /** The first value that `find` gives for an event, past ones from index `from` included. */
  until<T>(what: string, find: (event: E) => T | null | undefined | false, from?: number): Promise<T>;
  /** How many events there were so far: a mark for `from`. */
  mark(): number;
}

const TIMEOUT_MS = 30_000;

export function createLog<E>(name: string, describe: (event: E) => string): EventLog<E> {
  const events: E[] = [];
  const waiting = new Set<(event: E) => void>();
  return {
    events,
    mark: () => events.length,
    add(event) {
      events.push(event);
      for (const look of [...waiting]) look(event);
    },
    until<T>(what: string, find: (event: E) => T | null | undefined | false, from = 0): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`${name} waited in vain for ${what}; it saw: ${events.map(describe).join(", ")}`));
      }, TIMEOUT_MS);
      const look = (event: E) => {
        const found = find(event);
        if (found === null || found === undefined || found === false) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      for (const event of events.slice(from)) if (waiting.has(look)) look(event);
      return promise;
    },
  };
}
