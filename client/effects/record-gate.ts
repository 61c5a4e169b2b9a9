/**
 * What is put on record is written down before what it says goes out: while something is being written, whatever comes
 * after it waits, in its order. With nothing to wait for, it runs at once.
 */
export interface RecordGate {
  /** @param writing settles when it is written, or cannot be. */
  write(writing: () => Promise<void>): void;
  after(act: () => void): void;
}

export function createRecordGate(): RecordGate {
  let open: Promise<void> | null = null;

  function enqueue(work: () => void | Promise<void>): void {
    const mine = (open ?? Promise.resolve()).then(work).catch(() => undefined);
    open = mine;
    void mine.then(() => {
      if (open === mine) open = null;
    });
  }

  return {
    write: enqueue,
    after(act) {
      if (open === null) act();
      else enqueue(act);
    },
  };
}
