import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Person } from "../../../relay/wire/accounts.ts";
import { Button } from "../kit/button.tsx";
import { useModal } from "../kit/dialog.tsx";
import { Form } from "../kit/form.tsx";
import { MANAGE, PEOPLE } from "../words/people.ts";
import type { SendAdmin } from "./admin.tsx";
import { RolesField } from "./roles-field.tsx";

type Act = "suspend" | "resume" | "reset" | "remove";

interface Props {
  readonly person: Person;
  readonly self: boolean;
  readonly lastAdmin: boolean;
  readonly send: SendAdmin;
  readonly onClose: () => void;
}

const ACTS: Record<
  Act,
  {
    readonly name: string;
    readonly text: string;
    readonly ask: (name: string) => string;
    readonly means: (name: string) => readonly string[];
    readonly yes: string;
  }
> = {
  suspend: {
    name: MANAGE.suspend,
    text: MANAGE.suspendText,
    ask: MANAGE.suspendAsk,
    means: MANAGE.suspendMeans,
    yes: MANAGE.suspendYes,
  },
  resume: {
    name: MANAGE.resume,
    text: MANAGE.resumeText,
    ask: MANAGE.resumeAsk,
    means: MANAGE.resumeMeans,
    yes: MANAGE.resumeYes,
  },
  reset: {
    name: MANAGE.reset,
    text: MANAGE.resetText,
    ask: MANAGE.resetAsk,
    means: MANAGE.resetMeans,
    yes: MANAGE.resetYes,
  },
  remove: {
    name: MANAGE.remove,
    text: MANAGE.removeText,
    ask: MANAGE.removeAsk,
    means: MANAGE.removeMeans,
    yes: MANAGE.removeYes,
  },
};

/** What can be done about somebody: first a choice, then what it means, then a yes. */
export function ManagePerson({ person, self, lastAdmin, send, onClose }: Props) {
  const [step, setStep] = useState<"menu" | "roles" | Act>("menu");
  const { dialog, close } = useModal();
  const sendAndClose: SendAdmin = (intent) => {
    send(intent);
    close();
  };
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby="manage-title" onClose={onClose}>
      {step === "menu" ? (
        <Step key={step} title={person.name}>
          <ul class="menu">
            <Item
              name={MANAGE.roles}
              text={MANAGE.rolesText(person.roles)}
              onPress={() => setStep("roles")}
            />
            {self
              ? null
              : actsFor(person).map((act) => (
                  <Item
                    key={act}
                    name={ACTS[act].name}
                    text={ACTS[act].text}
                    danger={act === "remove"}
                    onPress={() => setStep(act)}
                  />
                ))}
          </ul>
          {self ? <p class="hint">{MANAGE.yourself}</p> : null}
          <div class="actions">
            <Button onPress={close}>{MANAGE.close}</Button>
          </div>
        </Step>
      ) : step === "roles" ? (
        <Step key={step} title={MANAGE.rolesAsk(person.name)}>
          <RolesForm person={person} lastAdmin={lastAdmin} send={sendAndClose} onNo={close} />
        </Step>
      ) : (
        <Step key={step} title={ACTS[step].ask(person.name)}>
          {ACTS[step].means(person.name).map((text) => (
            <p key={text}>{text}</p>
          ))}
          <div class="actions">
            <Button onPress={close}>{MANAGE.no}</Button>
            <Button
              tone={step === "resume" ? "primary" : "stop"}
              onPress={() => sendAndClose({ type: step, id: person.id })}
            >
              {ACTS[step].yes}
            </Button>
          </div>
        </Step>
      )}
    </dialog>
  );
}

function actsFor(person: Person): readonly Act[] {
  return [person.state === "active" ? "suspend" : "resume", "reset", "remove"];
}

/** Its heading takes the focus, so that each step is read from its beginning. */
function Step({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <div class="dialog-body">
      <h2 id="manage-title" tabIndex={-1} ref={heading}>
        {title}
      </h2>
      {children}
    </div>
  );
}

interface ItemProps {
  readonly name: string;
  readonly text: string;
  readonly danger?: boolean;
  readonly onPress: () => void;
}

function Item({ name, text, danger = false, onPress }: ItemProps) {
  return (
    <li>
      <button type="button" class={danger ? "menu-item menu-danger" : "menu-item"} onClick={onPress}>
        <span class="menu-name">{name}</span>
        <span class="hint">{text}</span>
      </button>
    </li>
  );
}

interface RolesProps {
  readonly person: Person;
  readonly lastAdmin: boolean;
  readonly send: SendAdmin;
  readonly onNo: () => void;
}

function RolesForm({ person, lastAdmin, send, onNo }: RolesProps) {
  const [roles, setRoles] = useState(person.roles as readonly Person["roles"][number][]);
  const [submitted, setSubmitted] = useState(false);
  const submit = () => {
    setSubmitted(true);
    if (roles.length > 0) send({ type: "set-roles", id: person.id, roles });
  };
  return (
    <Form onSubmit={submit}>
      <RolesField
        legend={PEOPLE.roles}
        roles={roles}
        onChange={setRoles}
        error={submitted && roles.length === 0 ? PEOPLE.rolesMissing : null}
        adminStays={lastAdmin ? MANAGE.lastAdmin : null}
      />
      <p class="hint">{MANAGE.rolesMeans}</p>
      <div class="actions">
        <Button onPress={onNo}>{MANAGE.no}</Button>
        <Button tone="primary" submit>
          {MANAGE.rolesYes}
        </Button>
      </div>
    </Form>
  );
}
