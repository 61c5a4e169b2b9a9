/** What a mail says. Nothing about patients, no names, no ids: mail is read by anybody on its way. */
import type { AlertRule } from "../wire/alerts.ts";

interface Words {
  /** In the subject. */
  readonly title: string;
  readonly happened: string;
  readonly todo: string;
}

export const WORDS: Readonly<Record<AlertRule, Words>> = {
  "sign-ins-failed": {
    title: "many failed sign-ins",
    happened: "Many sign-ins with passkeys failed within a quarter of an hour.",
    todo: "Ask colleagues whether it was one of them. If not, somebody is trying: passkeys cannot be guessed, so nothing has to be changed. Suspend an account whose passkey was stolen.",
  },
  "invite-burnt": {
    title: "an invite was burnt",
    happened:
      "Somebody with the link of an invite entered a wrong passcode three times. The invite is closed.",
    todo: "Call the patient. If it was they, send a new invite; if not, the link was seen by somebody else: send the new one another way.",
  },
  "room-locked": {
    title: "somebody guesses at a personal room",
    happened:
      "Wrong passcodes were entered three times at a personal room. It takes nobody new for 15 minutes; sessions go on.",
    todo: "Ask the patients who use it whether it was one of them. If not, its link was seen by somebody else: make a new one, and send it to the patients.",
  },
  "handshakes-failed": {
    title: "secure connections fail",
    happened: "In several sessions within an hour the two browsers could not agree on keys.",
    todo: "Wrong passcodes are the common reason, outdated pages another: reload them. If it goes on, look at the reasons on the audit page, and suspect the network or the server.",
  },
  "words-mismatched": {
    title: "the security words did not match",
    happened: "Two people in a session compared their words, and they were different. The session was ended.",
    todo: "Do not use the invite again. If it happens a second time, somebody may be in between: stop sessions and have the server looked at.",
  },
  "chain-gap": {
    title: "events do not follow each other",
    happened: "A browser sent events that do not continue what the log has of it, again and again.",
    todo: "After a restored backup, or with a copied browser profile, that is expected. Otherwise ask whose device it is, and check the log.",
  },
  "log-alarm": {
    title: "the audit log was changed or withheld",
    happened: "A browser was shown an audit log that contradicts the one it had seen before.",
    todo: "After a restored backup that is expected. Otherwise treat the server as taken over: keep its disk as it is, export the log, verify it offline, and compare it with what the browser kept.",
  },
  "disk-nearly-full": {
    title: "the disk is nearly full",
    happened: "The disk with the server's data is nearly full. When it is, nobody can sign in or enter.",
    todo: "Make room on the disk of DATA_DIR, or enlarge it.",
  },
  "backup-overdue": {
    title: "no recent backup",
    happened: "No backup was made for longer than BACKUP_DAYS.",
    todo: "Run `npm run backup`, look at why the scheduled one did not run, and keep its file on another machine.",
  },
  "log-unavailable": {
    title: "the audit log cannot be written",
    happened: "The audit log cannot be written. Nobody new can sign in or enter; running calls go on.",
    todo: "Look at the server's log for `audit-log-unavailable`: it says why and what to do. Mostly the disk is full.",
  },
};
