/**
 * The recovery code that is printed once: 130 random bits and 10 to check them, as 28 characters of Crockford's
 * base32 in groups of four, e.g. `7Q4M-0XKT-93BH-ZD6C-11VP-K4RA-80WJ`.
 *
 * The check is CRC-10 (x^10 + x^9 + x^5 + x^4 + x + 1, nothing preset, nothing inverted). It notices for certain one
 * wrong character, and two wrong ones side by side, as when they were swapped; of anything else, 1,023 in 1,024. It
 * is no security: anybody can compute it.
 */
import { adopt, type Bytes, readUintBe, uintBe } from "../bytes.ts";
import type { Random, Sodium } from "../sodium.ts";

/** Crockford's alphabet: no I, L, O (read as 1, 1, 0) and no U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = 28;
const SECRET_BITS = 130n;
const CHECK_BITS = 10n;
const CHECK_MASK = (1n << CHECK_BITS) - 1n;
const POLYNOMIAL = 0x633n;
const SECRET_BYTES = 17;
/** Of what is typed: a code with a good deal of white space. */
const MAX_TYPED = 200;

/** As it is shown and printed. */
export function newRecoveryCode(sodium: Sodium, random: Random): string {
  const bytes = random(SECRET_BYTES);
  const secret = readUintBe(bytes) & ((1n << SECRET_BITS) - 1n);
  sodium.memzero(bytes);
  const code = (secret << CHECK_BITS) | remainder(secret << CHECK_BITS);
  const characters = Array.from({ length: CHARACTERS }, (_, index) =>
    ALPHABET.charAt(Number((code >> BigInt(5 * (CHARACTERS - 1 - index))) & 31n)),
  );
  return (characters.join("").match(/.{4}/g) ?? []).join("-");
}

/**
 * The code's secret, 17 bytes of which the first six bits are 0. Spelling differences that people make do not matter.
 * @returns `null` when it is none: mistyped, cut, or of something else
 */
export function parseRecoveryCode(typed: string): Bytes | null {
  if (typed.length > MAX_TYPED) return null;
  const characters = normalise(typed);
  if (characters.length !== CHARACTERS) return null;
  let code = 0n;
  for (const character of characters) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return null;
    code = (code << 5n) | BigInt(digit);
  }
  return remainder(code) === 0n ? adopt(uintBe(code >> CHECK_BITS, SECRET_BYTES)) : null;
}

function normalise(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
}

/** Of the polynomial division, bit by bit from the first. */
function remainder(code: bigint): bigint {
  let rest = 0n;
  for (let bit = SECRET_BITS + CHECK_BITS - 1n; bit >= 0n; bit--) {
    rest = (rest << 1n) | ((code >> bit) & 1n);
    if (rest > CHECK_MASK) rest ^= POLYNOMIAL;
  }
  return rest;
}
