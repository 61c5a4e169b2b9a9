import type { ComponentChildren } from "preact";
import { Brand } from "../kit/brand.tsx";
import { ScreenHeading } from "../kit/heading.tsx";

interface Props {
  readonly title: string;
  readonly lead?: string;
  readonly children: ComponentChildren;
}

/** A staff page outside the desk: one card, nothing to go to. */
export function DoorPage({ title, lead, children }: Props) {
  return (
    <div class="door">
      <header class="door-top">
        <Brand />
      </header>
      <main class="door-card">
        <ScreenHeading page={title}>{title}</ScreenHeading>
        {lead === undefined ? null : <p class="lead">{lead}</p>}
        {children}
      </main>
    </div>
  );
}
