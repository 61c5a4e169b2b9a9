import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AccountIntent, AccountScreen } from "../../state/account-model.ts";
import { Button } from "../kit/button.tsx";
import { Form } from "../kit/form.tsx";
import { Icon } from "../kit/icon.tsx";
import { Message } from "../kit/notice.tsx";
import { DoorPage } from "../staff/door.tsx";
import { accountProblem } from "../words/account-problems.ts";
import { PASSPHRASE, STRONG_ENOUGH } from "../words/door.ts";
import { COMMON } from "../words.ts";
import { PassphraseField } from "./passphrase-field.tsx";
import { useStaffServices } from "./services.ts";
import { StrengthMeter, useStrength } from "./strength.tsx";

interface ScreenProps {
  readonly screen: Extract<AccountScreen, { readonly name: "choose-passphrase" }>;
  readonly personName: string;
  readonly send: (intent: AccountIntent) => void;
}

export function ChoosePassphraseScreen({ screen, personName, send }: ScreenProps) {
  const { busy, problem } = screen;
  return (
    <DoorPage title={PASSPHRASE.title} icon="lock" lead={PASSPHRASE.lead}>
      {problem === null ? null : <Message notice={accountProblem(problem)} />}
      <NewPassphraseForm
        label={PASSPHRASE.label}
        submit={busy ? PASSPHRASE.busy : PASSPHRASE.submit}
        busy={busy}
        personName={personName}
        large
        onChoose={(passphrase) => send({ type: "choose-passphrase", passphrase })}
      />
      <p class="reassure">
        <Icon name="info" />
        <span>{PASSPHRASE.nobody}</span>
      </p>
      <Button tone="quiet" disabled={busy} onPress={() => send({ type: "leave-door" })}>
        {PASSPHRASE.leave}
      </Button>
    </DoorPage>
  );
}

const REFUSALS = {
  missing: PASSPHRASE.missing,
  weak: PASSPHRASE.weak,
  unjudged: PASSPHRASE.unjudged,
} as const;

interface FormProps {
  readonly label: string;
  readonly submit: string;
  readonly busy: boolean;
  /** What somebody who knows her would try first. */
  readonly personName: string;
  readonly large?: boolean;
  readonly onChoose: (passphrase: string) => void;
  readonly onCancel?: () => void;
}

/** Takes none that is easy to guess. */
export function NewPassphraseForm({
  label,
  submit,
  busy,
  personName,
  large = false,
  onChoose,
  onCancel,
}: FormProps) {
  const { passphraseStrength } = useStaffServices();
  const [passphrase, setPassphrase] = useState("");
  const [refused, setRefused] = useState<keyof typeof REFUSALS | null>(null);
  const strength = useStrength(passphrase, personName);
  const field = useRef<HTMLDivElement>(null);
  const inPlace = onCancel !== undefined;
  useLayoutEffect(() => {
    // Opened where its button was; on a screen of its own the heading comes first.
    if (inPlace || refused !== null) field.current?.querySelector("input")?.focus();
  }, [inPlace, refused]);
  const judge = async () => {
    if (passphrase === "") return "missing";
    const { score } = strength ?? (await passphraseStrength(passphrase, [personName]));
    return score < STRONG_ENOUGH ? "weak" : null;
  };
  const choose = () => {
    if (busy) return;
    judge().then(
      (found) => {
        setRefused(found);
        if (found === null) onChoose(passphrase);
      },
      () => setRefused("unjudged"),
    );
  };
  return (
    <Form onSubmit={choose}>
      <div class="passphrase-new" ref={field}>
        <PassphraseField
          label={label}
          error={refused === null ? null : REFUSALS[refused]}
          value={passphrase}
          purpose="new-password"
          onInput={(text) => {
            setPassphrase(text);
            setRefused(null);
          }}
        />
        <StrengthMeter passphrase={passphrase} strength={strength} />
      </div>
      <div class={large ? "actions-stacked" : "actions"}>
        <Button tone="primary" submit wide={large} large={large} disabled={busy}>
          {submit}
        </Button>
        {onCancel === undefined ? null : <Button onPress={onCancel}>{COMMON.cancel}</Button>}
      </div>
    </Form>
  );
}
