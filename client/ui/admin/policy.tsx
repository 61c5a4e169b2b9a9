import { useState } from "preact/hooks";
import type { Policy } from "../../../relay/wire/policy.ts";
import { Button } from "../kit/button.tsx";
import { Choice, Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { ADMIN } from "../words/admin.ts";
import { NUMBERS, type NumberSetting, POLICY, SWITCHES, type SwitchSetting } from "../words/policy.ts";
import type { SendAdmin } from "./admin.tsx";
import { draftOf, finishedPolicy, LIMITS, type PolicyDraft, wrongIn } from "./policy-form.ts";

interface Props {
  readonly policy: Policy;
  readonly busy: boolean;
  readonly send: SendAdmin;
}

export function PolicyPage({ policy, busy, send }: Props) {
  const [draft, setDraft] = useState(() => draftOf(policy));
  const [submitted, setSubmitted] = useState(false);
  const change = (part: Partial<PolicyDraft>) => setDraft({ ...draft, ...part });
  const wrong = submitted ? wrongIn(draft) : [];
  const parts = { draft, change, wrong };
  const submit = () => {
    setSubmitted(true);
    const finished = finishedPolicy(draft);
    if (finished !== null && !busy) send({ type: "save-policy", policy: finished });
  };
  const changed = JSON.stringify(draft) !== JSON.stringify(draftOf(policy));
  return (
    <div class="admin-form">
      <Form onSubmit={submit}>
        <section class="card" aria-labelledby="policy-sign-in">
          <h2 id="policy-sign-in">{POLICY.signIn}</h2>
          <NumberSettingField setting="idleMinutes" {...parts} />
          <NumberSettingField setting="absoluteHours" {...parts} />
        </section>
        <section class="card" aria-labelledby="policy-invites">
          <h2 id="policy-invites">{POLICY.invites}</h2>
          <SwitchSettingField setting="passcodeAlways" {...parts} />
          <SwitchSettingField setting="relayOnlyAlways" {...parts} />
          <NumberSettingField setting="inviteDays" {...parts} />
          <NumberSettingField setting="roomDays" {...parts} />
        </section>
        <section class="card" aria-labelledby="policy-record">
          <h2 id="policy-record">{POLICY.record}</h2>
          <NumberSettingField setting="retentionYears" {...parts} />
          <NumberSettingField setting="reviewDays" {...parts} />
        </section>
        <div class="actions">
          <Button tone="primary" submit disabled={busy}>
            {busy ? ADMIN.saving : ADMIN.save}
          </Button>
          {changed && !busy ? (
            <Button tone="quiet" onPress={() => setDraft(draftOf(policy))}>
              {ADMIN.undo}
            </Button>
          ) : null}
        </div>
        <p class="hint">{POLICY.touch}</p>
      </Form>
    </div>
  );
}

interface PartProps {
  readonly draft: PolicyDraft;
  readonly change: (part: Partial<PolicyDraft>) => void;
  readonly wrong: readonly NumberSetting[];
}

function NumberSettingField({
  setting,
  draft,
  change,
  wrong,
}: PartProps & { readonly setting: NumberSetting }) {
  const { name, unit, text } = NUMBERS[setting];
  const [least, most] = LIMITS[setting];
  return (
    <Field
      label={`${name} (${unit})`}
      hint={text}
      error={wrong.includes(setting) ? POLICY.outOfRange(least, most) : null}
    >
      {(ids) => (
        <input
          {...ids}
          class="input input-number"
          name={setting}
          inputMode="numeric"
          autocomplete="off"
          maxLength={4}
          value={draft[setting]}
          onInput={(event) => change({ [setting]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}

function SwitchSettingField({ setting, draft, change }: PartProps & { readonly setting: SwitchSetting }) {
  const { name, text } = SWITCHES[setting];
  return (
    <Choice
      type="checkbox"
      group={setting}
      name={name}
      checked={draft[setting]}
      onChoose={(on) => change({ [setting]: on })}
    >
      {text}
    </Choice>
  );
}
