import type { ComponentChildren } from "preact";
import { Badge } from "../kit/badge.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import type { IconName } from "../kit/icon.tsx";
import { ClinicBrand } from "./look.tsx";

interface Props {
  readonly title: string;
  /** "Step 2 of 4: …" */
  readonly step?: string;
  readonly lead?: string;
  readonly centred?: boolean;
  readonly icon?: IconName;
  readonly children?: ComponentChildren;
}

/** One column, one question: the frame of every screen of the patient's but the call. */
export function PatientPage({ title, step, lead, centred = false, icon, children }: Props) {
  return (
    <div class="patient">
      <header class="patient-top">
        <ClinicBrand />
      </header>
      <main class={centred ? "patient-card patient-card-centred" : "patient-card"}>
        {icon === undefined ? null : <Badge icon={icon} danger={icon === "attention"} />}
        {step === undefined ? null : <p class="step">{step}</p>}
        <ScreenHeading page={title}>{title}</ScreenHeading>
        {lead === undefined ? null : <p class="lead">{lead}</p>}
        {children}
      </main>
    </div>
  );
}
