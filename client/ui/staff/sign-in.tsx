import { useState } from "preact/hooks";
import type { AccountProblem } from "../../state/account-model.ts";
import type { StaffIntent } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { Message } from "../kit/notice.tsx";
import { SIGN_IN, staffProblem } from "../words/staff.ts";
import { DoorPage } from "./door.tsx";

interface Props {
  readonly busy: boolean;
  readonly problem: AccountProblem | null;
  readonly send: (intent: StaffIntent) => void;
}

export function SignInScreen({ busy, problem, send }: Props) {
  const [code, setCode] = useState("");
  const [submitted, setSubmitted] = useState(false);
  const missing = submitted && code.trim() === "";
  const submit = () => {
    setSubmitted(true);
    if (!busy && code.trim() !== "") send({ type: "sign-in-with-code", code: code.trim() });
  };
  return (
    <DoorPage title={SIGN_IN.title} icon="key" lead={SIGN_IN.lead}>
      {problem === null ? null : (
        <Message notice={staffProblem(problem === "SIGN-IN-REFUSED" ? problem : "UNEXPECTED")} />
      )}
      <Form onSubmit={submit}>
        <Field label={SIGN_IN.code} error={missing ? SIGN_IN.codeMissing : null}>
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
        <Button tone="primary" wide large submit disabled={busy}>
          {busy ? SIGN_IN.busy : SIGN_IN.submit}
        </Button>
      </Form>
      <details class="details">
        <summary>{SIGN_IN.where}</summary>
        <div class="prose">
          {SIGN_IN.whereText.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </div>
      </details>
    </DoorPage>
  );
}
