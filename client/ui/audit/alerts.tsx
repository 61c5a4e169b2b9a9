import { useState } from "preact/hooks";
import type { Alert } from "../../../relay/wire/alerts.ts";
import { oneLine } from "../../state/plain-text.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { useModal } from "../kit/dialog.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { ALERTS } from "../words/audit.ts";
import { ALERT_RULES_WORDS } from "../words/audit-alerts.ts";
import { stamp, systemTime } from "../words/time.ts";
import type { AuditProps } from "./audit.tsx";

const MAX_NOTE = 200;

export function AlertsPage({ audit, send }: AuditProps) {
  const [asking, setAsking] = useState<Alert | null>(null);
  const alerts = audit.alerts?.alerts ?? [];
  if (alerts.length === 0) return <p class="nobody">{ALERTS.none}</p>;
  return (
    <>
      <ul class="alerts" aria-label={ALERTS.caption}>
        {alerts.map((alert) => (
          <AlertCard key={alert.id} alert={alert} busy={audit.busy !== null} onAsk={() => setAsking(alert)} />
        ))}
      </ul>
      {asking === null ? null : <Acknowledge alert={asking} send={send} onClose={() => setAsking(null)} />}
    </>
  );
}

interface CardProps {
  readonly alert: Alert;
  readonly busy: boolean;
  readonly onAsk: () => void;
}

function AlertCard({ alert, busy, onAsk }: CardProps) {
  const now = useNow(60_000);
  const time = systemTime();
  const { what, todo } = ALERT_RULES_WORDS[alert.rule];
  const { acknowledged } = alert;
  return (
    <li class={acknowledged === null ? "alert alert-open" : "alert"}>
      <div class="alert-head">
        <h2>{what}</h2>
        <span class={acknowledged === null ? "chip chip-attention" : "chip"}>
          {acknowledged === null ? ALERTS.open : ALERTS.noted}
        </span>
      </div>
      {acknowledged === null ? <p>{todo}</p> : null}
      <dl class="facts">
        <dt>{ALERTS.first}</dt>
        <dd>{stamp(alert.raised, now, time)}</dd>
        {alert.last === alert.raised ? null : (
          <>
            <dt>{ALERTS.last}</dt>
            <dd>{stamp(alert.last, now, time)}</dd>
          </>
        )}
        <dt>{ALERTS.times}</dt>
        <dd>{alert.count.toLocaleString(time.locale)}</dd>
        {acknowledged === null ? null : (
          <>
            <dt>{ALERTS.noted}</dt>
            <dd>{ALERTS.by(acknowledged.name, stamp(acknowledged.at, now, time))}</dd>
          </>
        )}
      </dl>
      {acknowledged !== null ? null : (
        <div class="actions">
          <Button label={ALERTS.acknowledgeWhat(what)} disabled={busy} onPress={onAsk}>
            {ALERTS.acknowledge}
          </Button>
        </div>
      )}
    </li>
  );
}

interface AcknowledgeProps {
  readonly alert: Alert;
  readonly send: AuditProps["send"];
  readonly onClose: () => void;
}

function Acknowledge({ alert, send, onClose }: AcknowledgeProps) {
  const { dialog, close } = useModal();
  const [note, setNote] = useState("");
  const submit = () => {
    send({ type: "acknowledge", alert: alert.id, note: oneLine(note) });
    close();
  };
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby="alert-title" onClose={onClose}>
      <div class="dialog-body">
        <h2 id="alert-title">{ALERTS.ask}</h2>
        <p class="notice-what">{ALERT_RULES_WORDS[alert.rule].what}</p>
        <p>{ALERTS.means}</p>
        <Form onSubmit={submit}>
          <Field label={ALERTS.note} hint={ALERTS.noteHint}>
            {(ids) => (
              <input
                {...ids}
                class="input"
                name="note"
                autocomplete="off"
                maxLength={MAX_NOTE}
                value={note}
                onInput={(event) => setNote(event.currentTarget.value)}
              />
            )}
          </Field>
          <div class="actions">
            <Button onPress={close}>{ALERTS.no}</Button>
            <Button tone="primary" submit>
              {ALERTS.yes}
            </Button>
          </div>
        </Form>
      </div>
    </dialog>
  );
}
