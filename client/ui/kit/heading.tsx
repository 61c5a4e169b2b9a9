import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { COMMON } from "../words.ts";

interface Props {
  readonly children: ComponentChildren;
  /** Of the browser's tab. */
  readonly page: string;
  readonly hidden?: boolean;
}

/**
 * The heading of a screen. It takes the focus when the screen appears, so that a screen reader begins to read here and
 * the keyboard starts from here.
 */
export function ScreenHeading({ children, page, hidden = false }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);
  useLayoutEffect(() => {
    document.title = `${page} · ${COMMON.product}`;
  }, [page]);
  return (
    <h1 tabIndex={-1} ref={heading} class={hidden ? "visually-hidden" : undefined}>
      {children}
    </h1>
  );
}
