import { useState } from "preact/hooks";
import type { Greeting } from "../../../relay/wire/branding.ts";
import type { AdminState, GreetingIntent } from "../../state/admin-model.ts";
import { oneLine, severalLines } from "../../state/plain-text.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { Message } from "../kit/notice.tsx";
import { ADMIN, adminProblem, doneWords } from "../words/admin.ts";
import { GREETING } from "../words/look.ts";
import { TextArea } from "./text-area.tsx";

interface Props {
  readonly admin: Pick<AdminState, "greeting" | "busy" | "done" | "problem">;
  readonly send: (intent: GreetingIntent) => void;
}

/** A section of the account page: what a therapist says to her own patients. */
export function GreetingSection({ admin, send }: Props) {
  const { greeting, busy, done, problem } = admin;
  return (
    <section class="card" aria-labelledby="greeting">
      <h2 id="greeting">{GREETING.title}</h2>
      <p class="hint">{GREETING.lead}</p>
      <p role="status" class={done === null ? "visually-hidden" : "admin-done"}>
        {doneWords(done)}
      </p>
      {problem === null ? null : <Message notice={adminProblem(problem)} />}
      {greeting === null ? (
        problem === null ? (
          <p class="hint">{ADMIN.loading}</p>
        ) : null
      ) : (
        <GreetingForm key={JSON.stringify(greeting)} greeting={greeting} busy={busy} send={send} />
      )}
    </section>
  );
}

interface FormProps {
  readonly greeting: Greeting;
  readonly busy: boolean;
  readonly send: Props["send"];
}

function GreetingForm({ greeting, busy, send }: FormProps) {
  const [draft, setDraft] = useState(greeting);
  const change = (part: Partial<Greeting>) => setDraft({ ...draft, ...part });
  const submit = () => {
    if (busy) return;
    const { title, welcome, waiting } = draft;
    send({
      type: "save-greeting",
      greeting: { title: oneLine(title), welcome: severalLines(welcome), waiting: severalLines(waiting) },
    });
  };
  return (
    <Form onSubmit={submit}>
      <Field label={GREETING.profession} hint={GREETING.professionHint}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            name="profession"
            autocomplete="organization-title"
            maxLength={80}
            value={draft.title}
            onInput={(event) => change({ title: event.currentTarget.value })}
          />
        )}
      </Field>
      <TextArea
        name="own-welcome"
        label={GREETING.welcome}
        hint={GREETING.welcomeHint}
        value={draft.welcome}
        onChange={(welcome) => change({ welcome })}
      />
      <TextArea
        name="own-waiting"
        label={GREETING.waiting}
        hint={GREETING.waitingHint}
        value={draft.waiting}
        onChange={(waiting) => change({ waiting })}
      />
      <div class="actions">
        <Button tone="primary" submit disabled={busy}>
          {busy ? ADMIN.saving : GREETING.save}
        </Button>
      </div>
    </Form>
  );
}
