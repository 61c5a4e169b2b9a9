import { useEffect, useRef, useState } from "preact/hooks";
import type { AccountIntent, AccountScreen } from "../../state/account-model.ts";
import { Button } from "../kit/button.tsx";
import { Confirm } from "../kit/dialog.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { Message } from "../kit/notice.tsx";
import { DoorPage } from "../staff/door.tsx";
import { accountProblem } from "../words/account-problems.ts";
import { START_OVER, UNLOCK } from "../words/door.ts";
import { More } from "./more.tsx";
import { PassphraseField } from "./passphrase-field.tsx";

interface Props {
  readonly screen: Extract<AccountScreen, { readonly name: "unlock" }>;
  readonly send: (intent: AccountIntent) => void;
}

type Secret = "passphrase" | "code";

/** With the passphrase where there is one, else with the printed code. */
export function UnlockScreen({ screen, send }: Props) {
  const { passphrase: hasPassphrase, busy, problem } = screen;
  const [secret, setSecret] = useState<Secret>(hasPassphrase ? "passphrase" : "code");
  const [text, setText] = useState("");
  const [submitted, setSubmitted] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const focusField = () => form.current?.querySelector("input")?.focus();
  const changed = useRef(false);
  // A refusal, or the other field: the cursor is where the next try is typed.
  useEffect(() => {
    if (problem !== null && !busy) focusField();
  }, [problem, busy]);
  useEffect(() => {
    if (changed.current) focusField();
  }, [secret]);
  const empty = text.trim() === "";
  const submit = () => {
    setSubmitted(true);
    if (busy || empty) return;
    if (secret === "passphrase") send({ type: "unlock-with-passphrase", passphrase: text });
    else send({ type: "unlock-with-recovery-code", code: text.trim() });
  };
  const other: Secret = secret === "passphrase" ? "code" : "passphrase";
  return (
    <DoorPage
      title={UNLOCK.title}
      icon="lock"
      lead={secret === "passphrase" ? UNLOCK.leadPassphrase : UNLOCK.leadRecovery}
    >
      {problem === null ? null : <Message notice={accountProblem(problem)} />}
      <div ref={form}>
        <Form onSubmit={submit}>
          {secret === "passphrase" ? (
            <PassphraseField
              label={UNLOCK.passphrase}
              error={submitted && empty ? UNLOCK.passphraseMissing : null}
              value={text}
              purpose="current-password"
              onInput={setText}
            />
          ) : (
            <CodeField value={text} missing={submitted && empty} onInput={setText} />
          )}
          <Button tone="primary" wide large submit disabled={busy}>
            {busy ? UNLOCK.busy : UNLOCK.submit}
          </Button>
        </Form>
      </div>
      {hasPassphrase ? (
        <Button
          wide
          disabled={busy}
          onPress={() => {
            changed.current = true;
            setSecret(other);
            setText("");
            setSubmitted(false);
          }}
        >
          {other === "code" ? UNLOCK.useCode : UNLOCK.usePassphrase}
        </Button>
      ) : null}
      <More summary={UNLOCK.neither} texts={UNLOCK.neitherText}>
        <StartOver busy={busy} send={send} />
      </More>
      <Button tone="quiet" onPress={() => send({ type: "leave-door" })}>
        {UNLOCK.leave}
      </Button>
    </DoorPage>
  );
}

/** The last way on. It asks first, since it cannot be undone. */
function StartOver({ busy, send }: Pick<Props, "send"> & { readonly busy: boolean }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <div class="actions">
        <Button disabled={busy} onPress={() => setAsking(true)}>
          {START_OVER.start}
        </Button>
      </div>
      {asking ? (
        <Confirm
          title={START_OVER.ask}
          yes={START_OVER.yes}
          no={START_OVER.no}
          onYes={() => {
            setAsking(false);
            send({ type: "start-over" });
          }}
          onClose={() => setAsking(false)}
        >
          <div class="prose">
            {START_OVER.means.map((text) => (
              <p key={text}>{text}</p>
            ))}
          </div>
        </Confirm>
      ) : null}
    </>
  );
}

interface CodeProps {
  readonly value: string;
  readonly missing: boolean;
  readonly onInput: (value: string) => void;
}

function CodeField({ value, missing, onInput }: CodeProps) {
  return (
    <Field label={UNLOCK.code} hint={UNLOCK.codeHint} error={missing ? UNLOCK.codeMissing : null}>
      {(ids) => (
        <input
          {...ids}
          class="input input-code"
          name="recovery"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          maxLength={128}
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
