import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Closes a form that stood in the place of its button, and gives the focus back to that button. */
export function useReturn(close: () => void, opener: RefObject<HTMLButtonElement | null>): () => void {
  const closed = useRef(false);
  useLayoutEffect(() => {
    if (!closed.current) return;
    closed.current = false;
    opener.current?.focus();
  });
  return () => {
    closed.current = true;
    close();
  };
}
