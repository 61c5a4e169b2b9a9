import type { ReadonlySignal } from "@preact/signals";
import { render } from "preact";
import type { PatientState } from "../../state/model.ts";
import { Message } from "../kit/notice.tsx";
import { alarmForPatient, storageForPatient } from "../words/trail.ts";

/** What is wrong with the record, above every screen of the patient's but the call, which says it itself. */
export function mountTrailNotices(root: Element, state: ReadonlySignal<PatientState>): void {
  const place = document.createElement("div");
  root.before(place);
  render(<TrailNotices state={state} />, place);
}

function TrailNotices({ state }: { readonly state: ReadonlySignal<PatientState> }) {
  const { trail, screen, therapist } = state.value;
  if (trail === null || screen.name === "call") return null;
  const lacking = storageForPatient(trail.storage);
  return (
    <div class="trail-notices">
      {trail.alarm === null ? null : (
        <Message notice={alarmForPatient(trail.alarm.code, therapist)} tone="danger" />
      )}
      {lacking === null ? null : <Message notice={lacking} tone="plain" />}
    </div>
  );
}
