import fc from "fast-check";

const SURROGATES = { from: 0xd800, count: 0x800 } as const;

/**
 * For `fc.string({ unit: codePoint })`: any character there is. The same as fast-check's "binary", which makes a list of
 * all 1.1 million before the first one, and that takes a second.
 */
export const codePoint = fc.nat(0x10_ffff - SURROGATES.count).map(
  (index) => String.fromCodePoint(index < SURROGATES.from ? index : index + SURROGATES.count),
  (value) => {
    const code = typeof value === "string" ? (value.codePointAt(0) ?? Number.NaN) : Number.NaN;
    const isSurrogate = code >= SURROGATES.from && code < SURROGATES.from + SURROGATES.count;
    if (isSurrogate || value !== String.fromCodePoint(code)) throw new TypeError("not one character");
    return code < SURROGATES.from ? code : code - SURROGATES.count;
  },
);
