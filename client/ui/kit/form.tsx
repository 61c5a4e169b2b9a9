import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props {
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
}

/** A form that checks itself: after a try, the first field that needs a word is where the person goes on. */
export function Form({ onSubmit, children }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [tries, setTries] = useState(0);
  useLayoutEffect(() => {
    if (tries > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [tries]);
  const submit = (event: Event) => {
    event.preventDefault();
    setTries(tries + 1);
    onSubmit();
  };
  return (
    <form class="form" ref={form} onSubmit={submit} noValidate>
      {children}
    </form>
  );
}
