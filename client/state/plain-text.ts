/** What a person typed as the plain text that relay/wire/policy.ts takes: nothing in it that does not show. */

const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** One line, trimmed: a name, a title. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ").replace(UNSEEN, "").trim();
}

/** Several lines. Lines keep their order; more than one empty line in a row shows nothing. */
export function severalLines(text: string): string {
  return text
    .split(/\r\n|\r|\n/u)
    .map((line) => line.replace(/\t/gu, " ").replace(UNSEEN, "").trimEnd())
    .join("\n")
    .replace(/\n{3,}/gu, "\n\n")
    .trim();
}
