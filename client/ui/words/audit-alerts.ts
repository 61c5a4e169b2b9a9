/** What each alert is about, and what to do about it. */
import type { AlertRule } from "../../../relay/wire/alerts.ts";

export const ALERT_RULES_WORDS: Record<AlertRule, { readonly what: string; readonly todo: string }> = {
  "sign-ins-failed": {
    what: "Many sign-ins were refused within a short time",
    todo: "Ask your colleagues whether it was one of them. If not, somebody is trying to get in: watch who is signed in.",
  },
  "invite-burnt": {
    what: "A link was closed after three wrong passcodes",
    todo: "Ask the patient, on a number you know, whether it was them. If not, somebody else has the link: send a new one.",
  },
  "room-locked": {
    what: "A personal room was locked after three wrong passcodes",
    todo: "It opens again after 15 minutes. Ask the patients who use it. If it was none of them, somebody else has the link: make a new one.",
  },
  "handshakes-failed": {
    what: "Private connections failed again and again",
    todo: "Wrong passcodes do that, and pages that are out of date. The log has the reasons; if it is neither, somebody may be in between.",
  },
  "words-mismatched": {
    what: "The words to compare were different",
    todo: "Somebody may have been in between. Talk to the two people, and use another link and another network.",
  },
  "chain-gap": {
    what: "A device’s events do not follow each other",
    todo: "A restored or copied browser profile does that. Ask whose device it is, and check the log.",
  },
  "log-alarm": {
    what: "A page saw two different logs",
    todo: "The server may have changed or lost part of its log. Save a copy, check it, and compare it with older copies.",
  },
  "disk-nearly-full": {
    what: "The server’s disk is nearly full",
    todo: "When it is full, nobody new can enter. Tell whoever runs your server today.",
  },
  "backup-overdue": {
    what: "The last backup is too long ago",
    todo: "Tell whoever runs your server: backups may be failing.",
  },
  "log-unavailable": {
    what: "The log could not be written",
    todo: "Nobody new can enter while it is so. Tell whoever runs your server at once.",
  },
};

export function isAlertRule(code: string): code is AlertRule {
  return Object.hasOwn(ALERT_RULES_WORDS, code);
}
