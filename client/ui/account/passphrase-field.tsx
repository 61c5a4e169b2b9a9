import { useState } from "preact/hooks";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { PASSPHRASE } from "../words/door.ts";

interface Props {
  readonly label: string;
  readonly error: string | null;
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** What a password manager shall do: offer the one it has, or a new one. */
  readonly purpose: "current-password" | "new-password";
}

/** Can be looked at while it is typed; pasting is welcome, since that is what password managers do. */
export function PassphraseField({ label, error, value, onInput, purpose }: Props) {
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} error={error}>
      {(ids) => (
        <div class="with-button">
          <input
            {...ids}
            class="input"
            {...(shown ? { type: "text" as const } : { type: "password" as const })}
            name="passphrase"
            autocomplete={purpose}
            autocapitalize="none"
            spellcheck={false}
            maxLength={256}
            value={value}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
          <Button
            icon={shown ? "eye-off" : "eye"}
            label={shown ? PASSPHRASE.hideWhat : PASSPHRASE.showWhat}
            onPress={() => setShown(!shown)}
          >
            {shown ? PASSPHRASE.hide : PASSPHRASE.show}
          </Button>
        </div>
      )}
    </Field>
  );
}
