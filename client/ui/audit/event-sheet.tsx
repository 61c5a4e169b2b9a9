/** One event with all that is known of it, over the list it was opened from. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { AuditEvent } from "../../../crypto/audit/event.ts";
import { EVENTS } from "../../../crypto/audit/registry.ts";
import { type EventRow, NO_FILTER } from "../../state/audit-model.ts";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy.tsx";
import { useModal } from "../kit/dialog.tsx";
import { EVENT_PAGE, EVENTS_PAGE } from "../words/audit.ts";
import { detailWords, exactSpan } from "../words/audit-details.ts";
import { eventSentence, OUTCOMES, personName, whoWords } from "../words/audit-events.ts";
import { longStamp, systemTime, type TimeStyle, zoneName } from "../words/time.ts";
import { COMMON } from "../words.ts";
import type { AuditProps } from "./audit.tsx";

type Props = AuditProps & { readonly row: EventRow };

export function EventSheet({ row, audit, send }: Props) {
  const { dialog, close } = useModal();
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  const { event } = row;
  const time = systemTime();
  const title =
    event === null
      ? row.text === null
        ? EVENTS_PAGE.purged
        : EVENTS_PAGE.unreadable
      : eventSentence(event.action, event.outcome);
  return (
    <dialog
      class="dialog audit-sheet"
      ref={dialog}
      aria-labelledby="event-title"
      onClose={() => send({ type: "close-event" })}
    >
      <div class="dialog-body">
        <h2 id="event-title" tabIndex={-1} ref={heading}>
          {title}
        </h2>
        {event === null ? (
          <p>{row.text === null ? EVENTS_PAGE.purgedMeans : EVENTS_PAGE.unreadableMeans}</p>
        ) : (
          <>
            <p class="chips">
              <span class={event.outcome === "failure" ? "chip chip-attention" : "chip chip-good"}>
                {OUTCOMES[event.outcome]}
              </span>
              {row.skewed ? <span class="chip chip-attention">{EVENTS_PAGE.clocksDiffer}</span> : null}
            </p>
            <dl class="facts audit-facts">
              <Clocks row={row} event={event} time={time} />
              <Who event={event} audit={audit} />
            </dl>
            <DetailsPart row={row} event={event} send={send} />
          </>
        )}
        <Receipt row={row} time={time} />
        <div class="actions">
          {event?.session == null ? null : (
            <Button onPress={() => send({ type: "open-session", session: event.session ?? "" })}>
              {EVENT_PAGE.wholeSession}
            </Button>
          )}
          {event?.account == null ? null : (
            <Button
              onPress={() => send({ type: "filter", filter: { ...NO_FILTER, account: event.account } })}
            >
              {EVENT_PAGE.onlyPerson(personName(event.account, audit.people))}
            </Button>
          )}
          <Button tone="primary" onPress={close}>
            {COMMON.close}
          </Button>
        </div>
      </div>
    </dialog>
  );
}

export function Fact({
  name,
  code = false,
  children,
}: {
  readonly name: string;
  readonly code?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <>
      <dt>{name}</dt>
      <dd class={code ? "audit-code" : undefined}>{children}</dd>
    </>
  );
}

function Clocks({
  row,
  event,
  time,
}: {
  readonly row: EventRow;
  readonly event: AuditEvent;
  readonly time: TimeStyle;
}) {
  const apart = event.time - row.received;
  return (
    <>
      <Fact name={EVENT_PAGE.serverClock}>
        {longStamp(row.received, time)} <span class="hint">{zoneName(row.received, time)}</span>
      </Fact>
      <Fact name={EVENT_PAGE.ownClock}>
        {longStamp(event.time, time)}
        {row.skewed ? (
          <span class="audit-hint hint">
            {EVENT_PAGE.difference(exactSpan(Math.abs(apart)), apart > 0)} {EVENT_PAGE.skewed}
          </span>
        ) : null}
      </Fact>
    </>
  );
}

function Who({ event, audit }: { readonly event: AuditEvent; readonly audit: AuditProps["audit"] }) {
  const { name, hint } = whoWords(event, audit.people, audit.relayKey);
  const kind = EVENTS[event.action].subject;
  return (
    <>
      <Fact name={EVENT_PAGE.who}>
        {name}
        {hint === null ? null : <span class="hint audit-hint">{hint}</span>}
      </Fact>
      {event.device === "" ? null : <Fact name={EVENT_PAGE.device}>{event.device}</Fact>}
      {event.session === null ? null : (
        <Fact name={EVENT_PAGE.session} code>
          {event.session}
        </Fact>
      )}
      {event.subject === null || kind === null ? null : (
        <Fact name={`${EVENT_PAGE.about}: ${EVENT_PAGE.subjects[kind]}`} code={kind !== "account"}>
          {kind === "account" ? personName(event.subject, audit.people) : event.subject}
        </Fact>
      )}
    </>
  );
}

function DetailsPart({
  row,
  event,
  send,
}: {
  readonly row: EventRow;
  readonly event: AuditEvent;
  readonly send: AuditProps["send"];
}) {
  const { details } = row;
  return (
    <section class="audit-part" aria-labelledby="event-details">
      <h3 id="event-details">{EVENT_PAGE.details}</h3>
      {details.state === "open" ? (
        <dl class="facts audit-facts">
          {detailWords(event.action, details.fields, systemTime()).map(({ field, label, value, code }) => (
            <Fact key={field} name={label} code={code}>
              {value}
            </Fact>
          ))}
        </dl>
      ) : details.state === "none" ? (
        <p class="hint">{EVENT_PAGE.noDetails}</p>
      ) : details.state === "sealed" ? (
        <>
          <p>{EVENT_PAGE.sealed}</p>
          <div class="actions">
            <Button icon="key" onPress={() => send({ type: "open-page", page: "keys" })}>
              {EVENT_PAGE.sealedHow}
            </Button>
          </div>
        </>
      ) : (
        <p>{EVENT_PAGE.damaged}</p>
      )}
    </section>
  );
}

/** Where it stands in the log, and what it was signed with: enough to find it in any copy. */
function Receipt({ row, time }: { readonly row: EventRow; readonly time: TimeStyle }) {
  const { event, text } = row;
  const number = (value: number) => value.toLocaleString(time.locale);
  return (
    <details class="details">
      <summary>{EVENT_PAGE.receipt}</summary>
      <dl class="facts audit-facts">
        <Fact name={EVENT_PAGE.index}>{number(row.index)}</Fact>
        <Fact name={EVENT_PAGE.leaf} code>
          {row.leaf}
        </Fact>
        {event === null ? null : (
          <>
            <Fact name={EVENT_PAGE.id} code>
              {event.id}
            </Fact>
            <Fact name={EVENT_PAGE.key} code>
              {event.actor}
            </Fact>
            <Fact name={EVENT_PAGE.seq}>{EVENT_PAGE.seqWords(event.seq, time.locale)}</Fact>
            <Fact name={EVENT_PAGE.saw}>
              {event.checkpoint === null
                ? EVENT_PAGE.sawNothing
                : EVENT_PAGE.sawWords(event.checkpoint.size, time.locale)}
            </Fact>
          </>
        )}
      </dl>
      <div class="actions">
        {event === null ? null : <CopyButton text={event.id}>{EVENT_PAGE.copyId}</CopyButton>}
        {text === null ? null : <CopyButton text={text}>{EVENT_PAGE.copyText}</CopyButton>}
      </div>
    </details>
  );
}
