import { useEffect, useState } from "preact/hooks";
import type { PassphraseStrength } from "../../state/account-model.ts";
import { PASSPHRASE, STRONG_ENOUGH, strengthWords } from "../words/door.ts";
import { useStaffServices } from "./services.ts";

/** A breath after the last letter: a screen reader is not talked over, and a slow phone is not kept busy. */
const PAUSE_MS = 250;
const STEPS = [1, 2, 3, 4] as const;

/** Null while it is worked out, and when it cannot be. */
export function useStrength(passphrase: string, personName: string): PassphraseStrength | null {
  const { passphraseStrength } = useStaffServices();
  const [judged, setJudged] = useState<{ passphrase: string; strength: PassphraseStrength } | null>(null);
  useEffect(() => {
    if (passphrase === "") return;
    let asked = true;
    const timer = setTimeout(() => {
      passphraseStrength(passphrase, [personName]).then(
        (strength) => asked && setJudged({ passphrase, strength }),
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      asked = false;
      clearTimeout(timer);
    };
  }, [passphrase, personName, passphraseStrength]);
  return judged?.passphrase === passphrase ? judged.strength : null;
}

interface Props {
  readonly passphrase: string;
  readonly strength: PassphraseStrength | null;
}

/** A bar for the eye and the same in words, which are announced. */
export function StrengthMeter({ passphrase, strength }: Props) {
  // The last judgement stays in sight until the next one is there.
  const [shown, setShown] = useState<{ readonly score: number; readonly words: string } | null>(null);
  useEffect(() => {
    if (passphrase === "") setShown(null);
    else if (strength !== null)
      setShown({ score: strength.score, words: strengthWords(strength, passphrase) });
  }, [passphrase, strength]);
  const good = shown !== null && shown.score >= STRONG_ENOUGH;
  return (
    <div class={good ? "strength strength-good" : "strength"}>
      <div class="strength-bar" aria-hidden="true">
        {STEPS.map((step) => (
          // The weakest has a step, too: an empty bar would look as if nothing was judged.
          <span key={step} class={shown !== null && Math.max(shown.score, 1) >= step ? "lit" : undefined} />
        ))}
      </div>
      <p class="strength-words" role="status">
        {shown === null ? PASSPHRASE.hint : shown.words}
      </p>
    </div>
  );
}
