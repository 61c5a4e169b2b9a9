/** What checking the log has proved, what it cannot prove, and what it has found. */
import type { FindingCode, Verdict } from "../../../crypto/audit/verify.ts";
import { count } from "./time.ts";

export const PROOF = {
  check: "Check the log",
  checkLead:
    "Your browser fetches the whole log and checks every signature, every chain and the tree over all of it. The server takes no part in that.",
  start: "Check the whole log",
  again: "Check again",
  stop: "Stop",
  running: "Checking…",
  progress: (checked: string, events: string | null) =>
    events === null ? `${checked} events checked` : `${checked} of ${events} events checked`,
  progressName: "Events checked",
  stopped: "You stopped the check. Nothing was proved, and nothing found.",
  holds: "The log holds.",
  fails: "The log does not hold.",
  failsMeans: "Something on it was changed, left out or added in a way that no honest server does.",
  failsTodo:
    "Save a copy of the log now, keep it somewhere else, and tell whoever runs your server. Do not sign off this period.",
  took: (events: string, seconds: string) => `${events} events checked in ${seconds}.`,
  proved: "What this proves",
  notProved: "What this cannot prove",
  findings: "What was found",
  findingsCaption: "Findings, by the number of the event",
  number: "Event",
  finding: "Finding",
  code: "Code",
  wholeLog: "The log as a whole",
  moreFindings: (more: number) => `And ${count(more, "more finding")}.`,
  exports: "Save a copy",
  exportLead: "That you save a copy is signed and goes on the log first.",
  exportShort: "Save",
  exportButton: (format: string) => `Save: ${format}`,
  touch: "Your browser may ask for your passkey first.",
} as const;

/** In the order of what they rest on. */
export function provedWords(verdict: Verdict, locale: string): readonly string[] {
  const number = (value: number) => value.toLocaleString(locale);
  const { continues, purged, keyKnown } = verdict;
  return [
    "Every event has the signature of the key that it names, and is word for word as it was signed.",
    "The events of each key follow each other: none was taken out, put in or moved.",
    "All of them are in one tree, whose root the log’s key has signed. When the server took each of them is part of it.",
    ...(keyKnown ? ["The signature is of the log’s key that this browser has known all along."] : []),
    ...(continues !== null && continues > 0
      ? [
          `It goes on from the log as this browser saw it before, at ${number(continues)} events: nothing of those was changed.`,
        ]
      : []),
    ...(purged > 0
      ? [
          `${number(purged)} events were erased after their time. Their hashes are still in the tree, so nothing else took their place.`,
        ]
      : []),
  ];
}

export function notProvedWords(verdict: Verdict, locale: string): readonly string[] {
  const number = (value: number) => value.toLocaleString(locale);
  const { keyKnown, continues, skewed, unchecked } = verdict;
  return [
    "That people told the truth: an event proves who said something, and not that it was so.",
    "That everything was put on the log. What a device never signed is not here.",
    "That each key belongs to the person whose name is shown: the server says so.",
    ...(keyKnown
      ? []
      : [
          "That this is your clinic’s log: this browser did not know its key before. Compare the verifier key with one that you kept.",
        ]),
    ...(continues === null
      ? ["That nobody was shown another log before: this browser had seen none that could be compared."]
      : []),
    ...(unchecked.purged > 0
      ? [`What ${number(unchecked.purged)} erased events said; that they were there, and when, it does.`]
      : []),
    ...(skewed > 0
      ? [
          `When exactly ${number(skewed)} of them happened: those clocks were more than five minutes off. When the server took them it does.`,
        ]
      : []),
  ];
}

const FINDINGS: Record<FindingCode, string> = {
  "FILE-HEADER": "What the server sent does not begin as a copy of the log begins. Nothing else was checked",
  "FILE-LINE": "A line is not as a copy of the log has them",
  "FILE-INDEX": "An event is left out here, twice, or in another’s place",
  "FILE-FOREIGN": "An event that does not belong to this session",
  "FILE-TRUNCATED": "The end is missing",
  "LOG-KEY": "This is another log than the one that this browser knows",
  "LOG-CHECKPOINT": "The log’s key has not signed this state of the log",
  "LOG-ROOT": "Something was changed, left out or added: the events do not make the tree that was signed",
  "LOG-OLDER": "The log does not go on from what this browser saw before: its history was changed",
  "LOG-OPENED": "The log does not begin as a log begins",
  "ENTRY-PROOF": "Nothing shows that this event is in the log",
  "ENTRY-TIME": "The server says that it took this event before the one that precedes it",
  "ENTRY-PURGED": "The text is gone, and nothing on the log explains it",
  "EVENT-MALFORMED": "This is no event as they are written",
  "EVENT-SIGNATURE": "The key did not sign this: it was changed or made up",
  "EVENT-DUPLICATE": "Another event has the same id",
  "EVENT-ACTOR": "The key was not known before it spoke, or was made known twice",
  "EVENT-RIGHT": "Whoever signed this may not say it, or not of this person or session",
  "EVENT-CHAIN": "Events of this key do not follow each other: one was left out, added or moved",
  "EVENT-CHECKPOINT": "Whoever signed this had been shown another log",
};

export function findingWords(code: FindingCode): string {
  return FINDINGS[code];
}
