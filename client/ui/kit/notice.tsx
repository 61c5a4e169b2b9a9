import type { ComponentChildren } from "preact";
import type { Notice } from "../words.ts";
import { Icon, type IconName } from "./icon.tsx";

export type NoticeTone = "plain" | "good" | "attention" | "danger";

const ICONS: Record<NoticeTone, IconName> = {
  plain: "info",
  good: "check",
  attention: "info",
  danger: "attention",
};

interface Props {
  readonly tone?: NoticeTone;
  readonly icon?: IconName;
  readonly children: ComponentChildren;
  /** Announce it when it appears: politely, except for a real danger. */
  readonly live?: boolean;
}

export function NoticeBox({ tone = "plain", icon, children, live = false }: Props) {
  return (
    <div class={`notice notice-${tone}`} role={live ? (tone === "danger" ? "alert" : "status") : undefined}>
      <Icon name={icon ?? ICONS[tone]} />
      <div class="notice-body">{children}</div>
    </div>
  );
}

interface MessageProps {
  readonly notice: Notice;
  readonly tone?: NoticeTone;
  readonly children?: ComponentChildren;
  readonly live?: boolean;
}

/** The three parts of a message and its code. */
export function Message({ notice, tone = "attention", children, live = true }: MessageProps) {
  return (
    <NoticeBox tone={tone} live={live}>
      <p class="notice-what">{notice.happened}</p>
      <p>{notice.means}</p>
      <p>
        {notice.todo} <span class="code">({notice.code})</span>
      </p>
      {children}
    </NoticeBox>
  );
}
