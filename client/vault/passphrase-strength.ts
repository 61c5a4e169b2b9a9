/**
 * How hard a passphrase is to guess, as zxcvbn counts. Its word lists are large, so they are loaded when somebody
 * chooses one, and not before. What they hold is English; words of another language count for more than they should.
 */
import type { ZxcvbnFactory } from "@zxcvbn-ts/core";
import type { PassphraseStrength } from "../state/account-model.ts";

/** Longer is not looked at: it takes time, and says nothing more. */
const MAX_CHARACTERS = 128;

let loaded: Promise<ZxcvbnFactory> | null = null;

/**
 * @param words what somebody who knows her would try first: her name, the clinic's
 * Rejects when the lists cannot be loaded; asked again, it tries again.
 */
export async function passphraseStrength(
  text: string,
  words: readonly string[],
): Promise<PassphraseStrength> {
  loaded ??= load().catch((error: unknown) => {
    loaded = null;
    throw error;
  });
  const zxcvbn = await loaded;
  const parts = words.flatMap((word) => [word, ...word.split(/\s+/)]).filter((word) => word !== "");
  const spaced = text.normalize("NFKC").slice(0, MAX_CHARACTERS);
  // zxcvbn counts a space as something to be guessed, and does not see a word that comes twice around one.
  const scores = [spaced, spaced.replace(/\s+/g, "")].map((each) => zxcvbn.check(each, parts).score);
  return { score: scores.reduce((lower, score) => (score < lower ? score : lower)) };
}

async function load(): Promise<ZxcvbnFactory> {
  const [core, common, english] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
    import("@zxcvbn-ts/language-en"),
  ]);
  return new core.ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
  });
}
