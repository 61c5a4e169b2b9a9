/**
 * The list of events as one table, of which only what is looked at is drawn. To who listens it is a whole table: each row
 * says which of how many it is. The keyboard comes in once, and moves from row to row with the arrows.
 */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { EventList, EventRow, ListPage } from "../../state/audit-model.ts";
import { ColumnHeads } from "../kit/column-heads.tsx";
import { EVENTS_PAGE } from "../words/audit.ts";
import { EventLine, type RowContext } from "./event-row.tsx";
import { useVisiblePages } from "./visible-pages.ts";

interface Props {
  readonly list: EventList;
  readonly pages: readonly ListPage[];
  readonly context: RowContext;
  readonly onLook: (first: number, last: number) => void;
  readonly onOpen: (row: EventRow, position: number) => void;
}

const COLUMNS = [
  EVENTS_PAGE.when,
  EVENTS_PAGE.what,
  EVENTS_PAGE.who,
  EVENTS_PAGE.session,
  EVENTS_PAGE.outcome,
] as const;

/** Rows that PageUp and PageDown move over. */
const LEAP = 10;

export function EventTable({ list, pages, context, onLook, onOpen }: Props) {
  const table = useRef<HTMLTableElement>(null);
  const { first, last, heightOf, topOf } = useVisiblePages(pages, table, list.request);
  const starts = useMemo(() => startsOf(pages), [pages]);
  const count = starts.at(-1) ?? 0;
  const [active, setActive] = useState(list.at ?? 0);
  /** Where the focus goes as soon as that row is drawn. */
  const wanted = useRef<number | null>(list.at);

  useEffect(() => onLook(first, last), [first, last, pages]);

  // With another filter she begins above; scrolled away from it, the keyboard comes in where she looks.
  useEffect(() => setActive(list.at ?? 0), [list.request]);
  useEffect(() => {
    const inside = table.current?.contains(document.activeElement) ?? false;
    if (!inside && wanted.current === null && (active < at(starts, first) || active >= at(starts, last + 1)))
      setActive(at(starts, first));
  }, [first, last]);

  // What had the focus may be gone with the rows from before, or with the filter that was cleared.
  useEffect(() => {
    if (list.loading || list.request < 2 || document.activeElement !== document.body) return;
    table.current?.querySelector<HTMLElement>('[data-position="0"]')?.focus();
  }, [list.loading]);

  useLayoutEffect(() => {
    const position = wanted.current;
    if (position === null) return;
    const button = table.current?.querySelector<HTMLElement>(`[data-position="${position}"]`);
    if (button) {
      wanted.current = null;
      button.focus({ preventScroll: false });
      button.scrollIntoView({ block: "nearest" });
      return;
    }
    const page = pageAt(starts, position);
    if (page < first || page > last) window.scrollTo(0, topOf(page) - window.innerHeight / 3);
  });

  const move = (event: KeyboardEvent) => {
    const next = target(event.key, active, count);
    if (next === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    wanted.current = next;
    setActive(next);
  };

  return (
    <table
      class="table audit-events"
      aria-rowcount={(list.total ?? count) + 1}
      aria-busy={list.loading}
      ref={table}
      onKeyDown={move}
    >
      <caption class="visually-hidden">
        {EVENTS_PAGE.caption}. {EVENTS_PAGE.keys}
      </caption>
      <thead>
        <tr aria-rowindex={1}>
          <ColumnHeads names={COLUMNS} />
        </tr>
      </thead>
      {pages.map((page, number) => (
        <Page
          key={number}
          page={page}
          number={number}
          start={at(starts, number)}
          shown={(number >= first && number <= last) || number === pageAt(starts, active)}
          height={heightOf(number)}
          active={pageAt(starts, active) === number ? active : null}
          context={context}
          onOpen={onOpen}
        />
      ))}
    </table>
  );
}

interface PageProps {
  readonly page: ListPage;
  readonly number: number;
  readonly start: number;
  readonly shown: boolean;
  readonly height: number;
  /** Position of the row where the keyboard comes in; null when it is on another page. */
  readonly active: number | null;
  readonly context: RowContext;
  readonly onOpen: Props["onOpen"];
}

function Page({ page, number, start, shown, height, active, context, onOpen }: PageProps) {
  const { rows } = page;
  const whole = shown && rows !== null;
  // Of one identity as long as nothing in it changes: a hundred rows are not compared with each step of the scrolling.
  return useMemo(
    () =>
      whole ? (
        <tbody data-page={number}>
          {rows.map((row, index) => (
            <EventLine
              key={row.index}
              row={row}
              position={start + index}
              active={active === start + index}
              context={context}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      ) : (
        <tbody data-page={number} data-empty class="audit-gap" aria-hidden={!shown}>
          <tr style={{ blockSize: `${height}px` }}>
            <td colSpan={COLUMNS.length}>{shown ? <p class="hint">{EVENTS_PAGE.fetching}</p> : null}</td>
          </tr>
        </tbody>
      ),
    [whole, shown, rows, number, start, active, context, onOpen, whole ? 0 : height],
  );
}

/** Position of each page's first row, and last of all how many rows there are. */
function startsOf(pages: readonly ListPage[]): readonly number[] {
  const starts = [0];
  for (const { length } of pages) starts.push((starts.at(-1) ?? 0) + length);
  return starts;
}

const at = (starts: readonly number[], page: number): number => starts[page] ?? starts.at(-1) ?? 0;

function pageAt(starts: readonly number[], position: number): number {
  let page = 0;
  while (page < starts.length - 2 && at(starts, page + 1) <= position) page++;
  return page;
}

function target(key: string, active: number, count: number): number | null {
  const last = Math.max(0, count - 1);
  switch (key) {
    case "ArrowDown":
      return Math.min(last, active + 1);
    case "ArrowUp":
      return Math.max(0, active - 1);
    case "PageDown":
      return Math.min(last, active + LEAP);
    case "PageUp":
      return Math.max(0, active - LEAP);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
