/** How people are named on the screens. */

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
