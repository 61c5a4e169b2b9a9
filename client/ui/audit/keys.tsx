import { useState } from "preact/hooks";
import type { AuditKeyView, AuditSeat } from "../../state/audit-model.ts";
import { Button } from "../kit/button.tsx";
import { useModal } from "../kit/dialog.tsx";
import { Icon, type IconName } from "../kit/icon.tsx";
import { KEYS } from "../words/audit.ts";
import type { AuditProps } from "./audit.tsx";
import { LogKey } from "./proof.tsx";

export function KeysPage({ audit, self, send }: AuditProps & { readonly self: string | null }) {
  const { key, seats, log } = audit;
  const others = (seats ?? []).filter(({ account }) => account !== self);
  return (
    <>
      <section class="card" aria-labelledby="keys-own">
        <h2 id="keys-own">{KEYS.own}</h2>
        <OwnKey auditKey={key} send={send} />
      </section>
      {key.state === "held" && seats !== null ? (
        <section class="admin-section" aria-labelledby="keys-others">
          <h2 id="keys-others">{KEYS.others}</h2>
          {others.length === 0 ? (
            <p class="nobody">{KEYS.othersNone}</p>
          ) : (
            <Seats seats={others} busy={audit.busy !== null} send={send} />
          )}
        </section>
      ) : null}
      {log === null ? null : <LogKey log={log} />}
    </>
  );
}

function OwnKey({ auditKey, send }: { readonly auditKey: AuditKeyView; readonly send: AuditProps["send"] }) {
  const again = (
    <div class="actions">
      <Button icon="refresh" onPress={() => send({ type: "open-page", page: "keys" })}>
        {KEYS.again}
      </Button>
    </div>
  );
  switch (auditKey.state) {
    case "unknown":
      return (
        <p role="status" class="hint">
          {KEYS.unknown}
        </p>
      );
    case "held":
      return <State icon="key" what={KEYS.held} means={KEYS.heldMeans} good />;
    case "locked":
      return (
        <>
          <State icon="lock" what={KEYS.locked} means={`${KEYS.lockedMeans} ${KEYS.lockedTodo}`} />
          {again}
        </>
      );
    case "waiting":
      return (
        <>
          <State icon="lock" what={KEYS.waiting} means={KEYS.waitingMeans} />
          <p>{KEYS.waitingTodo}</p>
          <Fingerprint text={auditKey.fingerprint} />
          {again}
        </>
      );
  }
}

interface StateProps {
  readonly icon: IconName;
  readonly what: string;
  readonly means: string;
  readonly good?: boolean;
}

function State({ icon, what, means, good = false }: StateProps) {
  return (
    <div class={good ? "verdict verdict-holds" : "verdict"}>
      <Icon name={icon} />
      <div>
        <p class="verdict-what">{what}</p>
        <p>{means}</p>
      </div>
    </div>
  );
}

/** In groups, as they are read aloud. */
function Fingerprint({ text }: { readonly text: string }) {
  return (
    <figure class="fingerprint">
      <figcaption class="hint">{KEYS.fingerprint}</figcaption>
      <p class="code-groups">
        {text.split(" ").map((group, index) => (
          <span key={index}>{group}</span>
        ))}
      </p>
    </figure>
  );
}

interface SeatsProps {
  readonly seats: readonly AuditSeat[];
  readonly busy: boolean;
  readonly send: AuditProps["send"];
}

function Seats({ seats, busy, send }: SeatsProps) {
  const [asking, setAsking] = useState<AuditSeat | null>(null);
  return (
    <>
      <table class="table">
        <caption class="visually-hidden">{KEYS.caption}</caption>
        <thead>
          <tr>
            <th scope="col">{KEYS.name}</th>
            <th scope="col">{KEYS.state}</th>
            <th scope="col">
              <span class="visually-hidden">{KEYS.hand}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {seats.map((seat) => (
            <tr key={seat.account}>
              <th scope="row">{seat.name}</th>
              <td data-label={KEYS.state}>
                <span class={seat.fingerprint === null ? "chip chip-good" : "chip chip-attention"}>
                  {seat.fingerprint === null ? KEYS.has : KEYS.waits}
                </span>
              </td>
              <td class="table-action">
                {seat.fingerprint === null ? null : (
                  <Button label={KEYS.handWhat(seat.name)} disabled={busy} onPress={() => setAsking(seat)}>
                    {KEYS.hand}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asking === null ? null : <HandOver seat={asking} send={send} onClose={() => setAsking(null)} />}
    </>
  );
}

interface HandOverProps {
  readonly seat: AuditSeat;
  readonly send: AuditProps["send"];
  readonly onClose: () => void;
}

function HandOver({ seat, send, onClose }: HandOverProps) {
  const { dialog, close } = useModal();
  const { account, name, fingerprint } = seat;
  const yes = () => {
    if (fingerprint !== null) send({ type: "hand-over", account, fingerprint });
    close();
  };
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby="hand-title" onClose={onClose}>
      <div class="dialog-body">
        <h2 id="hand-title">{KEYS.handAsk(name)}</h2>
        <p>{KEYS.handMeans(name)}</p>
        <Fingerprint text={fingerprint ?? ""} />
        <p>{KEYS.handMore}</p>
        <div class="actions">
          <Button onPress={close}>{KEYS.handNo}</Button>
          <Button tone="primary" onPress={yes}>
            {KEYS.handYes}
          </Button>
        </div>
      </div>
    </dialog>
  );
}
