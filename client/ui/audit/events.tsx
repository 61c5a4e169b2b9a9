import { useCallback, useMemo } from "preact/hooks";
import { MOST_PAGES } from "../../state/audit-list.ts";
import { type EventRow, NO_FILTER } from "../../state/audit-model.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { EVENTS_PAGE } from "../words/audit.ts";
import { systemTime, zoneName } from "../words/time.ts";
import type { AuditProps } from "./audit.tsx";
import type { RowContext } from "./event-row.tsx";
import { EventTable } from "./event-table.tsx";
import { Filters } from "./filters.tsx";
import { Overdue } from "./overdue.tsx";

const HOUR_MS = 3_600_000;

export function EventsPage({ audit, send }: AuditProps) {
  const { list, people, relayKey } = audit;
  // Only for the year of a date.
  const now = useNow(HOUR_MS);
  const time = useMemo(systemTime, []);
  const context = useMemo((): RowContext => ({ people, relayKey, time, now }), [people, relayKey, time, now]);
  const look = useCallback((first: number, last: number) => send({ type: "want-pages", first, last }), []);
  const open = useCallback((row: EventRow, at: number) => send({ type: "open-event", row, at }), []);
  const pages = list.pages ?? [];
  const filtered = list.filter !== NO_FILTER && Object.values(list.filter).some((part) => part !== null);
  return (
    <>
      <Overdue audit={audit} send={send} />
      <Filters filter={list.filter} people={people} onFilter={(filter) => send({ type: "filter", filter })} />
      <div class="audit-count">
        <p role="status">{countWords(list.loading, list.total, time.locale)}</p>
        <Button icon="refresh" disabled={list.loading} onPress={() => send({ type: "refresh" })}>
          {EVENTS_PAGE.refresh}
        </Button>
      </div>
      {pages.length === 0 && !list.loading ? (
        <div class="nobody">
          <p>{filtered ? EVENTS_PAGE.noneMatch : EVENTS_PAGE.none}</p>
          {filtered ? (
            <div class="actions">
              <Button onPress={() => send({ type: "filter", filter: NO_FILTER })}>{EVENTS_PAGE.clear}</Button>
            </div>
          ) : null}
        </div>
      ) : (
        <EventTable list={list} pages={pages} context={context} onLook={look} onOpen={open} />
      )}
      {pages.length === MOST_PAGES ? <p class="hint">{EVENTS_PAGE.tooMany}</p> : null}
      <p class="hint">{EVENTS_PAGE.zone(zoneName(now, time))}</p>
    </>
  );
}

function countWords(loading: boolean, total: number | null, locale: string): string {
  if (loading) return EVENTS_PAGE.searching;
  return total === null ? EVENTS_PAGE.shownSome : EVENTS_PAGE.shown(total, locale);
}
