import type { DatabaseSync } from "node:sqlite";
import type { DestinationStream } from "pino";

/** What the relay takes from the machine, so that a test can give it something else. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that never steps back. */
  readonly monotonic: () => number;
  readonly random: (length: number) => Uint8Array;
  /** Bytes of the disk that this folder is on; the system's word when left out. */
  readonly disk?: (folder: string) => Promise<{ readonly free: number; readonly size: number }>;
  /** Where the log goes; standard output when left out. */
  readonly logTo?: DestinationStream;
  /** Is shown the database's connection before anything is done with it, and can make it fail. */
  readonly opened?: (database: DatabaseSync) => void;
}
