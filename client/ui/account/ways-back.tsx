/** What opens the vault when a passkey does not: the printed code, and the passphrase where there is one. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AccountIntent, AccountState } from "../../state/account-model.ts";
import { Button } from "../kit/button.tsx";
import { Confirm } from "../kit/dialog.tsx";
import { PASSPHRASE_AGAIN, RECOVERY_AGAIN } from "../words/account.ts";
import { PASSPHRASE } from "../words/door.ts";
import { NewPassphraseForm } from "./passphrase.tsx";
import { useReturn } from "./return.ts";

interface Props {
  readonly account: AccountState;
  readonly send: (intent: AccountIntent) => void;
}

export function RecoveryAgain({ account, send }: Props) {
  const [asking, setAsking] = useState(false);
  return (
    <section class="card" aria-labelledby="recovery">
      <h2 id="recovery">{RECOVERY_AGAIN.title}</h2>
      <p class="soft">{RECOVERY_AGAIN.lead}</p>
      <div class="actions">
        <Button disabled={account.busy !== null} onPress={() => setAsking(true)}>
          {account.busy === "new-recovery-code" ? RECOVERY_AGAIN.busy : RECOVERY_AGAIN.make}
        </Button>
      </div>
      {asking ? (
        <Confirm
          title={RECOVERY_AGAIN.ask}
          yes={RECOVERY_AGAIN.yes}
          no={RECOVERY_AGAIN.no}
          onYes={() => {
            setAsking(false);
            send({ type: "new-recovery-code" });
          }}
          onClose={() => setAsking(false)}
        >
          <p>{RECOVERY_AGAIN.means}</p>
        </Confirm>
      ) : null}
    </section>
  );
}

export function PassphraseAgain({ account, send }: Props) {
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const stop = useReturn(() => setOpen(false), opener);
  const changing = account.busy === "new-passphrase";
  const wasChanging = useRef(false);
  useLayoutEffect(() => {
    // Done without a refusal: the form has done its work.
    if (wasChanging.current && !changing && account.problem === null) stop();
    wasChanging.current = changing;
  }, [changing, account.problem]);
  return (
    <section class="card" aria-labelledby="passphrase">
      <h2 id="passphrase">{PASSPHRASE_AGAIN.title}</h2>
      <p class="soft">{PASSPHRASE_AGAIN.lead}</p>
      {open ? (
        <NewPassphraseForm
          label={PASSPHRASE.newLabel}
          submit={changing ? PASSPHRASE_AGAIN.busy : PASSPHRASE_AGAIN.submit}
          busy={account.busy !== null}
          personName={account.name}
          onChoose={(passphrase) => send({ type: "new-passphrase", passphrase })}
          onCancel={stop}
        />
      ) : (
        <div class="actions">
          <Button disabled={account.busy !== null} elementRef={opener} onPress={() => setOpen(true)}>
            {PASSPHRASE_AGAIN.change}
          </Button>
        </div>
      )}
    </section>
  );
}
