import { useState } from "preact/hooks";
import type { AccountIntent, AccountState } from "../../state/account-model.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { Confirm } from "../kit/dialog.tsx";
import { ACCOUNT, LOGINS, loginFacts } from "../words/account.ts";
import { systemTime } from "../words/time.ts";
import { Facts } from "./facts.tsx";

interface Props {
  readonly account: AccountState;
  readonly send: (intent: AccountIntent) => void;
}

export function Logins({ account, send }: Props) {
  const [asking, setAsking] = useState(false);
  const now = useNow(60_000);
  const { logins, busy } = account;
  return (
    <section class="card" aria-labelledby="logins">
      <h2 id="logins">{LOGINS.title}</h2>
      {logins === null ? <p role="status">{ACCOUNT.loading}</p> : null}
      <ul class="rows">
        {logins?.map((login) => (
          <li class="row" key={login.id}>
            <div class="row-text">
              <h3>{login.device}</h3>
              <Facts facts={loginFacts(login, now, systemTime())} />
            </div>
            {login.current ? (
              <span class="chip chip-good">{LOGINS.current}</span>
            ) : (
              <Button
                disabled={busy !== null}
                label={LOGINS.endWhat(login.device)}
                onPress={() => send({ type: "end-login", id: login.id })}
              >
                {LOGINS.end}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <div class="actions">
        <Button tone="danger" disabled={busy !== null} onPress={() => setAsking(true)}>
          {LOGINS.all}
        </Button>
      </div>
      {asking ? (
        <Confirm
          title={LOGINS.allAsk}
          yes={LOGINS.allYes}
          no={LOGINS.allNo}
          onYes={() => {
            setAsking(false);
            send({ type: "end-all-logins" });
          }}
          onClose={() => setAsking(false)}
        >
          <p>{LOGINS.allMeans}</p>
        </Confirm>
      ) : null}
    </section>
  );
}
