/** Why the log cannot be written, and what whoever runs the relay can do about it. Closed texts, for the relay's log. */
import { LogContradiction } from "./end.ts";

export interface Failure {
  readonly reason: "full" | "io" | "read-only" | "busy" | "corrupt" | "contradiction" | "other";
  readonly todo: string;
}

const AGAIN = "It is tried again with every request and goes on by itself.";
const STOP =
  "Stop the relay, keep its files as they are for whoever looks into it, and restore the last backup.";

const FAILURES: Readonly<Record<Failure["reason"], string>> = {
  full: `The disk of DATA_DIR is full, or its quota: make room. ${AGAIN}`,
  io: `The disk of DATA_DIR reports errors: look at the system's log, and be ready to replace it. ${AGAIN}`,
  "read-only": `DATA_DIR cannot be written: mount it for writing, and give it to the relay's user. ${AGAIN}`,
  busy: `Another program holds the database: end it. ${AGAIN}`,
  corrupt: `The database is damaged. ${STOP}`,
  contradiction: `What is stored of the audit log contradicts itself. ${STOP}`,
  other: `Please report this. ${AGAIN}`,
};

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const CODES: Readonly<Record<number, Failure["reason"]>> = {
  5: "busy",
  6: "busy",
  8: "read-only",
  10: "io",
  11: "corrupt",
  13: "full",
  14: "io",
  26: "corrupt",
};

export function failureOf(error: unknown): Failure {
  const reason = reasonOf(error);
  return { reason, todo: FAILURES[reason] };
}

function reasonOf(error: unknown): Failure["reason"] {
  if (error instanceof LogContradiction) return "contradiction";
  const code = error instanceof Error && "errcode" in error ? error.errcode : null;
  // The low byte is the primary code of an extended one.
  return (typeof code === "number" ? CODES[code & 0xff] : undefined) ?? "other";
}
