/** What must hold for everything that a parser lets through, and for the way in which it refuses. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { CryptoError } from "../../crypto/errors.ts";
import { ACCEPTED } from "./target.ts";

/**
 * Runs a parser that refuses with `null` or with an error of its documented type.
 * @param refusal the error's code, or `null` for an error that the parser may not throw
 * @param accepted judges what came out
 */
export function judged<T>(
  parse: () => T | null,
  refusal: (error: unknown) => string | null,
  accepted: (value: T) => void,
): string {
  let value: T | null;
  try {
    value = parse();
  } catch (error) {
    return refusalOf(error, refusal);
  }
  if (value === null) return "refused";
  accepted(value);
  return ACCEPTED;
}

export function refusalOf(error: unknown, refusal: (error: unknown) => string | null): string {
  const code = refusal(error);
  if (code === null) throw new Error("threw what it does not document", { cause: error });
  return code;
}

/** For a parser that never throws. */
export const nothing = () => null;

/** For a parser that throws CryptoError with one of these codes. */
export const codes =
  (...allowed: readonly CryptoError["code"][]) =>
  (error: unknown): string | null =>
    error instanceof CryptoError && allowed.includes(error.code) ? error.code : null;

/** One value, one encoding. */
export function sameBytes(
  actual: Uint8Array,
  expected: Uint8Array,
  what = "written again, it is other bytes",
): void {
  if (Buffer.compare(actual, expected) !== 0) {
    assert.equal(Buffer.from(actual).toString("hex"), Buffer.from(expected).toString("hex"), what);
  }
}

export function sameValue(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) assert.deepEqual(actual, expected, what);
}

/** As data, a JSON text says exactly this value: nothing was left out or read otherwise in silence. */
export function sameJson(value: unknown, text: string): void {
  sameValue(asData(value), asData(JSON.parse(text)), "something was left out, or read otherwise");
}

/** JSON has a -0 and writes it as 0, which is the same; it has endless numbers and writes null, which is not. */
function asData(value: unknown): unknown {
  const endless = (_name: string, inner: unknown) =>
    inner === Number.POSITIVE_INFINITY || inner === Number.NEGATIVE_INFINITY ? `${inner}` : inner;
  return JSON.parse(JSON.stringify(value, endless));
}

/**
 * Plain data and nothing else: no foreign prototype, no own `__proto__`, and not much more of it than of the input, so
 * that no length field makes memory out of nothing.
 * @param inputLength bytes or characters
 */
export function wholesome(value: unknown, inputLength: number): void {
  const size = sizeOf(value);
  assert.ok(size <= 16 * inputLength + 4_096, `${inputLength} in, ${size} out`);
}

const PLAIN: ReadonlySet<unknown> = new Set([Object.prototype, Array.prototype, null]);

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  if (value instanceof Uint8Array) return value.length;
  assert.ok(PLAIN.has(Object.getPrototypeOf(value)), "a foreign prototype");
  let size = 16;
  for (const key of Object.keys(value)) {
    assert.notEqual(key, "__proto__");
    size += key.length + sizeOf((value as Readonly<Record<string, unknown>>)[key]);
  }
  return size;
}
