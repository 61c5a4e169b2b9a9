import type { AccountIntent, AccountScreen } from "../../state/account-model.ts";
import { Button } from "../kit/button.tsx";
import { Message } from "../kit/notice.tsx";
import { DoorPage } from "../staff/door.tsx";
import { accountProblem, lockWords } from "../words/account-problems.ts";
import { SIGN_IN } from "../words/door.ts";
import { More } from "./more.tsx";

interface Props {
  readonly screen: Extract<AccountScreen, { readonly name: "sign-in" }>;
  readonly send: (intent: AccountIntent) => void;
}

export function SignInScreen({ screen, send }: Props) {
  const { busy, problem, why } = screen;
  return (
    <DoorPage title={SIGN_IN.title} icon="key">
      {/* Why she was locked out is old news once a try has failed. */}
      {why === null || problem !== null ? null : (
        <Message notice={lockWords(why)} tone={why === "ended-elsewhere" ? "attention" : "plain"} />
      )}
      {problem === null ? null : <Message notice={accountProblem(problem)} />}
      <Button tone="primary" wide large icon="key" disabled={busy} onPress={() => send({ type: "sign-in" })}>
        {busy ? SIGN_IN.busy : SIGN_IN.submit}
      </Button>
      <p class="hint">{SIGN_IN.what}</p>
      <More summary={SIGN_IN.lost} texts={SIGN_IN.lostText} />
    </DoorPage>
  );
}
