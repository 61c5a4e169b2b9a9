import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./icon.tsx";

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: ComponentChildren;
  readonly children: (ids: {
    readonly id: string;
    readonly "aria-describedby": string | undefined;
    readonly "aria-invalid": boolean;
  }) => JSX.Element;
}

/** A label, its control, a hint and an error, tied together for assistive technology. */
export function Field({ label, hint, error = null, children }: FieldProps) {
  const id = useId();
  const described = [error === null ? "" : `${id}-error`, hint === undefined ? "" : `${id}-hint`];
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {children({
        id,
        "aria-describedby": described.filter(Boolean).join(" ") || undefined,
        "aria-invalid": error !== null,
      })}
      {error === null ? null : (
        <p class="field-error" id={`${id}-error`} role="alert">
          <Icon name="info" />
          <span>{error}</span>
        </p>
      )}
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly type: "radio" | "checkbox";
  readonly group: string;
  readonly checked: boolean;
  readonly onChoose: (checked: boolean) => void;
  readonly name: string;
  readonly disabled?: boolean;
  readonly children?: ComponentChildren;
}

/** A radio button or checkbox as a card, the whole of which can be pressed. */
export function Choice({ type, group, checked, onChoose, name, disabled = false, children }: ChoiceProps) {
  const id = useId();
  return (
    <label class="choice">
      <input
        type={type}
        name={group}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChoose(event.currentTarget.checked)}
        aria-describedby={children === undefined ? undefined : id}
      />
      <span class="choice-text">
        <span class="choice-name">{name}</span>
        {children === undefined ? null : (
          <span class="hint" id={id}>
            {children}
          </span>
        )}
      </span>
    </label>
  );
}
