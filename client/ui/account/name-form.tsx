import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { cleanName } from "../../transport/person-name.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { PASSKEYS } from "../words/account.ts";
import { COMMON } from "../words.ts";

interface Props {
  readonly label: string;
  readonly hint?: string;
  /** What stands there at first, selected, so that typing replaces it. */
  readonly first: string;
  readonly submit: string;
  readonly busy: boolean;
  readonly onName: (name: string) => void;
  readonly onCancel: () => void;
}

/** A passkey's name, where its row or button was. Escape goes back. */
export function NameForm({ label, hint, first, submit, busy, onName, onCancel }: Props) {
  const [text, setText] = useState(first);
  const [submitted, setSubmitted] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const name = cleanName(text);
  const missing = submitted && name === "";
  return (
    <Form
      onSubmit={() => {
        setSubmitted(true);
        if (!busy && name !== "") onName(name);
      }}
    >
      <Field
        label={label}
        {...(hint === undefined ? {} : { hint })}
        error={missing ? PASSKEYS.nameMissing : null}
      >
        {(ids) => (
          <input
            {...ids}
            ref={input}
            class="input"
            name="passkey"
            autocomplete="off"
            maxLength={80}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") onCancel();
            }}
          />
        )}
      </Field>
      <div class="actions">
        <Button tone="primary" submit disabled={busy}>
          {submit}
        </Button>
        <Button disabled={busy} onPress={onCancel}>
          {COMMON.cancel}
        </Button>
      </div>
    </Form>
  );
}
