/**
 * The list of events, page by page: what is known of it, what has to be asked for, what may be given up. Pure. Without a
 * filter the log is dense, so every page is known from the newest index on; with one, each page says where the next
 * begins.
 */
import { type EventFilter, type EventList, type EventRow, type ListPage, NO_FILTER } from "./audit-model.ts";

/** Rows in one answer; below MAX_FOUND of relay/wire/audit.ts. */
export const PAGE_ROWS = 100;
/** How many pages before and behind what is looked at stay. */
const KEPT_PAGES = 20;
/** Browsers draw no page of any height; what is older is found by its time. */
export const MOST_PAGES = 1_200;

/** One page that has to be asked for. */
export interface ListQuestion {
  readonly request: number;
  readonly page: number;
  readonly filter: EventFilter;
  readonly before: number | null;
}

export interface ListAnswer {
  readonly rows: readonly EventRow[];
  readonly more: boolean;
  readonly total: number | null;
}

interface ListStep {
  readonly list: EventList;
  readonly asks: readonly ListQuestion[];
}

export const EMPTY_LIST: EventList = {
  filter: NO_FILTER,
  request: 0,
  loading: false,
  pages: null,
  total: null,
  at: null,
};

/** The newest of what this filter lets through. What is shown stays until the answer. */
export function begin(list: EventList, filter: EventFilter): ListStep {
  const next: EventList = { ...list, filter, request: list.request + 1, loading: true, at: null };
  return { list: next, asks: [{ request: next.request, page: 0, filter, before: null }] };
}

export function answered(list: EventList, request: number, page: number, answer: ListAnswer): EventList {
  if (request !== list.request) return list;
  if (list.loading)
    return { ...list, loading: false, pages: firstPages(list.filter, answer), total: answer.total };
  const pages = list.pages?.with(page, filled(list.pages[page], answer.rows));
  if (pages === undefined) return list;
  const last = page === pages.length - 1 && pages.length < MOST_PAGES;
  return {
    ...list,
    pages: last && answer.more ? [...pages, behind(answer.rows, unknown(list, pages))] : pages,
  };
}

/** It can be asked for again. */
export function unanswered(list: EventList, request: number, page: number): EventList {
  if (request !== list.request) return list;
  if (list.loading) return { ...list, loading: false };
  const failed = list.pages?.[page];
  return failed === undefined
    ? list
    : { ...list, pages: list.pages?.with(page, { ...failed, asked: false }) ?? null };
}

/** @param first and `last`: pages that are looked at, or nearly */
export function looked(list: EventList, first: number, last: number): ListStep {
  if (list.pages === null || list.loading) return { list, asks: [] };
  const asks: ListQuestion[] = [];
  const pages = list.pages.map((page, number): ListPage => {
    if (number < first - KEPT_PAGES || number > last + KEPT_PAGES)
      return page.rows === null ? page : { ...page, rows: null, asked: false };
    if (number < first || number > last || page.rows !== null || page.asked) return page;
    asks.push({ request: list.request, page: number, filter: list.filter, before: page.before });
    return { ...page, asked: true };
  });
  const same = pages.every((page, number) => page === list.pages?.[number]);
  return { list: same ? list : { ...list, pages }, asks };
}

function firstPages(filter: EventFilter, { rows, more, total }: ListAnswer): readonly ListPage[] {
  const newest = rows[0]?.index;
  if (newest === undefined) return [];
  // Asked for again, it must not bring what is newer by then.
  const first: ListPage = { before: newest + 1, length: rows.length, rows, asked: true };
  if (!more) return [first];
  if (!isDense(filter)) return [first, behind(rows, total === null ? PAGE_ROWS : total - rows.length)];
  const rest: ListPage[] = [];
  for (let before = newest + 1 - rows.length; before > 0 && rest.length < MOST_PAGES - 1; before -= PAGE_ROWS)
    rest.push({ before, length: Math.min(PAGE_ROWS, before), rows: null, asked: false });
  return [first, ...rest];
}

/** Every event passes, so that positions and indexes go together. */
function isDense(filter: EventFilter): boolean {
  return Object.values(filter).every((part) => part === null);
}

function behind(rows: readonly EventRow[], left: number): ListPage {
  const length = Math.max(1, Math.min(PAGE_ROWS, left));
  return { before: rows.at(-1)?.index ?? 0, length, rows: null, asked: false };
}

function unknown(list: EventList, pages: readonly ListPage[]): number {
  return list.total === null ? PAGE_ROWS : list.total - pages.reduce((sum, { length }) => sum + length, 0);
}

function filled(page: ListPage | undefined, rows: readonly EventRow[]): ListPage {
  return { before: page?.before ?? null, length: rows.length, rows, asked: true };
}
