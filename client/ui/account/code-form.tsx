import { useState } from "preact/hooks";
import type { StaffIntent } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { SET_UP_CODE } from "../words/staff.ts";

interface Props {
  readonly busy: boolean;
  readonly send: (intent: StaffIntent) => void;
}

/** The way in of the release before: goes away with the relay's route. */
export function CodeForm({ busy, send }: Props) {
  const [code, setCode] = useState("");
  const [submitted, setSubmitted] = useState(false);
  const missing = submitted && code.trim() === "";
  const submit = () => {
    setSubmitted(true);
    if (!busy && code.trim() !== "") send({ type: "sign-in-with-code", code: code.trim() });
  };
  return (
    <details class="details">
      <summary>{SET_UP_CODE.have}</summary>
      <Form onSubmit={submit}>
        <Field label={SET_UP_CODE.code} error={missing ? SET_UP_CODE.codeMissing : null}>
          {(ids) => (
            <input
              {...ids}
              class="input input-code"
              name="code"
              autocomplete="one-time-code"
              autocapitalize="characters"
              spellcheck={false}
              maxLength={64}
              value={code}
              onInput={(event) => setCode(event.currentTarget.value)}
            />
          )}
        </Field>
        <Button submit disabled={busy}>
          {busy ? SET_UP_CODE.busy : SET_UP_CODE.submit}
        </Button>
      </Form>
    </details>
  );
}
