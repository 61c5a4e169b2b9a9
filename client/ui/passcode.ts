/**
 * Passcodes are said on the phone and typed on small keyboards by tired people, and three wrong ones close an invite:
 * so capital letters and spaces never count, on the side that sets one and on the side that types it.
 */

export const MIN_PASSCODE = 6;
const MAX_PASSCODE = 64;
/** What is longer was not typed as a passcode. Combining marks without end would keep Unicode busy for seconds. */
const MAX_TYPED = 1_024;
const DIGITS = 6;

/** White space, and half a character: pasted, or left of the last one where the passcode was cut. */
const UNWANTED = /[\s\p{Cs}]+/gu;

/** The same for what was typed and for what is shown of it: repeated until nothing changes any more. */
export function canonicalPasscode(text: string): string {
  const tidy = text.slice(0, MAX_TYPED).normalize("NFKC").toLowerCase().replace(UNWANTED, "");
  const next = tidy.slice(0, MAX_PASSCODE).replace(UNWANTED, "");
  return next === text ? next : canonicalPasscode(next);
}

/** Six uniform digits: with three guesses, one chance in 333 333. */
export function suggestPasscode(random: (length: number) => Uint8Array): string {
  let digits = "";
  while (digits.length < DIGITS) {
    for (const byte of random(2 * DIGITS)) {
      // 250..255 would make the digits 0 to 5 likelier than the others.
      if (byte < 250 && digits.length < DIGITS) digits += String(byte % 10);
    }
  }
  return digits;
}

/** Six digits in two groups, to be read more easily; anything else as it is. */
export function groupPasscode(passcode: string): string {
  return /^\d{6}$/u.test(passcode) ? `${passcode.slice(0, 3)} ${passcode.slice(3)}` : passcode;
}
