import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { cleanName } from "../../transport/person-name.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { NameField } from "../kit/name-field.tsx";
import { canonicalPasscode } from "../passcode.ts";
import { INTRODUCE, wrongPasscode } from "../words/patient.ts";
import { COMMON } from "../words.ts";
import type { PatientView } from "./app.tsx";
import { PatientPage } from "./page.tsx";

export function IntroduceScreen({ state, send, tries }: PatientView & { readonly tries: number | null }) {
  const [name, setName] = useState(state.name);
  const [passcode, setPasscode] = useState("");
  const [submitted, setSubmitted] = useState(false);
  const [typed, setTyped] = useState(false);

  const finalName = cleanName(name);
  const finalPasscode = canonicalPasscode(passcode);
  const nameError = submitted && finalName === "" ? INTRODUCE.nameMissing : null;
  const passcodeError = passcodeProblem(submitted && finalPasscode === "", typed ? null : tries);

  const submit = () => {
    setSubmitted(true);
    if (finalName === "" || (state.passcodeNeeded && finalPasscode === "")) return;
    send({ type: "knock", name: finalName, passcode: state.passcodeNeeded ? finalPasscode : null });
  };

  return (
    <PatientPage step={INTRODUCE.step} title={INTRODUCE.title}>
      <Form onSubmit={submit}>
        <NameField
          label={INTRODUCE.name}
          hint={INTRODUCE.nameHint(state.therapist)}
          error={nameError}
          value={name}
          onName={setName}
        />
        {state.passcodeNeeded ? (
          <Field
            label={INTRODUCE.passcode}
            hint={INTRODUCE.passcodeHint(state.therapist)}
            error={passcodeError}
          >
            {(ids) => (
              <input
                {...ids}
                class="input input-code"
                name="passcode"
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                maxLength={80}
                value={passcode}
                onInput={(event) => {
                  setPasscode(event.currentTarget.value);
                  setTyped(true);
                }}
              />
            )}
          </Field>
        ) : null}
        <div class="actions-stacked">
          <Button tone="primary" wide large submit>
            {INTRODUCE.enter}
          </Button>
          <Button tone="quiet" wide onPress={() => send({ type: "back" })}>
            {COMMON.back}
          </Button>
        </div>
      </Form>
    </PatientPage>
  );
}

function passcodeProblem(missing: boolean, tries: number | null): ComponentChildren {
  if (missing) return INTRODUCE.passcodeMissing;
  if (tries === null) return null;
  return (
    <>
      {wrongPasscode(tries)} <span class="code">(PASSCODE-WRONG)</span>
    </>
  );
}
