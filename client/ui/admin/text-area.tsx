import { MAX_TEXT } from "../../../relay/wire/branding.ts";
import { Field } from "../kit/field.tsx";
import { LOOK } from "../words/look.ts";

interface Props {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Several lines of plain text, and how many characters of it there may be. */
export function TextArea({ name, label, hint, value, onChange }: Props) {
  return (
    <div class="field">
      <Field label={label} hint={hint}>
        {(ids) => (
          <textarea
            {...ids}
            class="input input-text"
            name={name}
            rows={4}
            maxLength={MAX_TEXT}
            value={value}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        )}
      </Field>
      <p class="hint input-count">{LOOK.left(value.length, MAX_TEXT)}</p>
    </div>
  );
}
