/** A verdict in plain words: what it proves, what it does not, and each finding with its place and code. Pure. */

import type { Finding, FindingCode, Verdict } from "../../crypto/audit/verify.ts";
import type { RowFinding } from "./stored-rows.ts";

const FINDING: Readonly<Record<FindingCode, string>> = {
  "FILE-HEADER": "The first line is not the head of an export. Nothing else was checked.",
  "FILE-LINE": "This line is not as an export has them.",
  "FILE-INDEX": "This is not the entry that has its place here: one was left out, or is there twice.",
  "FILE-FOREIGN": "This entry has no place in the file of this session.",
  "FILE-TRUNCATED": "The file does not end as it should: it was cut off, or something is missing at its end.",
  "LOG-KEY": "This is another log than the one whose key you gave.",
  "LOG-CHECKPOINT":
    "The checkpoint is not signed with the log's key, or is smaller than what is in the file.",
  "LOG-ROOT":
    "The entries are not the ones that the checkpoint is about: something was changed, left out or added.",
  "LOG-OLDER": "This log does not go on from the checkpoint that was kept: its history was changed.",
  "LOG-OPENED": "The log does not begin as a log begins.",
  "ENTRY-PROOF": "Nothing shows that this entry is in the log.",
  "ENTRY-TIME": "The server says that it took this entry before the one that precedes it.",
  "ENTRY-PURGED": "The text of this entry is gone, and no purge that is on record explains it.",
  "EVENT-MALFORMED": "This is not an event as Quietroom writes them.",
  "EVENT-SIGNATURE": "The key that is named did not sign this event: it was changed, or made up.",
  "EVENT-DUPLICATE": "Another event has the same id.",
  "EVENT-ACTOR": "The key of this event was not put on record before it spoke, or was put on record twice.",
  "EVENT-RIGHT": "Whoever signed this may not say it, or not of this person or session.",
  "EVENT-CHAIN": "Events of this key do not follow each other: one was left out, added or moved.",
  "EVENT-CHECKPOINT": "Whoever signed this had been shown another log than this one.",
};

/** What the caller knew beforehand. */
export interface Given {
  /** What was verified, such as the name of a file. */
  readonly name: string;
  readonly logKey: boolean;
  readonly older: boolean;
}

export function tellVerdict(verdict: Verdict, given: Given): string {
  return [about(verdict, given), ...judgement(verdict), ...proofs(verdict, given)].join("\n");
}

const count = (number: number) => number.toLocaleString("en");
const things = (number: number, one: string, several = `${one}s`) =>
  `${count(number)} ${number === 1 ? one : several}`;

function about({ scope, header, origin, events, purged, received, keys }: Verdict, { name }: Given): string {
  if (header === null) return `${name}: not an export of an audit log.`;
  const what = {
    whole: "all of the log",
    range: `entries ${count(header.first)} to ${count(header.second - 1)} of the log`,
    session: `session ${header.session} of the log`,
  }[scope];
  const lines = [`${name}: ${what} ${origin}`.trimEnd()];
  if (received !== null) {
    const [first, last] = [received.first, received.last].map((time) => new Date(time).toISOString());
    lines.push(`${things(events, "event")}, received from ${first} to ${last}.`);
    const { relay, staff, guest } = keys;
    lines.push(
      `Signed by ${things(staff, "key")} of staff, ${count(guest)} of guests, ${count(relay)} of the relay's.`,
    );
  }
  if (purged > 0) lines.push(`${things(purged, "event")} had their text erased; their hashes are there.`);
  return lines.join("\n");
}

function judgement({ holds, found, findings }: Verdict): string[] {
  if (holds) return ["", "IT HOLDS."];
  return [
    "",
    `IT DOES NOT HOLD: ${things(found, "finding")}.`,
    "",
    ...findings.map(findingLine),
    ...(found > findings.length ? [`  … and ${count(found - findings.length)} more`] : []),
  ];
}

/** Code first, so that a program finds it; then where, then what it means. */
export function findingLine({ code, index, line }: Finding): string {
  const place = index !== null ? `event ${index}` : line !== null ? `line ${line}` : "the file as a whole";
  const both = index !== null && line !== null ? `${place} (line ${line})` : place;
  return `  ${code}  ${both}: ${FINDING[code]}`;
}

/** @param exported an export could be made of the rows, and was verified */
export function tellRows(rows: readonly RowFinding[], found: number, exported: boolean): string {
  if (found === 0 && exported) return "Every row of the log in the database is what its events say.\n";
  return [
    exported ? "" : "THE DATABASE IS DAMAGED: no export can be made of it.\n",
    `IN THE DATABASE ${things(found, "value is", "values are")} not what the events say.`,
    "",
    ...rows.map(({ table, row, column }) => `  STORED-ROW  ${table} ${row}: ${column}`),
    ...(found > rows.length ? [`  … and ${count(found - rows.length)} more`] : []),
    "",
  ].join("\n");
}

function proofs(verdict: Verdict, given: Given): string[] {
  if (verdict.header === null) return [""];
  const proven = verdict.holds ? [...provenOf(verdict)] : [];
  const lines = (list: readonly string[]) => list.map((line) => `- ${line}`);
  return [
    ...(proven.length === 0 ? agreement(verdict) : ["", "What this proves", ...lines(proven)]),
    "",
    "What this does not prove",
    ...lines([...unprovenOf(verdict, given)]),
    "",
  ];
}

/** Where something is wrong, how far all is well. */
function agreement({ agreedUntil, counts }: Verdict): string[] {
  if (counts["LOG-ROOT"] === undefined || agreedUntil === 0) return [];
  return ["", `The first ${count(agreedUntil)} entries are as others have seen them; look behind those.`];
}

function* provenOf({ scope, checkpoint, keyKnown, continues, events }: Verdict): Generator<string> {
  yield "Every event is the text that its key signed, to the last character.";
  const tree = `the checkpoint of ${count(checkpoint?.size ?? 0)} entries (root ${checkpoint?.root ?? ""})`;
  switch (scope) {
    case "whole":
      yield `These ${things(events, "event")}, in this order and with these times, are all that there is up to ${tree}.`;
      yield "Of no key an event was left out, added or moved; each key was on record before it spoke.";
      break;
    case "range":
      yield `Each of these is in the log at its place, with its time, as ${tree} says; within the range none is missing.`;
      break;
    case "session":
      yield `Each of these is in the log at its place, with its time, as ${tree} says.`;
      break;
  }
  if (keyKnown) yield "The checkpoint is signed with the key that you gave.";
  if (continues !== null)
    yield `Nothing of the first ${count(continues)} entries was changed or taken out since your checkpoint was made.`;
}

function* unprovenOf(verdict: Verdict, { logKey, older }: Given): Generator<string> {
  const { header, scope, keyKnown, continues, unchecked, skewed } = verdict;
  if (!logKey && header !== null)
    yield `Whose log this is: the file names its own key. Compare it with one that you have from elsewhere (--log):\n  ${header.log}`;
  if (logKey && !keyKnown) yield "That this is the log whose key you gave.";
  if (!older)
    yield "That the server shows everybody the same log. A checkpoint that somebody kept from before shows it (--checkpoint).";
  if (older && continues === null)
    yield scope === "whole"
      ? "That the log goes on from the checkpoint that you gave."
      : "That the log goes on from the checkpoint that you gave: only all of the log can be compared with it.";
  if (scope === "session")
    yield "That these are all the events of the session: only all of the log shows that.";
  if (unchecked.purged > 0)
    yield `What ${things(unchecked.purged, "event")} said whose text was erased; that they were there, and when, it does.`;
  if (unchecked.keys > 0)
    yield `Whose ${things(unchecked.keys, "key is", "keys are")}: how they became known is not in this file.`;
  if (unchecked.chains > 0)
    yield `That of ${things(unchecked.chains, "key")} nothing was left out: the rest of what they said is not in this file.`;
  if (unchecked.sessions > 0)
    yield `That ${things(unchecked.sessions, "event")} about a session are its own therapist's: its opening is not in this file.`;
  if (unchecked.checkpoints > 0)
    yield `That ${things(unchecked.checkpoints, "signer")} had seen this same log: only all of it shows that.`;
  if (skewed > 0)
    yield `When exactly ${things(skewed, "event")} happened: the signer's clock was more than five minutes off. When the server took them it does.`;
  yield "That what people signed is true, and that nothing happened which nobody put on record.";
  yield "What the sealed details say: only an auditor's key opens them.";
}
