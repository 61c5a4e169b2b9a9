/**
 * What is fuzzed: a parser, inputs that are nearly right, and what must hold for each of them. A target is found by
 * its name; an input is bytes or text, so that a failing one can be printed, kept and run again.
 */
import fc from "fast-check";
import type { Bytes } from "../../crypto/bytes.ts";
import { codePoint } from "../support/code-point.ts";
import { mutatedBytes, mutatedText } from "./mutate.ts";

export type Input = Bytes | string;

/** What a check answers for an input that was taken. Every other answer is the reason of a refusal. */
export const ACCEPTED = "accepted";

export interface Target {
  readonly name: string;
  /** The exported functions that this stands for, as `crypto/invite.ts parseInvite`. */
  readonly covers: readonly string[];
  /** Inputs that are right: the check answers ACCEPTED for each. */
  readonly samples: readonly Input[];
  /** Mutations of the samples, structured but wrong inputs, and noise. */
  readonly inputs: fc.Arbitrary<Input>;
  /**
   * Runs the parser on one input and judges what it did.
   * @returns ACCEPTED, or why it was refused
   * @throws when a property does not hold
   */
  readonly check: (input: Input) => string | Promise<string>;
  /** The check returns a promise. */
  readonly waits: boolean;
  /** Takes whatever comes, and makes something clean of it. */
  readonly neverRefuses: boolean;
  /** Of 10,000 runs in `npm test`; less for what takes real cryptography. */
  readonly share: number;
  readonly toHex: (input: Input) => string;
  readonly fromHex: (hex: string) => Input;
}

interface Definition<T extends Input> {
  readonly name: string;
  readonly covers: readonly string[];
  readonly samples: readonly T[];
  /** Structured but wrong; for what byte mutation seldom reaches: behind a checksum, under a seal. */
  readonly wrong?: fc.Arbitrary<T>;
  readonly waits?: boolean;
  readonly neverRefuses?: boolean;
  readonly share?: number;
  readonly check: (input: T) => string | Promise<string>;
}

export function bytesTarget(definition: Definition<Bytes>): Target {
  const { samples, wrong, check } = definition;
  const noise = fc.uint8Array({ maxLength: 64 }).map((bytes) => new Uint8Array(bytes));
  return {
    ...common(definition),
    inputs: mix(mutatedBytes(samples), noise, wrong),
    check: (input) => {
      if (typeof input === "string") throw new TypeError("bytes expected");
      return check(input);
    },
    toHex: (input) => Buffer.from(input as Bytes).toString("hex"),
    fromHex: (hex) => new Uint8Array(Buffer.from(hex, "hex")),
  };
}

/** Text is printed as the hexadecimal of its UTF-16 (little-endian), since it may hold lone surrogates. */
export function textTarget(definition: Definition<string>): Target {
  const { samples, wrong, check } = definition;
  const noise = fc.string({ unit: codePoint, maxLength: 40 });
  return {
    ...common(definition),
    inputs: mix(mutatedText(samples), noise, wrong),
    check: (input) => {
      if (typeof input !== "string") throw new TypeError("text expected");
      return check(input);
    },
    toHex: (input) => Buffer.from(input as string, "utf16le").toString("hex"),
    fromHex: (hex) => Buffer.from(hex, "hex").toString("utf16le"),
  };
}

function common<T extends Input>(definition: Definition<T>) {
  const { name, covers, samples, waits = false, neverRefuses = false, share = 1 } = definition;
  return { name, covers, samples, waits, neverRefuses, share };
}

function mix<T extends Input>(
  mutated: fc.Arbitrary<T>,
  noise: fc.Arbitrary<T>,
  wrong?: fc.Arbitrary<T>,
): fc.Arbitrary<Input> {
  const few = { arbitrary: noise, weight: 1 };
  if (wrong === undefined) return fc.oneof({ arbitrary: mutated, weight: 15 }, few);
  return fc.oneof({ arbitrary: mutated, weight: 8 }, { arbitrary: wrong, weight: 7 }, few);
}
