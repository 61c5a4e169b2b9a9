/**
 * The one-time set-up code that the operator reads at the start and the therapist types to sign in. 80 random bits in
 * Crockford's base32; of the code itself nothing is kept but a hash. Passkeys will take its place.
 */
import { createHash, timingSafeEqual } from "node:crypto";

/** Crockford's alphabet: no I, L, O (read as 1, 1, 0) and no U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_CHARACTERS = 16;
const GROUP = 4;

export interface SetupCode {
  /** Four groups of four, e.g. `7Q4M-0XKT-93BH-ZD6C`. */
  readonly text: string;
  /** True exactly once, for the right code; spelling differences that people make do not matter. */
  redeem(typed: string): boolean;
}

export function createSetupCode(random: (length: number) => Uint8Array): SetupCode {
  // 256 is a multiple of 32, so the low five bits of a random byte are uniform.
  const characters = Array.from(random(CODE_CHARACTERS), (byte) => ALPHABET.charAt(byte & 31)).join("");
  const expected = hash(characters);
  let used = false;
  return {
    text: characters.match(new RegExp(`.{${GROUP}}`, "g"))?.join("-") ?? "",
    redeem(typed) {
      const right = timingSafeEqual(hash(normalise(typed)), expected);
      if (!right || used) return false;
      used = true;
      return true;
    },
  };
}

function normalise(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/[\s\-–—]/g, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
}

function hash(code: string): Uint8Array {
  return createHash("sha256").update("quietroom set-up code\0").update(code).digest();
}
