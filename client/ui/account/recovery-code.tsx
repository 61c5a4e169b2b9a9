import { useState } from "preact/hooks";
import type { AccountIntent, AccountScreen } from "../../state/account-model.ts";
import { useServices } from "../context.ts";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy.tsx";
import { Choice } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { DoorPage } from "../staff/door.tsx";
import { codeGroups, RECOVERY } from "../words/door.ts";
import { longDate, systemTime } from "../words/time.ts";
import { useStaffServices } from "./services.ts";

interface Props {
  readonly screen: Extract<AccountScreen, { readonly name: "recovery-code" }>;
  readonly send: (intent: AccountIntent) => void;
}

export function RecoveryCodeScreen({ screen, send }: Props) {
  const { print } = useStaffServices();
  const [kept, setKept] = useState(false);
  const { again } = screen;
  const groups = codeGroups(screen.code);
  return (
    <>
      <DoorPage
        title={again ? RECOVERY.titleAgain : RECOVERY.title}
        icon="key"
        lead={again ? RECOVERY.leadAgain : RECOVERY.lead}
      >
        <CodeGroups groups={groups} />
        <div class="actions recovery-actions">
          <Button onPress={print}>
            <Printer />
            {RECOVERY.print}
          </Button>
          <CopyButton text={groups.join("-")}>{RECOVERY.copy}</CopyButton>
        </div>
        <p class="hint">{RECOVERY.keep}</p>
        <Form onSubmit={() => kept && send({ type: "recovery-code-kept" })}>
          <Choice type="checkbox" group="kept" checked={kept} onChoose={setKept} name={RECOVERY.kept} />
          <Button tone="primary" wide large submit disabled={!kept}>
            {again ? RECOVERY.done : RECOVERY.submit}
          </Button>
        </Form>
      </DoorPage>
      <PrintedCode groups={groups} />
    </>
  );
}

/** Drawn here and not in the kit, which the patients' phones load. */
function Printer() {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M7 8V4h10v4M7 17H4V8h16v9h-3M7 14h10v6H7Z" />
    </svg>
  );
}

function CodeGroups({ groups }: { readonly groups: readonly string[] }) {
  return (
    <ol class="code-groups" aria-label={RECOVERY.code}>
      {groups.map((group, index) => (
        // Groups of a random code can be alike; their place tells them apart.
        <li key={`${index} ${group}`}>{group}</li>
      ))}
    </ol>
  );
}

/** The sheet of paper. It names neither the clinic nor the person: whoever finds it shall not know whose it is. */
function PrintedCode({ groups }: { readonly groups: readonly string[] }) {
  const { now } = useServices();
  const words = RECOVERY.paper;
  return (
    <div class="paper" aria-hidden="true">
      <h1>{words.heading}</h1>
      <p>{words.what}</p>
      <CodeGroups groups={groups} />
      <p>{words.made(longDate(now(), systemTime()))}</p>
      <h2>{words.keepTitle}</h2>
      <ul>
        {words.keep.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <h2>{words.useTitle}</h2>
      <p>{words.use}</p>
      <p class="paper-owner">{words.owner}</p>
    </div>
  );
}
