/** What people type as their name, made fit for both sides' rules before it leaves the page. */

/** Control, format, private-use and surrogate characters, line and paragraph separators. */
const UNWANTED = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;
const MAX_BYTES = 64;
/** What is longer was not typed as a name. Combining marks without end would keep Unicode busy for seconds. */
const MAX_TYPED = 1_024;

/**
 * The name in NFC, without characters that do not show, single spaced, at most 64 bytes of UTF-8. Empty when nothing
 * is left.
 */
export function cleanName(text: string): string {
  // White space first, since a tab or a line break is also a control character; and NFC after what stood between two
  // parts of a letter is gone.
  const visible = text.slice(0, MAX_TYPED).replace(/\s/gu, " ").replace(UNWANTED, "");
  const tidy = visible.normalize("NFC").replace(/ +/gu, " ").trim();
  const encoder = new TextEncoder();
  let name = "";
  let bytes = 0;
  for (const character of tidy) {
    bytes += encoder.encode(character).length;
    if (bytes > MAX_BYTES) break;
    name += character;
  }
  return name.trim();
}

/** One or two letters to stand for a person: "Dr. Ada Okafor" is AO. */
export function initials(name: string): string {
  const words = name
    .split(/\s+/u)
    .filter((word) => /^[\p{L}\p{N}]/u.test(word) && !/^(dr|mr|mrs|ms|prof)\.?$/iu.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => firstLetter(word));
  return letters.join("").toUpperCase() || "·";
}

function firstLetter(word: string | undefined): string {
  const first = word === undefined ? undefined : [...word][0];
  return first ?? "";
}
