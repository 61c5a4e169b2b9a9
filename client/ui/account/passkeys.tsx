import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { MAX_PASSKEYS, type Passkey } from "../../../relay/wire/accounts.ts";
import type { AccountIntent, AccountState } from "../../state/account-model.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { Confirm } from "../kit/dialog.tsx";
import { ACCOUNT, freeName, PASSKEYS, passkeyFacts } from "../words/account.ts";
import { systemTime } from "../words/time.ts";
import { Facts } from "./facts.tsx";
import { NameForm } from "./name-form.tsx";
import { useReturn } from "./return.ts";
import { useStaffServices } from "./services.ts";

interface Props {
  readonly account: AccountState;
  readonly send: (intent: AccountIntent) => void;
}

export function Passkeys({ account, send }: Props) {
  const { passkeys, busy } = account;
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusAfterRemoval(passkeys?.length ?? 0, heading);
  return (
    <section class="card" aria-labelledby="passkeys">
      <h2 id="passkeys" tabIndex={-1} ref={heading}>
        {PASSKEYS.title}
      </h2>
      <p class="soft">{PASSKEYS.lead}</p>
      {passkeys === null ? <p role="status">{ACCOUNT.loading}</p> : null}
      <ul class="rows">
        {passkeys?.map((passkey) => (
          <PasskeyRow
            key={passkey.id}
            passkey={passkey}
            last={passkeys.length === 1}
            busy={busy !== null}
            renaming={busy === "rename-passkey"}
            send={send}
          />
        ))}
      </ul>
      {passkeys?.length === 1 ? <p class="hint">{PASSKEYS.last}</p> : null}
      {passkeys === null ? null : passkeys.length >= MAX_PASSKEYS ? (
        <p class="hint">{PASSKEYS.full}</p>
      ) : (
        <AddPasskey account={account} passkeys={passkeys} send={send} />
      )}
    </section>
  );
}

/** The row that had the focus is gone: it goes to the heading of its list. */
function useFocusAfterRemoval(count: number, heading: RefObject<HTMLElement | null>) {
  const before = useRef(count);
  useLayoutEffect(() => {
    const fewer = count < before.current;
    before.current = count;
    if (fewer && document.activeElement === document.body) heading.current?.focus();
  }, [count, heading]);
}

interface RowProps {
  readonly passkey: Passkey;
  readonly last: boolean;
  readonly busy: boolean;
  readonly renaming: boolean;
  readonly send: Props["send"];
}

function PasskeyRow({ passkey, last, busy, renaming, send }: RowProps) {
  const [doing, setDoing] = useState<"rename" | "remove" | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const { id, name } = passkey;
  useLayoutEffect(() => {
    // The new name is there: the form has done its work.
    setDoing(null);
  }, [name]);
  const stop = useReturn(() => setDoing(null), opener);
  const now = useNow(60_000);
  if (doing === "rename")
    return (
      <li>
        <NameForm
          label={PASSKEYS.name}
          first={name}
          submit={renaming ? PASSKEYS.renaming : PASSKEYS.save}
          busy={busy}
          onName={(passkeyName) => {
            if (passkeyName === name) stop();
            else send({ type: "rename-passkey", id, passkeyName });
          }}
          onCancel={stop}
        />
      </li>
    );
  return (
    <li class="row">
      <div class="row-text">
        <h3>{name}</h3>
        <Facts facts={passkeyFacts(passkey, now, systemTime())} />
      </div>
      <div class="actions">
        <Button
          disabled={busy}
          label={PASSKEYS.renameWhat(name)}
          elementRef={opener}
          onPress={() => setDoing("rename")}
        >
          {PASSKEYS.rename}
        </Button>
        {last ? null : (
          <Button
            tone="danger"
            disabled={busy}
            label={PASSKEYS.removeWhat(name)}
            onPress={() => setDoing("remove")}
          >
            {PASSKEYS.remove}
          </Button>
        )}
      </div>
      {doing === "remove" ? (
        <Confirm
          title={PASSKEYS.removeAsk(name)}
          yes={PASSKEYS.removeYes}
          no={PASSKEYS.keep}
          onYes={() => {
            setDoing(null);
            send({ type: "remove-passkey", id });
          }}
          onClose={() => setDoing(null)}
        >
          <p>{PASSKEYS.removeMeans}</p>
        </Confirm>
      ) : null}
    </li>
  );
}

function AddPasskey({ account, passkeys, send }: Props & { readonly passkeys: readonly Passkey[] }) {
  const { deviceName } = useStaffServices();
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const stop = useReturn(() => setOpen(false), opener);
  const adding = account.busy === "add-passkey";
  useLayoutEffect(() => setOpen(false), [passkeys.length]);
  if (!open)
    return (
      <div class="actions">
        <Button
          icon="plus"
          disabled={account.busy !== null}
          elementRef={opener}
          onPress={() => setOpen(true)}
        >
          {PASSKEYS.add}
        </Button>
      </div>
    );
  return (
    <NameForm
      label={PASSKEYS.addName}
      hint={PASSKEYS.addHint}
      first={freeName(
        deviceName(),
        passkeys.map(({ name }) => name),
      )}
      submit={adding ? PASSKEYS.adding : PASSKEYS.make}
      busy={account.busy !== null}
      onName={(passkeyName) => send({ type: "add-passkey", passkeyName })}
      onCancel={stop}
    />
  );
}
