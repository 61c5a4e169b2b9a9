/**
 * Which pages of a long list are looked at. The rest are empty boxes as high as they were, or as the others let expect,
 * so that the window's own scrolling works over all of it. Heights are measured once drawn: rows may be as high as they
 * like.
 */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ListPage } from "../../state/audit-model.ts";

/** Above and below the window, so that scrolling meets rows. */
const MARGIN = 800;
const FIRST_GUESS = 64;

export interface VisiblePages {
  readonly first: number;
  readonly last: number;
  /** Pixels. */
  heightOf(page: number): number;
  /** Of the page's upper edge, in the document. */
  topOf(page: number): number;
}

/** @param list holds one element for each page, with `data-page`, in order */
export function useVisiblePages(
  pages: readonly ListPage[],
  list: RefObject<HTMLElement | null>,
  request: number,
): VisiblePages {
  const [range, setRange] = useState({ first: 0, last: 0 });
  const [, drawAgain] = useState(0);
  /** With how many rows each was measured: another answer may have more. */
  const heights = useRef(new Map<number, { readonly pixels: number; readonly rows: number }>());
  const measured = useRef({ request, width: 0 });
  if (measured.current.request !== request) {
    heights.current.clear();
    measured.current.request = request;
  }

  function guess(): number {
    let rows = 0;
    let height = 0;
    for (const measured of heights.current.values()) {
      rows += measured.rows;
      height += measured.pixels;
    }
    return rows === 0 ? FIRST_GUESS : height / rows;
  }

  function heightOf(page: number, row = guess()): number {
    const rows = pages[page]?.length ?? 0;
    const measured = heights.current.get(page);
    return measured?.rows === rows ? measured.pixels : rows * row;
  }

  function topOf(page: number): number {
    const row = guess();
    let top = begin(list.current) + window.scrollY;
    for (let before = 0; before < page; before++) top += heightOf(before, row);
    return top;
  }

  function look(): void {
    const row = guess();
    let top = begin(list.current);
    let first = -1;
    let last = 0;
    for (let page = 0; page < pages.length; page++) {
      const bottom = top + heightOf(page, row);
      if (bottom > -MARGIN && top < window.innerHeight + MARGIN) {
        if (first < 0) first = page;
        last = page;
      }
      top = bottom;
    }
    if (first < 0) first = last = top < 0 ? Math.max(0, pages.length - 1) : 0;
    setRange((now) => (now.first === first && now.last === last ? now : { first, last }));
  }

  // After every drawing: what is drawn now has a height.
  useLayoutEffect(() => {
    const before = guess();
    for (const element of list.current?.querySelectorAll<HTMLElement>("[data-page]:not([data-empty])") ?? [])
      heights.current.set(Number(element.dataset["page"]), {
        pixels: element.getBoundingClientRect().height,
        rows: element.childElementCount,
      });
    // The empty ones were drawn by what was known before.
    if (Math.abs(guess() - before) > 1) drawAgain((times) => times + 1);
    look();
  });

  useLayoutEffect(() => {
    let frame = 0;
    const later = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        look();
      });
    };
    const resized = () => {
      // Rows are laid out anew, as cards or as lines.
      if (measured.current.width !== window.innerWidth) heights.current.clear();
      measured.current.width = window.innerWidth;
      later();
    };
    measured.current.width = window.innerWidth;
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", resized);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", later);
      removeEventListener("resize", resized);
    };
  }, [pages]);

  const most = Math.max(0, pages.length - 1);
  return { first: Math.min(range.first, most), last: Math.min(range.last, most), heightOf, topOf };
}

/** Where the first page begins, in the window. */
function begin(list: HTMLElement | null): number {
  const first = list?.querySelector<HTMLElement>("[data-page]");
  return first?.getBoundingClientRect().top ?? 0;
}
