/** The patient's page. */
import { openPatientPage } from "./effects/patient-page.ts";
import { browserServices } from "./effects/services.ts";
import { mountPatient } from "./ui/patient/app.tsx";

const root = document.getElementById("app");
if (root !== null) {
  const { state, dispatch } = openPatientPage();
  mountPatient(root, state, (intent) => dispatch({ type: "intent", intent }), browserServices());
  // Nothing can be wrong with the record before there is one, and then all of its code is there.
  const stop = state.subscribe(({ trail }) => {
    if (trail === null) return;
    stop();
    import("./ui/call/call.tsx").then(({ mountNotices }) => mountNotices(root, state));
  });
}

// Another link pasted into this tab only changes the fragment, which loads nothing by itself.
window.addEventListener("hashchange", () => location.reload());
