/** The way in: sign-in, enrolment, the passphrase, the recovery code, the vault's lock. */
import type { PassphraseStrength } from "../../state/account-model.ts";

export const SIGN_IN = {
  title: "Sign in",
  submit: "Sign in with your passkey",
  busy: "Waiting for your passkey…",
  what: "A passkey is the fingerprint, face, PIN or security key of your own device. There is no password to remember or to lose.",
  lost: "I do not have my passkey",
  lostText: [
    "Do you use a password manager, such as iCloud Keychain or Google Password Manager? Your passkey is on your other devices too.",
    "Is it on your phone? Press the button above, choose another device, and scan the picture with your phone.",
    "Is it gone? Ask an admin of your clinic, or whoever runs your server, for a link to make a new one. With your recovery code you then open your data again.",
  ],
} as const;

export const ENROL = {
  checking: "Checking your link…",
  checkingMeans: "This takes a moment.",
  dead: "This link does not work any more",
  unchecked: "Your link could not be checked",
  openAgain: "Then open your link once more.",
  toSignIn: "Go to sign-in",
  setup: {
    title: "Welcome to Quietroom",
    lead: "This makes the first account. With it you invite your colleagues and set your clinic’s rules, and you have a desk of your own.",
  },
  colleague: {
    title: (name: string) => `Welcome, ${name}`,
    lead: "Your clinic made an account for you. All it needs is a passkey.",
  },
  reset: {
    title: (name: string) => `A new passkey for ${name}`,
    lead: "Your old passkeys do not work any more. If you have a desk, keep your recovery code or passphrase at hand: it opens your data next.",
  },
  notYou: "Is this not your name? Then close this page and tell the person who sent the link.",
  name: "Your name",
  nameHint: "Your colleagues see it. What patients see, you choose later.",
  nameMissing: "Please type your name.",
  submit: "Make my passkey",
  busy: "Waiting for your passkey…",
  what: "Your browser now asks for your fingerprint, face, PIN or security key. From then on this is how you sign in, without a password.",
} as const;

export const PASSPHRASE = {
  title: "Choose a passphrase",
  lead: "Your passkey signs you in. To open your encrypted data on this device, you also need a passphrase.",
  label: "Passphrase",
  newLabel: "New passphrase",
  hint: "Four words that have nothing to do with each other are easy to keep and hard to guess.",
  show: "Show",
  showWhat: "Show the passphrase",
  hide: "Hide",
  hideWhat: "Hide the passphrase",
  missing: "Please type a passphrase.",
  weak: "This passphrase is too easy to guess. Please make it stronger.",
  unjudged:
    "It could not be checked, since a part of this page did not load. Check your connection, then try again.",
  submit: "Use this passphrase",
  busy: "Locking your data with it…",
  leave: "Sign out",
  nobody: "Nobody can look it up or reset it for you, not even the server.",
} as const;

/** Below this it is not taken; see PassphraseStrength. */
export const STRONG_ENOUGH = 4;

const STRENGTHS: Record<PassphraseStrength["score"], string> = {
  0: "Very weak",
  1: "Weak",
  2: "Not strong enough",
  3: "Almost strong enough",
  4: "Strong",
};

/** "Weak. Add another word." Said as it is typed. */
export function strengthWords({ score }: PassphraseStrength, passphrase: string): string {
  const advice = strengthAdvice(score, passphrase);
  return advice === null ? `${STRENGTHS[score]}.` : `${STRENGTHS[score]}. ${advice}`;
}

/** The one next thing that would make it stronger. */
function strengthAdvice(score: PassphraseStrength["score"], passphrase: string): string | null {
  if (score >= STRONG_ENOUGH) return null;
  const words = passphrase.split(/[\s\p{P}]+/u).filter((word) => word !== "");
  if (words.length < 4) return words.length < 2 ? "Use several words." : "Add another word.";
  return new Set(words.map((word) => word.toLowerCase())).size < words.length
    ? "Use each word once."
    : "Leave out names, dates and well-known phrases.";
}

export const RECOVERY = {
  title: "Your recovery code",
  titleAgain: "Your new recovery code",
  lead: "It opens your data if your passkey is ever gone. Print it or write it down now: it is shown this once.",
  leadAgain: "Print it or write it down now: it is shown this once. Your old code opens nothing any more.",
  code: "Recovery code",
  print: "Print it",
  copy: "Copy it",
  keep: "Keep it on paper, locked away, apart from your computer and phone.",
  kept: "I have printed it or written it down",
  submit: "Go on",
  done: "Done",
  paper: {
    heading: "Recovery code",
    what: "This code opens the encrypted data of one Quietroom account when its passkey is lost.",
    made: (date: string) => `Made on ${date}. Codes printed before this one open nothing any more.`,
    owner: "Whose it is (you may leave this empty):",
    keepTitle: "Where to keep it",
    keep: [
      "On paper, in a locked place: a safe, or where you keep contracts.",
      "Not with your computer or phone, and not as a photo, e-mail or file.",
      "Is it lost, or has somebody seen it? Make a new one on your account page.",
    ],
    useTitle: "How to use it",
    use: "Sign in, and type it where your recovery code is asked for. Dashes and spaces do not matter.",
  },
} as const;

/** Read and typed more easily, and the same for every code. */
export function codeGroups(code: string): readonly string[] {
  return code.replace(/[^\p{L}\p{N}]/gu, "").match(/.{1,4}/gu) ?? [];
}

export const UNLOCK = {
  title: "Unlock your data",
  leadPassphrase: "You are signed in. Your passphrase opens your encrypted data on this device.",
  leadRecovery: "You are signed in. Your printed recovery code opens your encrypted data on this device.",
  passphrase: "Passphrase",
  passphraseMissing: "Please type your passphrase.",
  code: "Recovery code",
  codeHint: "Dashes, spaces and capitals do not matter, nor O for 0, or I and L for 1.",
  codeMissing: "Please type your recovery code.",
  submit: "Unlock",
  busy: "Unlocking…",
  useCode: "Use my recovery code",
  usePassphrase: "Use my passphrase",
  neither: "I have neither",
  neitherText: [
    "Another passkey of yours may open it: go back and sign in with that one.",
    "Does your desk still open on another device? Make a new recovery code there, on your account page.",
    "Nobody else has a key to your data, not even the server. That is what keeps them private. If nothing opens them, all that is left is to start over with an empty desk.",
  ],
  leave: "Sign out",
} as const;

export const START_OVER = {
  start: "Start over",
  busy: "Starting over…",
  ask: "Start over with an empty desk?",
  means: [
    "All that is locked away here is lost: your links and passcodes, the names that you gave to invites, and your own keys. Nobody can bring it back, not even the server.",
    "Links that you have sent out open nothing any more. Invites that are still open are revoked now, and whoever is waiting is told. Your patients need new links from you.",
    "You are signed out on your other devices. What those still have of it can be used for nothing.",
  ],
  yes: "Lose it and start over",
  no: "Keep it locked",
} as const;

export const REPLACED = {
  title: "You started over on another device",
  lead: "This device still has your data from before. You have an empty desk now, and go on with that one here too.",
  lost: "The data from before are then removed from this device. Nobody can bring them back.",
  notYou: "Was it not you? Then sign out without going on, and tell an admin of your clinic.",
  submit: "Go on with the new desk",
  busy: "Changing over…",
  leave: "Sign out",
} as const;
