import type { AccountIntent, AccountScreen } from "../../state/account-model.ts";
import { Button } from "../kit/button.tsx";
import { Message } from "../kit/notice.tsx";
import { DoorPage } from "../staff/door.tsx";
import { accountProblem } from "../words/account-problems.ts";
import { REPLACED } from "../words/door.ts";

interface Props {
  readonly screen: Extract<AccountScreen, { readonly name: "replaced" }>;
  readonly send: (intent: AccountIntent) => void;
}

/** The server says that she started over elsewhere. It may lie: what this device has goes when she says so. */
export function ReplacedScreen({ screen: { busy, problem }, send }: Props) {
  return (
    <DoorPage title={REPLACED.title} icon="lock" lead={REPLACED.lead}>
      {problem === null ? null : <Message notice={accountProblem(problem)} />}
      <div class="prose">
        <p>{REPLACED.lost}</p>
        <p>{REPLACED.notYou}</p>
      </div>
      <Button tone="primary" wide large disabled={busy} onPress={() => send({ type: "take-over-data" })}>
        {busy ? REPLACED.busy : REPLACED.submit}
      </Button>
      <Button tone="quiet" onPress={() => send({ type: "leave-door" })}>
        {REPLACED.leave}
      </Button>
    </DoorPage>
  );
}
