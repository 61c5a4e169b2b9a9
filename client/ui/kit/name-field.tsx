import { Field } from "./field.tsx";

interface Props {
  readonly label: string;
  readonly hint: string;
  readonly error: string | null;
  readonly value: string;
  readonly onName: (name: string) => void;
}

/** Where a person types their own name, which the browser may know. */
export function NameField({ label, hint, error, value, onName }: Props) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <input
          {...ids}
          class="input"
          name="name"
          autocomplete="name"
          maxLength={80}
          value={value}
          onInput={(event) => onName(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
