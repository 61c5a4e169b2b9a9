/** The secret that the relay and the TURN server share, and what makes one too weak to accept. */

declare const brand: unique symbol;
/** Passed `secretWeakness`. Never logged, never part of an error. */
export type TurnSecret = string & { readonly [brand]: "TurnSecret" };

const MIN_LENGTH = 32;
const MAX_LENGTH = 128;
/** Low enough that 16 random bytes in hex pass (they estimate to 115 ± 4), high enough for what people type. */
const MIN_BITS = 80;

/** What base64, base64url and hex consist of. No blank, quote or line end can reach turnserver.conf this way. */
const ALPHABET = /^[A-Za-z0-9+/_.~-]+={0,2}$/;

/** Words of sample files. A random secret of 44 base64 characters holds one of them about once in ten million times. */
const PLACEHOLDER = /change[-_]?me|replace[-_]?me|placeholder|example|secret|password/i;

/**
 * Why a text will not do as a secret, in words that never repeat it, or `null` when it will. The strength is a guess
 * from below at what a generator put in: it catches words, repetition and sequences, not every phrase of a human's.
 */
export function secretWeakness(text: string): string | null {
  if (PLACEHOLDER.test(text)) return "is the placeholder of a sample file, or holds words like those";
  if (text.length < MIN_LENGTH) return `has ${text.length} characters, and needs at least ${MIN_LENGTH}`;
  if (text.length > MAX_LENGTH) return `has ${text.length} characters, and may have at most ${MAX_LENGTH}`;
  if (!ALPHABET.test(text)) return "holds characters that are neither base64, base64url nor hex";
  const unit = repeatedUnit(text);
  if (unit.length < text.length / 2) return "repeats the same few characters";
  if (estimatedBits(unit) < MIN_BITS) return "is made of too few different characters, or of a sequence";
  return null;
}

export function isTurnSecret(text: string): text is TurnSecret {
  return secretWeakness(text) === null;
}

/** The shortest beginning that, repeated, gives the whole text: "abcabca" -> "abc". */
function repeatedUnit(text: string): string {
  for (let period = 1; period < text.length; period++)
    if (text.startsWith(text.slice(period))) return text.slice(0, period);
  return text;
}

/** The smaller of two estimates: by how often each character occurs, and by the steps from one to the next. */
function estimatedBits(text: string): number {
  const codes = Array.from(text, (char) => char.charCodeAt(0));
  const steps = codes.slice(1).map((code, i) => code - (codes[i] ?? 0));
  return Math.min(entropy(codes) * codes.length, entropy(steps) * steps.length);
}

/** Shannon entropy of the values' own frequencies, bits per value. */
function entropy(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / values.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}
