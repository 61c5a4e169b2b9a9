/** What is refused, or goes wrong, around an account and its vault; and why somebody is back at the door. */
import type { AccountProblem, LockReason } from "../../state/account-model.ts";
import type { Notice } from "../words.ts";
import { SERVER_PROBLEMS } from "./server-problems.ts";

const PROBLEMS: Record<AccountProblem, Omit<Notice, "code">> = {
  "SIGN-IN-REFUSED": {
    happened: "This passkey was not accepted.",
    means: "It is not known here any more, or your account is paused.",
    todo: "Try another passkey of yours, or ask an admin of your clinic.",
  },
  "ENROLMENT-UNKNOWN": {
    happened: "This link does not work any more.",
    means: "It was used already, withdrawn, or is older than three days. Each link works once.",
    todo: "If you have made your passkey with it, sign in. If not, ask an admin for a new link.",
  },
  ...SERVER_PROBLEMS,
  "NOT-ALLOWED": {
    happened: "Your account may not do this.",
    means: "It needs a role that you do not have, or do not have any more. Nothing was changed.",
    todo: "Ask an admin of your clinic if you need it.",
  },
  "LAST-PASSKEY": {
    happened: "Your only passkey cannot be removed.",
    means: "Without it you could not sign in again.",
    todo: "Add another passkey first, then remove this one.",
  },
  "LAST-ADMIN": {
    happened: "The only admin cannot be taken away.",
    means: "Nobody could let people in or help them any more. Nothing was changed.",
    todo: "Make somebody else an admin first.",
  },
  "PASSKEY-LIMIT": {
    happened: "You have as many passkeys as an account can hold.",
    means: "The new one was not added.",
    todo: "Remove one that you do not use any more, then try again.",
  },
  "PERSON-UNKNOWN": {
    happened: "This is not there any more.",
    means: "It was removed or ended meanwhile, perhaps on another device.",
    todo: "Look at the list again. It shows how things are now.",
  },
  "PASSKEY-CANCELLED": {
    happened: "No passkey was used.",
    means: "The window of your browser was closed, or it waited too long. Nothing was changed.",
    todo: "Try again, and follow what your browser asks for.",
  },
  "PASSKEY-EXISTS": {
    happened: "This device has a passkey of yours already.",
    means: "One is enough for each device or password manager. The one you have goes on working.",
    todo: "To add another, choose a different device or a security key when your browser asks.",
  },
  "PASSKEY-UNSUPPORTED": {
    happened: "This device cannot use a passkey here.",
    means: "Its browser knows no passkeys, or the device has no PIN, fingerprint or face unlock set up.",
    todo: "Set up a screen lock on this device, or use an up-to-date Chrome, Edge, Firefox or Safari.",
  },
  "PASSPHRASE-WRONG": {
    happened: "That is not your passphrase.",
    means: "Your data stay locked. Nothing was lost.",
    todo: "Type it again: capitals and spaces count. Or use your recovery code.",
  },
  "RECOVERY-WRONG": {
    happened: "That is not your present recovery code.",
    means: "It has no typing mistake, but it opens nothing: it may be an older code, or somebody else’s.",
    todo: "Look for the print with the newest date.",
  },
  "RECOVERY-MISTYPED": {
    happened: "There is a typing mistake in the code.",
    means: "A letter or digit is wrong, missing or too many. Nothing was lost.",
    todo: "Compare it with your print, group by group.",
  },
  "VAULT-DAMAGED": {
    happened: "Your encrypted data cannot be read.",
    means: "A part of them is damaged, here and on the server. What can be read was left as it is.",
    todo: "Do not remove anything. Tell whoever runs your server the code: a backup may hold a whole copy.",
  },
  "VAULT-NEWER": {
    happened: "Your data were written by a newer version of Quietroom.",
    means: "This page is too old to open them. Nothing was lost.",
    todo: "Reload the page. If it stays so, tell whoever runs your server the code.",
  },
  "VAULT-REPLACED": {
    happened: "You started over on another device.",
    means: "This device still has your data from before. They are not copied to the server any more.",
    todo: "Sign out, then sign in again: this device then goes on with the new ones.",
  },
  "VAULT-CONFLICT": {
    happened: "Your keys were changed on another device at the same time.",
    means: "What you just did was not done.",
    todo: "Wait a moment, then try again.",
  },
  "VAULT-FULL": {
    happened: "Your encrypted storage is full.",
    means: "The newest change stays on this device and is not copied to the server.",
    todo: "Revoke or remove invites that you do not need any more.",
  },
  "STORAGE-FAILED": {
    happened: "Your browser could not save something.",
    means: "Its storage is full or switched off, as in a private window. This device may forget what you do.",
    todo: "Free some space, allow site data or leave the private window. Then reload this page.",
  },
};

export function isAccountProblem(code: string): code is AccountProblem {
  return Object.hasOwn(PROBLEMS, code);
}

export function accountProblem(code: AccountProblem): Notice {
  return { ...PROBLEMS[code], code };
}

const LOCKS: Record<LockReason, Notice> = {
  idle: {
    happened: "You were away for a while, so this page locked itself.",
    means: "Nothing was lost. Your keys are locked away on this device.",
    todo: "Sign in to go on.",
    code: "LOCKED-IDLE",
  },
  "too-long": {
    happened: "You were signed in for as long as your clinic allows.",
    means: "Nothing was lost. Your keys are locked away on this device.",
    todo: "Sign in to go on.",
    code: "LOCKED-TIME",
  },
  "ended-elsewhere": {
    happened: "You were signed out from somewhere else.",
    means:
      "You did it on another device, an admin did it, or the server saw two devices use one sign-in. Your keys are locked away.",
    todo: "If it was not you, sign in, look at where you are signed in, and tell your admin.",
    code: "LOCKED-ELSEWHERE",
  },
  "signed-out": {
    happened: "You are signed out.",
    means: "Your keys are locked away on this device.",
    todo: "You can close this page.",
    code: "SIGNED-OUT",
  },
};

export function lockWords(why: LockReason): Notice {
  return LOCKS[why];
}
