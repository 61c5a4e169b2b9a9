import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "../kit/icon.tsx";
import { COMMON } from "../words.ts";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** Stays in sight while the rest scrolls. */
  readonly foot?: ComponentChildren;
}

/**
 * A panel beside the picture, on a phone below it: it takes room from the picture and never covers a face. Not modal:
 * the controls stay in reach.
 */
export function SidePanel({ title, onClose, children, foot }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.show();
    heading.current?.focus({ preventScroll: true });
  }, []);
  const key = (event: KeyboardEvent) => {
    // A question that lies over the panel has its own Escape.
    const here = event.target instanceof Element && event.target.closest("dialog") === dialog.current;
    if (event.key !== "Escape" || !here) return;
    event.preventDefault();
    onClose();
  };
  return (
    <dialog class="sheet" ref={dialog} aria-labelledby={id} onKeyDown={key}>
      <div class="sheet-head">
        <h2 id={id} tabIndex={-1} ref={heading}>
          {title}
        </h2>
        <button type="button" class="sheet-close" aria-label={COMMON.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {foot === undefined ? (
        <div class="sheet-body">{children}</div>
      ) : (
        <>
          {/* Its buttons are below, so it takes the focus itself: what scrolls must scroll with the keyboard too. */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls */}
          <section class="sheet-body" tabIndex={0} aria-labelledby={id}>
            {children}
          </section>
          <div class="sheet-foot">{foot}</div>
        </>
      )}
    </dialog>
  );
}
