/**
 * What a person may be called, the same on both sides: what one page would not have sent, the other refuses. A name is
 * shown to people who decide by it, so nothing in it is invisible, turns the direction of text, or paints over what
 * stands around it.
 */

/** Control, private-use and surrogate characters, line and paragraph separators, and all that is not drawn. */
const UNWANTED = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Marks that stand on one letter. The scripts that need most need three; a heap of them covers other lines. */
const MARKS = /(\p{M}{3})\p{M}+/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
const MAX_BYTES = 64;
/** What is longer was not typed as a name. Combining marks without end would keep Unicode busy for seconds. */
const MAX_TYPED = 1_024;

/**
 * The name in NFC, without characters that do not show, single spaced, at most 64 bytes of UTF-8. Empty when nothing
 * is left that can be seen.
 */
export function cleanName(text: string): string {
  // White space first, since a tab or a line break is also a control character; and NFC after what stood between two
  // parts of a letter is gone.
  const visible = text.slice(0, MAX_TYPED).replace(/\s/gu, " ").replace(UNWANTED, "");
  const tidy = visible.normalize("NFC").replace(MARKS, "$1").replace(/ +/gu, " ").trim();
  const encoder = new TextEncoder();
  let name = "";
  let bytes = 0;
  for (const character of tidy) {
    bytes += encoder.encode(character).length;
    if (bytes > MAX_BYTES) break;
    name += character;
  }
  return VISIBLE.test(name) ? name.trim() : "";
}

/** Whether it is a name as `cleanName` leaves them. */
export function isPersonName(name: string): boolean {
  return name !== "" && name.length <= MAX_BYTES && cleanName(name) === name;
}
