import { useEffect, useState } from "preact/hooks";
import type { Role } from "../../../relay/wire/accounts.ts";
import { oneLine } from "../../state/plain-text.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { PEOPLE } from "../words/people.ts";
import { COMMON } from "../words.ts";
import type { SendAdmin } from "./admin.tsx";
import { RolesField } from "./roles-field.tsx";

interface Props {
  readonly busy: boolean;
  /** The link is made: the form has done its work. */
  readonly invited: boolean;
  readonly send: SendAdmin;
}

export function InvitePerson({ busy, invited, send }: Props) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (invited) setOpen(false);
  }, [invited]);
  if (!open)
    return (
      <div class="actions">
        <Button tone="primary" icon="plus" onPress={() => setOpen(true)}>
          {PEOPLE.invite}
        </Button>
      </div>
    );
  return <InviteForm busy={busy} send={send} onCancel={() => setOpen(false)} />;
}

interface FormProps {
  readonly busy: boolean;
  readonly send: SendAdmin;
  readonly onCancel: () => void;
}

function InviteForm({ busy, send, onCancel }: FormProps) {
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<readonly Role[]>(["practitioner"]);
  const [submitted, setSubmitted] = useState(false);
  const personName = oneLine(name);
  const submit = () => {
    setSubmitted(true);
    if (busy || personName === "" || roles.length === 0) return;
    send({ type: "invite-person", personName, roles });
  };
  return (
    <section class="card" aria-labelledby="invite-person">
      <h2 id="invite-person">{PEOPLE.invite}</h2>
      <p class="hint">{PEOPLE.inviteLead}</p>
      <Form onSubmit={submit}>
        <Field
          label={PEOPLE.personName}
          hint={PEOPLE.personHint}
          error={submitted && personName === "" ? PEOPLE.nameMissing : null}
        >
          {(ids) => (
            <input
              {...ids}
              class="input"
              name="person"
              autocomplete="off"
              maxLength={80}
              value={name}
              ref={focusOnce}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        <RolesField
          legend={PEOPLE.rolesLegend}
          roles={roles}
          onChange={setRoles}
          error={submitted && roles.length === 0 ? PEOPLE.rolesMissing : null}
        />
        <div class="actions">
          <Button tone="primary" submit disabled={busy}>
            {busy ? PEOPLE.making : PEOPLE.make}
          </Button>
          <Button tone="quiet" onPress={onCancel}>
            {COMMON.cancel}
          </Button>
        </div>
      </Form>
    </section>
  );
}

/** Of one identity, so that it is called when the field appears and not with every letter. */
function focusOnce(element: HTMLInputElement | null): void {
  element?.focus();
}
