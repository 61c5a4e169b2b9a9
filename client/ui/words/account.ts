/** Her own account: passkeys, sign-ins, the recovery code and the passphrase. */
import type { Login, Passkey, Role } from "../../../relay/wire/accounts.ts";
import { day, moment, type TimeStyle } from "./time.ts";

const ROLES: Record<Role, string> = {
  admin: "Admin",
  practitioner: "Practitioner",
  auditor: "Auditor",
};

export function roleWords(role: Role): string {
  return ROLES[role];
}

export const ACCOUNT = {
  title: "Your account",
  loading: "Fetching…",
  touch: "Your browser may ask for your passkey first, so that only you can do this.",
} as const;

export const PASSKEYS = {
  title: "Passkeys",
  lead: "Each of these signs you in. Have two, so that losing a device does not lock you out.",
  last: "This is your only passkey, so it cannot be removed.",
  full: "You have as many as an account can hold. Remove one to add another.",
  add: "Add a passkey",
  addName: "A name for the new passkey",
  addHint: "So that you know it again, for example “My phone” or “Blue security key”.",
  adding: "Waiting for your passkey…",
  make: "Make the passkey",
  name: "Name",
  nameMissing: "Please type a name.",
  rename: "Rename",
  renameWhat: (name: string) => `Rename ${name}`,
  renaming: "Saving…",
  save: "Save",
  remove: "Remove",
  removeWhat: (name: string) => `Remove ${name}`,
  removeAsk: (name: string) => `Remove the passkey “${name}”?`,
  removeMeans:
    "It signs nobody in any more, and opens nothing that you write from now on. Other devices that signed in with it are signed out. Delete it on its device as well.",
  removeYes: "Remove it",
  keep: "Keep it",
} as const;

export function passkeyFacts(passkey: Passkey, now: number, time: TimeStyle): readonly string[] {
  return [
    `Made ${day(passkey.created, now, time)}`,
    passkey.used === null ? "Not used yet" : `Last used ${day(passkey.used, now, time)}`,
    passkey.synced ? "Synced by your password manager" : "On one device only",
  ];
}

/** A name that none of hers has: "Chrome on Windows", "Chrome on Windows 2". */
export function freeName(wanted: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!taken.includes(name)) return name;
  }
}

export const LOGINS = {
  title: "Where you are signed in",
  current: "This device",
  end: "Sign out",
  endWhat: (device: string) => `Sign out ${device}`,
  all: "Sign out everywhere",
  allAsk: "Sign out everywhere?",
  allMeans:
    "Every device, this one too, has to sign in again. A session that runs on one of them ends there. Your data stay.",
  allYes: "Sign out everywhere",
  allNo: "Stay signed in",
} as const;

export function loginFacts(login: Login, now: number, time: TimeStyle): readonly string[] {
  return [`Signed in ${moment(login.created, now, time)}`, `Last seen ${moment(login.used, now, time)}`];
}

export const RECOVERY_AGAIN = {
  title: "Recovery code",
  lead: "The printed code that opens your data when your passkeys are gone. If you cannot find it, or somebody saw it, make a new one.",
  make: "Make a new code",
  ask: "Make a new recovery code?",
  means:
    "The code you have now opens nothing any more. Have a printer or a pen ready: the new one is shown once.",
  yes: "Make a new code",
  no: "Keep my code",
  busy: "Making it…",
} as const;

export const PASSPHRASE_AGAIN = {
  title: "Passphrase",
  lead: "It opens your data where a passkey alone cannot.",
  change: "Change the passphrase",
  submit: "Change it",
  busy: "Changing it…",
} as const;
