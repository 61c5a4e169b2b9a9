import { useState } from "preact/hooks";
import { cleanName } from "../../transport/person-name.ts";
import { Button } from "../kit/button.tsx";
import { Form } from "../kit/form.tsx";
import { Icon } from "../kit/icon.tsx";
import { NameField } from "../kit/name-field.tsx";
import { Message } from "../kit/notice.tsx";
import { INTRODUCE, staffProblem } from "../words/staff.ts";
import type { StaffView } from "./app.tsx";
import { DoorPage } from "./door.tsx";

export function IntroduceScreen({ state, send, busy }: StaffView & { readonly busy: boolean }) {
  const [name, setName] = useState(state.name);
  const [submitted, setSubmitted] = useState(false);
  const finalName = cleanName(name);
  const submit = () => {
    setSubmitted(true);
    if (!busy && finalName !== "") send({ type: "introduce", name: finalName });
  };
  return (
    <DoorPage title={INTRODUCE.title} lead={INTRODUCE.lead}>
      {state.problem === null ? null : <Message notice={staffProblem(state.problem)} />}
      <Form onSubmit={submit}>
        <NameField
          label={INTRODUCE.name}
          hint={INTRODUCE.hint}
          error={submitted && finalName === "" ? INTRODUCE.missing : null}
          value={name}
          onName={setName}
        />
        <Button tone="primary" wide large submit disabled={busy}>
          {busy ? INTRODUCE.busy : INTRODUCE.submit}
        </Button>
      </Form>
      <p class="reassure">
        <Icon name="key" />
        <span>{INTRODUCE.keys}</span>
      </p>
    </DoorPage>
  );
}
