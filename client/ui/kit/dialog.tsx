import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "./button.tsx";

interface Props {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly yes: string;
  readonly no: string;
  readonly onYes: () => void;
  /** However it is left without a yes: the other button, Escape. */
  readonly onClose: () => void;
}

/** A dialog that is modal for as long as it is there. The focus goes back to the button that opened it. */
export function useModal() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // After Escape the browser has done it; an open dialog that is taken away just loses the focus.
      const lost = document.activeElement === document.body;
      if (lost && opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return { dialog, close: () => dialog.current?.close() };
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, children, yes, no, onYes, onClose }: Props) {
  const { dialog, close } = useModal();
  const id = useId();
  return (
    <dialog
      class="dialog"
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onClose={onClose}
    >
      <div class="dialog-body">
        <h2 id={`${id}-title`}>{title}</h2>
        <div id={`${id}-text`}>{children}</div>
        <div class="actions">
          <Button onPress={close}>{no}</Button>
          <Button tone="stop" onPress={onYes}>
            {yes}
          </Button>
        </div>
      </div>
    </dialog>
  );
}
