/**
 * One after another: what a piece of work has checked still holds when it acts, though it waits for the log in between.
 * Other processes are not held up; the stores decide for good.
 */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
