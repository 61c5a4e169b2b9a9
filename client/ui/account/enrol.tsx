import { useState } from "preact/hooks";
import type { AccountIntent, AccountProblem, AccountScreen } from "../../state/account-model.ts";
import { cleanName } from "../../transport/person-name.ts";
import { Button } from "../kit/button.tsx";
import { Form } from "../kit/form.tsx";
import { Icon } from "../kit/icon.tsx";
import { Loading } from "../kit/loading.tsx";
import { NameField } from "../kit/name-field.tsx";
import { Message } from "../kit/notice.tsx";
import { DoorPage } from "../staff/door.tsx";
import { accountProblem } from "../words/account-problems.ts";
import { ENROL } from "../words/door.ts";
import { COMMON } from "../words.ts";

interface Props {
  readonly screen: Extract<AccountScreen, { readonly name: "enrol" }>;
  readonly send: (intent: AccountIntent) => void;
}

export function EnrolScreen({ screen, send }: Props) {
  const { purpose, personName, busy, problem } = screen;
  if (purpose === null)
    return problem === null ? (
      <Loading title={ENROL.checking} text={ENROL.checkingMeans} />
    ) : (
      <DeadLink problem={problem} send={send} />
    );
  if (purpose === "setup") return <SetUp busy={busy} problem={problem} send={send} />;
  const words = ENROL[purpose];
  return (
    <DoorPage title={words.title(personName)} icon="key" lead={words.lead}>
      {problem === null ? null : <Message notice={accountProblem(problem)} />}
      <Button
        tone="primary"
        wide
        large
        icon="key"
        disabled={busy}
        onPress={() => send({ type: "enrol", personName })}
      >
        {busy ? ENROL.busy : ENROL.submit}
      </Button>
      <WhatComes />
      <p class="hint">{ENROL.notYou}</p>
    </DoorPage>
  );
}

interface FormProps {
  readonly busy: boolean;
  readonly problem: AccountProblem | null;
  readonly send: (intent: AccountIntent) => void;
}

function SetUp({ busy, problem, send }: FormProps) {
  const [name, setName] = useState("");
  const [submitted, setSubmitted] = useState(false);
  const personName = cleanName(name);
  const submit = () => {
    setSubmitted(true);
    if (!busy && personName !== "") send({ type: "enrol", personName });
  };
  return (
    <DoorPage title={ENROL.setup.title} icon="key" lead={ENROL.setup.lead}>
      {problem === null ? null : <Message notice={accountProblem(problem)} />}
      <Form onSubmit={submit}>
        <NameField
          label={ENROL.name}
          hint={ENROL.nameHint}
          error={submitted && personName === "" ? ENROL.nameMissing : null}
          value={name}
          onName={setName}
        />
        <Button tone="primary" wide large submit icon="key" disabled={busy}>
          {busy ? ENROL.busy : ENROL.submit}
        </Button>
      </Form>
      <WhatComes />
    </DoorPage>
  );
}

function WhatComes() {
  return (
    <p class="reassure">
      <Icon name="info" />
      <span>{ENROL.what}</span>
    </p>
  );
}

function DeadLink({ problem, send }: Pick<FormProps, "send"> & { readonly problem: AccountProblem }) {
  const words = accountProblem(problem);
  const dead = problem === "ENROLMENT-UNKNOWN";
  return (
    <DoorPage title={dead ? ENROL.dead : ENROL.unchecked} icon="link">
      {dead ? (
        <>
          <p class="lead">{words.means}</p>
          <p>{words.todo}</p>
        </>
      ) : (
        <>
          <Message notice={words} live={false} />
          <p>{ENROL.openAgain}</p>
        </>
      )}
      <Button wide large tone="primary" onPress={() => send({ type: "leave-door" })}>
        {ENROL.toSignIn}
      </Button>
      {dead ? <p class="code">{COMMON.code(words.code)}</p> : null}
    </DoorPage>
  );
}
