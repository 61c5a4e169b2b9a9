import type { AuditPerson, EventRow } from "../../state/audit-model.ts";
import { EVENTS_PAGE } from "../words/audit.ts";
import { detailLine } from "../words/audit-details.ts";
import { eventSentence, OUTCOMES, shortId, whoWords } from "../words/audit-events.ts";
import { secondTime, shortDay, type TimeStyle } from "../words/time.ts";

export interface RowContext {
  readonly people: readonly AuditPerson[];
  readonly relayKey: string | null;
  readonly time: TimeStyle;
  readonly now: number;
}

export interface RowWords {
  readonly what: string;
  readonly line: string;
  readonly who: string;
  readonly hint: string | null;
  readonly when: string;
  readonly theirClock: string | null;
  readonly session: string | null;
  readonly failed: boolean;
  readonly result: string;
}

/** What a row says; also of an event that was erased, or that cannot be read. */
export function rowWords(row: EventRow, { people, relayKey, time, now }: RowContext): RowWords {
  const stamp = (at: number) => `${shortDay(at, now, time)}, ${secondTime(at, time)}`;
  const when = stamp(row.received);
  const { event, details } = row;
  if (event === null) {
    const what = row.text === null ? EVENTS_PAGE.purged : EVENTS_PAGE.unreadable;
    const nobody = { who: EVENTS_PAGE.noSession, hint: null, theirClock: null, session: null };
    return { what, line: "", when, failed: false, result: EVENTS_PAGE.noSession, ...nobody };
  }
  const { name, hint } = whoWords(event, people, relayKey);
  return {
    what: eventSentence(event.action, event.outcome),
    line: details.state === "open" ? detailLine(event.action, details.fields, time) : "",
    who: name,
    hint,
    when,
    theirClock: row.skewed ? stamp(event.time) : null,
    session: event.session === null ? null : shortId(event.session),
    failed: event.outcome === "failure",
    result: OUTCOMES[event.outcome],
  };
}

interface Props {
  readonly row: EventRow;
  readonly position: number;
  /** Whether the keyboard comes in here. */
  readonly active: boolean;
  readonly context: RowContext;
  readonly onOpen: (row: EventRow, position: number) => void;
}

export function EventLine({ row, position, active, context, onOpen }: Props) {
  const words = rowWords(row, context);
  return (
    <tr
      aria-rowindex={position + 2}
      class={
        words.failed ? "audit-row audit-row-failed" : row.event === null ? "audit-row row-off" : "audit-row"
      }
    >
      <td data-label={EVENTS_PAGE.when} class="audit-when">
        <span>{words.when}</span>
        {words.theirClock === null ? null : (
          <span class="audit-skew">
            <span class="chip chip-attention">{EVENTS_PAGE.clocksDiffer}</span>
            <span class="hint">{EVENTS_PAGE.theirClock(words.theirClock)}</span>
          </span>
        )}
      </td>
      <th scope="row">
        <button
          type="button"
          class="audit-open"
          data-position={position}
          tabIndex={active ? 0 : -1}
          onClick={() => onOpen(row, position)}
        >
          {words.what}
        </button>
        {words.line === "" ? null : <span class="audit-line">{words.line}</span>}
      </th>
      <td data-label={EVENTS_PAGE.who}>
        {words.who}
        {words.hint === null ? null : <span class="hint audit-hint">{words.hint}</span>}
      </td>
      <td data-label={EVENTS_PAGE.session} class={words.session === null ? "audit-none" : "audit-session"}>
        {words.session ?? EVENTS_PAGE.noSession}
      </td>
      <td data-label={EVENTS_PAGE.outcome}>
        {words.failed ? (
          <span class="chip chip-attention">{words.result}</span>
        ) : (
          <span class="audit-calm">{words.result}</span>
        )}
      </td>
    </tr>
  );
}
