/**
 * What each event is in the vocabulary that record systems know: DICOM's audit codes (PS3.16 CID 400 and 401), which
 * FHIR's value sets for AuditEvent.type and .subtype take. The event's own name stands beside them.
 */
import type { EventName } from "../../../crypto/audit/registry.ts";
import type { Coding } from "./fhir.ts";

export interface Kind {
  readonly type: Coding;
  readonly subtype: Coding | null;
  /** Create, read, update, delete, execute. */
  readonly action: "C" | "R" | "U" | "D" | "E";
}

const dicom = (code: string, display: string): Coding => ({
  system: "http://dicom.nema.org/resources/ontology/DCM",
  code,
  display,
});

const ACTIVITY = dicom("110100", "Application Activity");
const LOG_USED = dicom("110101", "Audit Log Used");
const EXPORT = dicom("110106", "Export");
const IMPORT = dicom("110107", "Import");
const ALERT = dicom("110113", "Security Alert");
const AUTHENTICATION = dicom("110114", "User Authentication");

const START = dicom("110120", "Application Start");
const STOP = dicom("110121", "Application Stop");
const LOGIN = dicom("110122", "Login");
const LOGOUT = dicom("110123", "Logout");
const NODE = dicom("110126", "Node Authentication");
const CONFIGURATION = dicom("110129", "Security Configuration");
const RECORDING = dicom("110134", "Audit Recording Started");
const ATTRIBUTES = dicom("110137", "User Security Attributes Changed");

const kind = (type: Coding, action: Kind["action"], subtype: Coding | null = null): Kind => ({
  type,
  subtype,
  action,
});

/** Something that happened in a session or around an invite. */
export const OTHER: Kind = kind(ACTIVITY, "E");

/** Those that are more than OTHER. */
export const KINDS: Readonly<Partial<Record<EventName, Kind>>> = {
  "log.opened": kind(ACTIVITY, "C", RECORDING),
  "log.key-added": kind(ALERT, "C", ATTRIBUTES),
  "log.alarm": kind(ALERT, "E"),
  "log.read": kind(LOG_USED, "R"),
  "log.exported": kind(EXPORT, "R"),
  "log.reviewed": kind(LOG_USED, "E"),
  "log.purged": kind(LOG_USED, "D"),
  "log.key-shared": kind(ALERT, "E", ATTRIBUTES),
  "relay.started": kind(ACTIVITY, "E", START),
  "relay.stopped": kind(ACTIVITY, "E", STOP),
  "backup.made": kind(EXPORT, "R"),
  "backup.restored": kind(IMPORT, "C"),
  "alert.raised": kind(ALERT, "E"),
  "alert.acknowledged": kind(ALERT, "U"),
  "sign-in.passkey": kind(AUTHENTICATION, "E", LOGIN),
  "sign-in.ended": kind(AUTHENTICATION, "E", LOGOUT),
  "passkey.added": kind(ALERT, "C", ATTRIBUTES),
  "passkey.removed": kind(ALERT, "D", ATTRIBUTES),
  "person.changed": kind(ALERT, "U", ATTRIBUTES),
  "config.changed": kind(ALERT, "U", CONFIGURATION),
  "vault.unlocked": kind(AUTHENTICATION, "E"),
  "vault.changed": kind(ALERT, "U", ATTRIBUTES),
  "vault.exported": kind(EXPORT, "R"),
  "invite.made": kind(ACTIVITY, "C"),
  "invite.revoked": kind(ACTIVITY, "D"),
  "invite.refused": kind(ALERT, "E"),
  "invite.burnt": kind(ALERT, "E"),
  "invite.locked": kind(ALERT, "E"),
  "handshake.failed": kind(ALERT, "E", NODE),
  "identity.checked": kind(AUTHENTICATION, "E"),
  "words.compared": kind(AUTHENTICATION, "E", NODE),
  "file.sent": kind(EXPORT, "C"),
};
