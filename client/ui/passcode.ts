/**
 * Passcodes are said on the phone and typed on small keyboards by tired people, and three wrong ones close an invite:
 * so capital letters and spaces never count, on the side that sets one and on the side that types it.
 */
import type { InviteUse } from "../../relay/wire/requests.ts";

/**
 * A personal room takes three guesses every quarter of an hour (crypto/README.md, Guessing): in a year of a desk that is
 * never closed, one chance in 9.5 against six digits, one in 950 against eight, one in 9 500 against nine.
 */
export const MIN_PASSCODE: Readonly<Record<InviteUse, number>> = { single: 6, reusable: 8 };
const SUGGESTED_DIGITS: Readonly<Record<InviteUse, number>> = { single: 6, reusable: 9 };
const MAX_PASSCODE = 64;
/** What is longer was not typed as a passcode. Combining marks without end would keep Unicode busy for seconds. */
const MAX_TYPED = 1_024;

/** White space, and half a character: pasted, or left of the last one where the passcode was cut. */
const UNWANTED = /[\s\p{Cs}]+/gu;

/** The same for what was typed and for what is shown of it: repeated until nothing changes any more. */
export function canonicalPasscode(text: string): string {
  const tidy = text.slice(0, MAX_TYPED).normalize("NFKC").toLowerCase().replace(UNWANTED, "");
  const next = tidy.slice(0, MAX_PASSCODE).replace(UNWANTED, "");
  return next === text ? next : canonicalPasscode(next);
}

/** Uniform digits. Six, with three guesses in all: one chance in 333 333. */
export function suggestPasscode(random: (length: number) => Uint8Array, use: InviteUse): string {
  const length = SUGGESTED_DIGITS[use];
  let digits = "";
  while (digits.length < length) {
    for (const byte of random(2 * length)) {
      // 250..255 would make the digits 0 to 5 likelier than the others.
      if (byte < 250 && digits.length < length) digits += String(byte % 10);
    }
  }
  return digits;
}

/** Six or nine digits in groups of three, to be read more easily; anything else as it is. */
export function groupPasscode(passcode: string): string {
  return /^(?:\d{3}){2,3}$/u.test(passcode) ? (passcode.match(/\d{3}/gu) ?? []).join(" ") : passcode;
}
