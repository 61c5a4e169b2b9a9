import type { ComponentChildren, Ref } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onPress?: () => void;
  readonly tone?: "plain" | "primary" | "stop" | "danger" | "quiet";
  readonly icon?: IconName;
  readonly submit?: boolean;
  readonly wide?: boolean;
  readonly large?: boolean;
  readonly disabled?: boolean;
  /** Where the visible words alone would not say what it acts on; begins with those words. */
  readonly label?: string;
  readonly elementRef?: Ref<HTMLButtonElement>;
}

interface LinkProps {
  readonly children: ComponentChildren;
  readonly href: string;
  readonly icon?: IconName;
}

/** Looks like a button and leads out of the page, to another program. */
export function ButtonLink({ children, href, icon }: LinkProps) {
  return (
    <a class="button button-plain" href={href}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </a>
  );
}

export function Button(props: ButtonProps) {
  const { tone = "plain", icon, wide = false, large = false } = props;
  const classes = ["button", `button-${tone}`, wide ? "button-wide" : "", large ? "button-large" : ""];
  return (
    <button
      type={props.submit === true ? "submit" : "button"}
      class={classes.filter(Boolean).join(" ")}
      disabled={props.disabled ?? false}
      onClick={props.onPress}
      aria-label={props.label}
      ref={props.elementRef ?? null}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {props.children}
    </button>
  );
}
