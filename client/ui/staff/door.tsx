import type { ComponentChildren } from "preact";
import { Badge } from "../kit/badge.tsx";
import { Brand } from "../kit/brand.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import type { IconName } from "../kit/icon.tsx";

interface Props {
  readonly title: string;
  readonly lead?: string;
  readonly icon?: IconName;
  readonly children: ComponentChildren;
}

/** A staff page outside the desk: one card, nothing to go to. */
export function DoorPage({ title, lead, icon, children }: Props) {
  return (
    <div class="door">
      <header class="door-top">
        <Brand />
      </header>
      <main class="door-card">
        {icon === undefined ? null : <Badge icon={icon} danger={icon === "attention"} />}
        <ScreenHeading page={title}>{title}</ScreenHeading>
        {lead === undefined ? null : <p class="lead">{lead}</p>}
        {children}
      </main>
    </div>
  );
}
