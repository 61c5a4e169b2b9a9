/** Who works here: the admin's list of people and of open links. */
import type { Enrolment, Person, Role } from "../../../relay/wire/accounts.ts";
import { roleWords } from "./account.ts";
import { moment, stamp, type TimeStyle } from "./time.ts";

export const ROLE_TEXT: Record<Role, string> = {
  admin: "Lets people in, gives roles, sets the rules and the look. Sees no patient and no session.",
  practitioner: "Has a desk: makes invites and holds sessions. What they keep is sealed, for admins too.",
  auditor:
    "Reads the audit log with its sealed details, checks it, takes copies and signs off reviews. Changes nothing, and enters no session.",
};

export const PEOPLE = {
  title: "People",
  lead: "Who may enter, and what each may do.",
  caption: "Everybody with an account here",
  name: "Name",
  roles: "Roles",
  state: "State",
  seen: "Last seen",
  passkeys: "Passkeys",
  manage: "Manage",
  manageWhat: (name: string) => `Manage ${name}`,
  you: "(you)",
  active: "Active",
  suspended: "Suspended",
  never: "Never",
  alone:
    "You are the only one here so far. Invite a colleague: a second admin can help if you lose your passkeys.",

  invite: "Invite a colleague",
  inviteLead: "You get a link for one person. With it they make a passkey, and then they are in.",
  personName: "Their name",
  personHint: "As colleagues know them. Patients see the name that they choose themselves.",
  nameMissing: "Please type a name.",
  rolesLegend: "What may they do?",
  rolesMissing: "Please choose at least one role.",
  make: "Make the link",
  making: "Making it…",

  openTitle: "Open links",
  openLead: "Not used yet. Whoever opens one first gets in with it, so revoke what went astray.",
  openNone: "No open links.",
  revoke: "Revoke",
  revokeWhat: (name: string) => `Revoke the link for ${name}`,
  revokeAsk: (name: string) => `Revoke the link for ${name}?`,
  revokeMeans: "It opens nothing any more, from now on. You can make a new one at any time.",
  revokeYes: "Revoke it",
  keep: "Keep it",

  linkTitle: (name: string) => `The link for ${name}`,
  linkField: "Link",
  linkCopy: "Copy the link",
  linkLife: "It expires in 72 hours and works once.",
  linkOnce:
    "It is shown only now. Send it to them alone, in a way that you trust: whoever opens it first is in.",
  linkDone: "Done",
} as const;

export const MANAGE = {
  roles: "Change roles",
  rolesText: (roles: readonly Role[]) => `Now: ${roles.map(roleWords).join(", ")}.`,
  rolesAsk: (name: string) => `What may ${name} do?`,
  rolesMeans: "It counts at once, also where they are signed in now.",
  rolesYes: "Save roles",
  lastAdmin: "The only admin cannot lose this role. Make somebody else an admin first.",

  suspend: "Suspend",
  suspendText: "For a while, or until you know more. Everything is kept.",
  suspendAsk: (name: string) => `Suspend ${name}?`,
  suspendMeans: (name: string) => [
    `${name} is signed out everywhere at once, and cannot sign in until you resume them.`,
    "Nobody can be let in with their invites meanwhile. A session that runs now is between two browsers: it can go on until one of them ends it.",
    "Everything of theirs is kept as it is.",
  ],
  suspendYes: "Suspend",

  resume: "Resume",
  resumeText: "They can sign in again with the passkeys they have.",
  resumeAsk: (name: string) => `Let ${name} in again?`,
  resumeMeans: () => ["They can sign in with the passkeys they have, in the roles they have."],
  resumeYes: "Resume",

  reset: "Reset a lost passkey",
  resetText: "For somebody who cannot sign in any more.",
  resetAsk: (name: string) => `Reset the passkeys of ${name}?`,
  resetMeans: (name: string) => [
    `All passkeys of ${name} are void and every sign-in ends, at once.`,
    "You get a link for a new passkey. Before you send it, make sure that it was really they who asked.",
    "The new passkey signs them in, but does not open their sealed data: for that they need another way, such as their printed recovery code. Without any, they can start over with an empty desk.",
  ],
  resetYes: "Reset",

  remove: "Remove for good",
  removeText: "For somebody who has left.",
  removeAsk: (name: string) => `Remove ${name} for good?`,
  removeMeans: (name: string) => [
    `The account of ${name} is deleted, with its passkeys, its invites and its sealed data. Nobody can bring them back.`,
    "The record of what was done keeps their name, as the law wants.",
    "If they may come back, suspend them instead.",
  ],
  removeYes: "Remove for good",

  no: "Leave it as it is",
  close: "Close",
  yourself:
    "This is your own account. Another admin can suspend, reset or remove it; your passkeys are on your account page.",
} as const;

export function stateWords(state: Person["state"]): string {
  return state === "active" ? PEOPLE.active : PEOPLE.suspended;
}

export function seenWords(seen: number | null, now: number, time: TimeStyle): string {
  return seen === null ? PEOPLE.never : stamp(seen, now, time);
}

export function passkeysWords(passkeys: number): string {
  return passkeys === 0 ? "None" : String(passkeys);
}

/** "New colleague · Practitioner · expires tomorrow at 9:00". */
export function enrolmentWords(enrolment: Enrolment, now: number, time: TimeStyle): readonly string[] {
  return [
    enrolment.purpose === "colleague" ? "New colleague" : "New passkey",
    enrolment.roles.map(roleWords).join(", "),
    enrolment.expires <= now ? "Expired" : `Expires ${moment(enrolment.expires, now, time)}`,
  ];
}
