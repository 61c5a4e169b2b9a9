import { useState } from "preact/hooks";
import { DEFAULT_POLICY } from "../../../relay/wire/policy.ts";
import type { StaffProblem } from "../../state/model.ts";
import { useServices } from "../context.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { Choice, Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import { Icon } from "../kit/icon.tsx";
import { Message } from "../kit/notice.tsx";
import { suggestPasscode } from "../passcode.ts";
import { inviteSummary } from "../words/invite.ts";
import { NEW_INVITE } from "../words/new-invite.ts";
import { staffProblem } from "../words/staff.ts";
import { systemTime } from "../words/time.ts";
import { COMMON } from "../words.ts";
import type { StaffView } from "./app.tsx";
import { StaffFrame } from "./frame.tsx";
import {
  asksPasscode,
  type DraftError,
  draftErrors,
  finishedDraft,
  firstDraft,
  type InviteDraft,
  type InviteRules,
  validity,
} from "./invite-form.ts";
import { WhenFields } from "./when.tsx";

interface Props extends StaffView {
  readonly busy: boolean;
  readonly problem: StaffProblem | null;
}

export function NewInviteScreen({ state, send, busy, problem }: Props) {
  const services = useServices();
  const now = useNow(30_000);
  // They may come, or change, while the form is open.
  const rules = state.policy ?? DEFAULT_POLICY;
  const suggest = (use: InviteDraft["use"]) => suggestPasscode(services.random, use);
  const [draft, setDraft] = useState(() => firstDraft(suggest("single"), services.now(), rules));
  const [submitted, setSubmitted] = useState(false);
  const errors = submitted ? draftErrors(draft, now, rules) : [];
  const change = (part: Partial<InviteDraft>) => setDraft({ ...draft, ...part });

  const submit = () => {
    setSubmitted(true);
    const finished = finishedDraft(draft, services.now(), rules);
    if (finished !== null && !busy) send({ type: "create-invite", form: finished });
  };

  return (
    <StaffFrame state={state} send={send} place="new-invite" narrow>
      <ScreenHeading page={NEW_INVITE.title}>{NEW_INVITE.title}</ScreenHeading>
      <p class="lead">{NEW_INVITE.lead}</p>
      {problem === null ? null : <Message notice={staffProblem(problem)} />}
      <Form onSubmit={submit}>
        <Field
          label={NEW_INVITE.label}
          hint={NEW_INVITE.labelHint}
          error={errors.includes("label") ? NEW_INVITE.labelMissing : null}
        >
          {(ids) => (
            <input
              {...ids}
              class="input"
              name="label"
              autocomplete="off"
              maxLength={80}
              value={draft.label}
              onInput={(event) => change({ label: event.currentTarget.value })}
            />
          )}
        </Field>
        <UseFields
          draft={draft}
          rules={rules}
          change={({ use = draft.use }) => change(draft.typed ? { use } : { use, passcode: suggest(use) })}
        />
        <WhenFields draft={draft} rules={rules} change={change} errors={errors} now={now} />
        <PasscodeFields draft={draft} rules={rules} change={change} errors={errors} />
        <PrivacyFields draft={draft} rules={rules} change={change} turn={state.turn} />
        <Summary draft={draft} rules={rules} now={now} />
        <div class="actions">
          <Button tone="primary" large submit disabled={busy}>
            {busy ? NEW_INVITE.creating : NEW_INVITE.create}
          </Button>
          <Button tone="quiet" onPress={() => send({ type: "go", to: "desk" })}>
            {COMMON.cancel}
          </Button>
        </div>
      </Form>
    </StaffFrame>
  );
}

interface PartProps {
  readonly draft: InviteDraft;
  readonly rules: InviteRules;
  readonly change: (part: Partial<InviteDraft>) => void;
}

function UseFields({ draft, change }: PartProps) {
  return (
    <fieldset class="field">
      <legend class="field-label">{NEW_INVITE.use}</legend>
      <div class="choices choices-pair">
        <Choice
          type="radio"
          group="use"
          name={NEW_INVITE.single}
          checked={draft.use === "single"}
          onChoose={() => change({ use: "single" })}
        >
          {NEW_INVITE.singleText}
        </Choice>
        <Choice
          type="radio"
          group="use"
          name={NEW_INVITE.reusable}
          checked={draft.use === "reusable"}
          onChoose={() => change({ use: "reusable" })}
        >
          {NEW_INVITE.reusableText}
        </Choice>
      </div>
    </fieldset>
  );
}

function PasscodeFields({
  draft,
  rules,
  change,
  errors,
}: PartProps & { readonly errors: readonly DraftError[] }) {
  const { random } = useServices();
  return (
    <fieldset class="field">
      <legend class="field-label">{NEW_INVITE.passcode}</legend>
      {rules.passcodeAlways ? (
        <Fixed name={NEW_INVITE.passcodeFixed}>{NEW_INVITE.passcodeFixedText}</Fixed>
      ) : (
        <Choice
          type="checkbox"
          group="ask-passcode"
          name={NEW_INVITE.askPasscode}
          checked={draft.askPasscode}
          onChoose={(askPasscode) => change({ askPasscode })}
        >
          {draft.use === "single" ? NEW_INVITE.askPasscodeText : NEW_INVITE.askPasscodeRoom}
        </Choice>
      )}
      {asksPasscode(draft, rules) ? (
        <div class="passcode-field">
          <Field
            label={NEW_INVITE.passcodeField}
            hint={NEW_INVITE.passcodeHint(draft.use)}
            error={errors.includes("passcode") ? NEW_INVITE.passcodeShort(draft.use) : null}
          >
            {(ids) => (
              <div class="with-button">
                <input
                  {...ids}
                  class="input input-code"
                  name="passcode"
                  autocomplete="off"
                  autocapitalize="none"
                  spellcheck={false}
                  maxLength={64}
                  value={draft.passcode}
                  onInput={(event) => change({ passcode: event.currentTarget.value, typed: true })}
                />
                <Button
                  icon="refresh"
                  onPress={() => change({ passcode: suggestPasscode(random, draft.use), typed: false })}
                >
                  {NEW_INVITE.another}
                </Button>
              </div>
            )}
          </Field>
        </div>
      ) : null}
    </fieldset>
  );
}

function PrivacyFields({ draft, rules, change, turn }: PartProps & { readonly turn: boolean }) {
  return (
    <fieldset class="field">
      <legend class="field-label">{NEW_INVITE.privacy}</legend>
      {rules.relayOnlyAlways ? (
        <Fixed name={NEW_INVITE.hideFixed}>
          {turn ? NEW_INVITE.hideFixedText : NEW_INVITE.hideFixedNoTurn}
        </Fixed>
      ) : (
        <Choice
          type="checkbox"
          group="hide"
          name={NEW_INVITE.hide}
          checked={draft.hide && turn}
          disabled={!turn}
          onChoose={(hide) => change({ hide })}
        >
          {turn ? NEW_INVITE.hideText : NEW_INVITE.hideNoTurn}
        </Choice>
      )}
    </fieldset>
  );
}

/** What the clinic has decided: no control, so that nobody tries in vain, but said with its reason. */
function Fixed({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <div class="fixed-choice">
      <Icon name="lock" />
      <p>
        <span class="choice-name">{name}</span>
        <span class="hint">{children}</span>
      </p>
    </div>
  );
}

function Summary({ draft, rules, now }: Omit<PartProps, "change"> & { readonly now: number }) {
  const window = validity(draft, now, rules);
  return (
    <p class="summary" role="status">
      {window === null ? null : inviteSummary(window, now, systemTime())}
    </p>
  );
}
