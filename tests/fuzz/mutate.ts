/**
 * Byte and text mutation of valid inputs. An edit is four small numbers, so that fast-check can shrink a failing input
 * to the fewest and smallest edits.
 */
import fc from "fast-check";
import type { Bytes } from "../../crypto/bytes.ts";

/** What to do, where (65,536ths of the length), how much, and with what. */
type Edit = readonly [kind: number, at: number, size: number, fill: number];

const WORD = 0xffff;
const editsOf = (kinds: number): fc.Arbitrary<readonly Edit[]> =>
  fc.array(fc.tuple(fc.nat(kinds - 1), fc.nat(WORD), fc.nat(WORD), fc.nat(WORD)), {
    minLength: 1,
    maxLength: 4,
    size: "max",
  });

/** Mostly a few, seldom a good part of the whole. */
function amount(size: number, length: number): number {
  return size % 4 === 0 ? place(size, length) : 1 + (size % 8);
}

function place(at: number, length: number): number {
  return Math.floor((at * (length + 1)) / (WORD + 1));
}

// ---- bytes -------------------------------------------------------------------------------------------------------

const EDGE_BYTES = [0x00, 0x01, 0x02, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff] as const;
/** Lengths and counters that overflow something. */
const EDGE_WORDS = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0xffff_ffff,
] as const;
const BYTE_EDITS = 10;

export function mutatedBytes(samples: readonly Bytes[]): fc.Arbitrary<Bytes> {
  return fc
    .tuple(fc.nat(samples.length - 1), editsOf(BYTE_EDITS))
    .map(([index, edits]) =>
      edits.reduce((bytes, edit) => editBytes(bytes, edit, samples), samples[index] ?? new Uint8Array(0)),
    );
}

function editBytes(bytes: Bytes, [kind, at, size, fill]: Edit, samples: readonly Bytes[]): Bytes {
  const from = place(at, bytes.length);
  const count = amount(size, bytes.length);
  const value = fill & 0xff;
  switch (kind) {
    case 0: // one bit
      return splice(bytes, from, 1, [(bytes[from] ?? 0) ^ (1 << (fill & 7))]);
    case 1:
      return splice(bytes, from, 1, [value]);
    case 2:
      return splice(bytes, from, 1, [EDGE_BYTES[fill % EDGE_BYTES.length] ?? 0]);
    case 3: // insert
      return splice(bytes, from, 0, new Uint8Array(count).fill(value));
    case 4: // leave out
      return splice(bytes, from, count, []);
    case 5: // cut off
      return bytes.slice(0, from);
    case 6: // say a piece twice
      return splice(bytes, from, 0, bytes.slice(from, from + count));
    case 7: // a piece of another sample
      {
        const other = samples[fill % samples.length] ?? bytes;
        return splice(bytes, from, count, other.subarray(from, from + count));
      }
    case 8: // a big-endian number
      {
        const number = EDGE_WORDS[fill % EDGE_WORDS.length] ?? 0;
        const width = size % 3 === 0 ? 1 : size % 3 === 1 ? 2 : 4;
        return splice(bytes, from, width, bigEndian(number, width));
      }
    default: // append
      return splice(bytes, bytes.length, 0, new Uint8Array(1 + (size % 20)).fill(value));
  }
}

function bigEndian(value: number, width: number): number[] {
  return Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** (width - 1 - i)) & 0xff);
}

function splice(bytes: Bytes, at: number, removed: number, added: ArrayLike<number>): Bytes {
  const rest = Math.min(bytes.length, at + removed);
  const out = new Uint8Array(at + added.length + bytes.length - rest);
  out.set(bytes.subarray(0, at));
  out.set(added, at);
  out.set(bytes.subarray(rest), at + added.length);
  return out;
}

// ---- text --------------------------------------------------------------------------------------------------------

/** What breaks parsers of text: separators, controls, marks that reorder, halves of characters, odd numbers. */
const TOKENS = [
  ..."\0\t\n\r \"'\\/:;,.=-_+*#%&?()[]{}<>|~^`@!$",
  "\r\n",
  "\u0085",
  "\u00a0",
  "\u00ad",
  "\u200b",
  "\u200e",
  "\u2028",
  "\u202e",
  "\u2066",
  "\ufeff",
  "\ufffd",
  "\u0301",
  "\u212a",
  "\u017f",
  "\u0130",
  "\uff11",
  "\ufb03",
  "\ud800",
  "\udc00",
  "\udbff",
  "😀",
  "👩‍👩‍👧",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "undefined",
  "NaN",
  "Infinity",
  "-0",
  "0",
  "00",
  "1e999",
  "1e-7",
  "9007199254740993",
  "18446744073709551616",
  "4294967296",
  "65536",
  "-1",
  "0x10",
  "%00",
  "%zz",
  "\\u0000",
  "\\ud800",
  "a=",
  "m=",
  "v=0",
  "::",
  "::ffff:",
  "127.0.0.1",
  "..",
  "../",
  "//",
  "AAAA",
  "AA==",
  "A".repeat(64),
] as const;
const TEXT_EDITS = 9;

export function mutatedText(samples: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(samples.length - 1), editsOf(TEXT_EDITS))
    .map(([index, edits]) =>
      edits.reduce((text, edit) => editText(text, edit, samples), samples[index] ?? ""),
    );
}

function editText(text: string, [kind, at, size, fill]: Edit, samples: readonly string[]): string {
  const from = place(at, text.length);
  const count = amount(size, text.length);
  const before = text.slice(0, from);
  const token = TOKENS[fill % TOKENS.length] ?? "";
  switch (kind) {
    case 0: // another character, near or far
      return (
        before +
        String.fromCharCode(fill % 3 === 0 ? fill : (text.charCodeAt(from) || 0) ^ (1 << (fill & 7))) +
        text.slice(from + 1)
      );
    case 1:
      return before + token + text.slice(from);
    case 2:
      return before + token + text.slice(from + count);
    case 3: // leave out
      return before + text.slice(from + count);
    case 4: // cut off
      return before;
    case 5: // say a piece twice
      return before + text.slice(from, from + count) + text.slice(from);
    case 6: // a piece of another sample
      {
        const other = samples[fill % samples.length] ?? text;
        return before + other.slice(from, from + count) + text.slice(from + count);
      }
    case 7: // move, leave out or repeat a line
      return editLine(text, at, size, fill);
    default: // the other case
      return before + otherCase(text.slice(from, from + count)) + text.slice(from + count);
  }
}

function editLine(text: string, at: number, size: number, fill: number): string {
  const lines = text.split("\n");
  const from = place(at, lines.length - 1);
  const to = place(size, lines.length - 1);
  const [line = ""] = lines.slice(from, from + 1);
  if (fill % 3 === 0) lines.splice(from, 1);
  else if (fill % 3 === 1) lines.splice(to, 0, line);
  else lines.splice(to, 1, line);
  return lines.join("\n");
}

function otherCase(text: string): string {
  const upper = text.toUpperCase();
  return upper === text ? text.toLowerCase() : upper;
}
