import { Button } from "../kit/button.tsx";
import { Icon } from "../kit/icon.tsx";
import { WELCOME } from "../words/patient.ts";
import type { PatientView } from "./app.tsx";
import { ClinicText, TherapistTitle } from "./look.tsx";
import { PatientPage } from "./page.tsx";

export function WelcomeScreen({ state, send }: PatientView) {
  return (
    <PatientPage step={WELCOME.step} title={WELCOME.title(state.therapist)} lead={WELCOME.lead}>
      <TherapistTitle therapist={state.therapist} />
      <ClinicText which="welcome" />
      <section>
        <h2 class="visually-hidden">{WELCOME.next}</h2>
        <ol class="numbered">
          {WELCOME.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </section>
      <p class="reassure">
        <Icon name="lock" />
        <span>{WELCOME.private(state.therapist)}</span>
      </p>
      <Button tone="primary" wide large onPress={() => send({ type: "begin" })}>
        {WELCOME.begin}
      </Button>
    </PatientPage>
  );
}
