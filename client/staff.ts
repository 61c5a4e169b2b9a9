/** Entry of the staff pages. */
import { openStaffPage } from "./effects/staff-page.ts";
import { staffServices } from "./effects/staff-services.ts";
import { mountStaff } from "./ui/staff/app.tsx";

const root = document.getElementById("app");
if (root !== null) {
  const { state, dispatch } = openStaffPage();
  mountStaff(root, state, (intent) => dispatch({ type: "intent", intent }), staffServices());
}
