import type { ComponentChildren } from "preact";
import type { AccountState } from "../../state/account-model.ts";
import { hasVault } from "../../state/staff-home.ts";
import { Button } from "../kit/button.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import { Message } from "../kit/notice.tsx";
import type { StaffView } from "../staff/app.tsx";
import { StaffFrame } from "../staff/frame.tsx";
import { ACCOUNT, roleWords } from "../words/account.ts";
import { accountProblem } from "../words/account-problems.ts";
import { COMMON } from "../words.ts";
import { Logins } from "./logins.tsx";
import { Passkeys } from "./passkeys.tsx";
import { PassphraseAgain, RecoveryAgain } from "./ways-back.tsx";

interface Props extends StaffView {
  readonly account: AccountState;
  /** Her own words for patients, where she has patients. */
  readonly greeting?: ComponentChildren;
}

export function AccountPage({ account, greeting = null, state, send }: Props) {
  return (
    <StaffFrame state={state} send={send} place="account" narrow>
      <div class="account-head">
        <ScreenHeading page={ACCOUNT.title}>{ACCOUNT.title}</ScreenHeading>
        <p class="account-who">
          <span>{account.name}</span>
          {account.roles.map((role) => (
            <span class="chip" key={role}>
              {roleWords(role)}
            </span>
          ))}
        </p>
      </div>
      {account.problem === null ? null : (
        <Message notice={accountProblem(account.problem)}>
          <div class="actions">
            <Button onPress={() => send({ type: "dismiss-account-problem" })}>{COMMON.dismiss}</Button>
          </div>
        </Message>
      )}
      <Passkeys account={account} send={send} />
      {/* Where there is nothing to lock away, no code opens it. */}
      {hasVault(account.roles) ? <RecoveryAgain account={account} send={send} /> : null}
      {account.passphrase ? <PassphraseAgain account={account} send={send} /> : null}
      {greeting}
      <Logins account={account} send={send} />
    </StaffFrame>
  );
}
