import { useId, useRef } from "preact/hooks";
import type { AccountIntent } from "../../state/account-model.ts";
import { Button } from "../kit/button.tsx";
import { Icon } from "../kit/icon.tsx";
import { initials } from "../names.ts";
import { NAV } from "../words/staff.ts";

interface Props {
  readonly name: string;
  /** Her account page is open now. */
  readonly here: boolean;
  readonly send: (intent: AccountIntent) => void;
}

/** A native popover: the browser closes it with Escape or a press beside it, and gives the focus back. */
export function PersonMenu({ name, here, send }: Props) {
  const id = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const choose = (intent: AccountIntent) => {
    menu.current?.hidePopover();
    send(intent);
  };
  /** Below its button. Anchor positioning is not in every browser yet. */
  const place = () => {
    if (opener.current === null || menu.current === null) return;
    const { bottom, right } = opener.current.getBoundingClientRect();
    menu.current.style.top = `${bottom + scrollY + 8}px`;
    menu.current.style.right = `${document.documentElement.clientWidth - right - scrollX}px`;
  };
  return (
    <>
      <button
        type="button"
        class="person"
        ref={opener}
        popovertarget={id}
        aria-current={here ? "page" : undefined}
      >
        <span class="visually-hidden">{NAV.person}</span> <span class="person-name">{name}</span>
        <span class="monogram" aria-hidden="true">
          {initials(name)}
        </span>
        <Icon name="chevron" />
      </button>
      <div class="person-menu" id={id} popover="auto" ref={menu} onBeforeToggle={place}>
        <p class="person-menu-name">{name}</p>
        <Button icon="key" wide onPress={() => choose({ type: "open-account" })}>
          {NAV.account}
        </Button>
        <Button icon="lock" wide onPress={() => choose({ type: "sign-out" })}>
          {NAV.signOut}
        </Button>
      </div>
    </>
  );
}
