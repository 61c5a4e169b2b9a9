/** Every kind of event in plain words, by what came of it, and in groups for the filter. */
import type { AuditEvent } from "../../../crypto/audit/event.ts";
import { EVENT_NAMES, EVENTS, type EventName, type Outcome } from "../../../crypto/audit/registry.ts";
import type { AuditPerson } from "../../state/audit-model.ts";

type Sentences = {
  readonly [N in EventName]: { readonly [O in (typeof EVENTS)[N]["outcomes"][number]]: string };
};

const SENTENCES: Sentences = {
  "log.opened": { success: "The audit log began" },
  "log.key-added": { success: "A signing key was added" },
  "log.alarm": { failure: "A page found the log changed" },
  "log.read": { success: "Read the audit log" },
  "log.exported": { success: "Saved a copy of the log", failure: "Could not save a copy of the log" },
  "log.reviewed": { success: "Signed off a review" },
  "log.purged": { success: "Erased what the retention time is over for" },
  "log.key-shared": { success: "Handed the audit key to an auditor" },

  "relay.started": { success: "The server started" },
  "relay.stopped": { success: "The server stopped" },
  "backup.made": { success: "A backup was made", failure: "A backup failed" },
  "backup.restored": { success: "The server was restored from a backup" },
  "alert.raised": { failure: "An alert was raised" },
  "alert.acknowledged": { success: "Took note of an alert" },

  "sign-in.passkey": { success: "Signed in", failure: "A sign-in was refused" },
  "sign-in.ended": { success: "A sign-in ended" },
  "passkey.added": { success: "A passkey was added" },
  "passkey.removed": { success: "A passkey was removed" },
  "person.changed": { success: "An account was changed" },
  "config.changed": { success: "A setting was changed" },

  "vault.unlocked": { success: "Unlocked their data", failure: "Could not unlock their data" },
  "vault.changed": { success: "Changed how their data are unlocked" },
  "vault.exported": { success: "Saved a copy of their data", failure: "Could not save a copy of their data" },

  "invite.made": { success: "Made an invite" },
  "invite.revoked": { success: "Revoked an invite" },
  "invite.paused": { success: "Closed or opened a personal room" },
  "invite.opened": { success: "A link was used: a session began" },
  "invite.refused": { failure: "A link was refused" },
  "invite.unknown": { failure: "Somebody tried a link that is not there" },
  "invite.burnt": { failure: "A link was closed after wrong passcodes" },
  "invite.locked": { failure: "A personal room was locked for a while after wrong passcodes" },

  knock: { success: "Knocked" },
  admit: { success: "Let the patient in" },
  decline: { success: "Declined the patient" },
  "handshake.failed": { failure: "No private connection came about" },
  "consent.given": { success: "Gave consent", failure: "Did not give consent" },
  "identity.checked": {
    success: "Checked who the patient is",
    failure: "Could not confirm who the patient is",
  },
  "words.compared": { success: "Said that the words match", failure: "Said that the words differ" },
  "call.started": { success: "The call began" },
  "call.path": { success: "The call found its path", failure: "The call lost its path" },
  "call.rekeyed": { success: "The call changed its keys" },
  "call.ended": { success: "The call ended", failure: "The call broke off" },
  "screen.shared": { success: "Shared a screen" },
  "file.sent": { success: "Sent a file", failure: "Could not send a file" },
};

export function eventSentence(action: EventName, outcome: Outcome): string {
  const sentences: { readonly [O in Outcome]?: string } = SENTENCES[action];
  return sentences[outcome] ?? action;
}

const PREFIXES = {
  sessions: [
    "knock",
    "admit",
    "decline",
    "handshake",
    "consent",
    "identity",
    "words",
    "call",
    "screen",
    "file",
  ],
  invites: ["invite"],
  accounts: ["sign-in", "passkey", "person", "config"],
  vaults: ["vault"],
  server: ["relay", "backup", "alert"],
  log: ["log"],
} as const;
export type EventGroup = keyof typeof PREFIXES;

export const GROUPS: Record<EventGroup, string> = {
  sessions: "Sessions",
  invites: "Invites",
  accounts: "Sign-ins, people and settings",
  vaults: "Locked data",
  server: "Server, backups and alerts",
  log: "The log itself",
};

export function eventsOf(group: EventGroup): readonly EventName[] {
  const prefixes: readonly string[] = PREFIXES[group];
  return EVENT_NAMES.filter((name) => prefixes.includes(name.split(".")[0] ?? ""));
}

export function isEventName(text: string): text is EventName {
  return Object.hasOwn(EVENTS, text);
}

/** A kind's name in the filter: without an outcome. */
export function eventName(action: EventName): string {
  const sentences: { readonly [O in Outcome]?: string } = SENTENCES[action];
  return [sentences.success, sentences.failure].filter(Boolean).join(" / ");
}

export const OUTCOMES: Record<Outcome, string> = { success: "Done", failure: "Failed or refused" };

// ---- who -------------------------------------------------------------------------------------------------------

export interface WhoWords {
  readonly name: string;
  /** How it is known, where she did not sign it herself. */
  readonly hint: string | null;
}

/**
 * Whom an event is about, by who signed it: staff sign with their account and guests without one; what the relay signs
 * names an account only where it concerns one.
 */
export function whoWords(
  event: AuditEvent,
  people: readonly AuditPerson[],
  relayKey: string | null,
): WhoWords {
  const byRelay = event.actor === relayKey;
  if (event.account !== null)
    return { name: personName(event.account, people), hint: byRelay ? WHO.noted : null };
  if (byRelay) return { name: WHO.server, hint: null };
  return { name: WHO.patient, hint: null };
}

export function personName(account: string, people: readonly AuditPerson[]): string {
  const person = people.find((one) => one.account === account);
  if (person === undefined) return WHO.unknown(account);
  return person.name ?? WHO.removed(account);
}

export const WHO = {
  server: "The server",
  patient: "The patient",
  noted: "noted by the server",
  unknown: (account: string) => `A colleague (${shortId(account)})`,
  removed: (account: string) => `A former colleague (${shortId(account)})`,
} as const;

/** Enough of a random id to tell it from the others on a page. */
export function shortId(id: string): string {
  return id.slice(0, 6);
}
