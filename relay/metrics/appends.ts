/** How long it takes until events are on the disk. */
import { Histogram } from "prom-client";

export interface Appends {
  readonly histogram: Histogram;
  /** The same store, whose appends are timed. */
  timed<A, S extends { append(addition: A): Promise<boolean> }>(store: S): S;
}

export function createAppends(monotonic: () => number): Appends {
  const histogram = new Histogram({
    name: "quietroom_log_append_seconds",
    help: "Time of one commit to the audit log, with its sync to the disk, failed ones included",
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    // In none until somebody asks for metrics.
    registers: [],
  });
  return {
    histogram,
    timed: (store) => ({
      ...store,
      async append(addition) {
        const began = monotonic();
        try {
          return await store.append(addition);
        } finally {
          histogram.observe((monotonic() - began) / 1000);
        }
      },
    }),
  };
}
