/** Runs asynchronous tasks one after the other, in the order of the calls; one that fails does not stop the next. */
export type InOrder = <T>(task: () => Promise<T>) => Promise<T>;

export function inOrder(): InOrder {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
}
