/** Entry of the staff pages. */
import { browserServices } from "./effects/services.ts";
import { openStaffPage } from "./effects/staff-page.ts";
import { mountStaff } from "./ui/staff/app.tsx";

const root = document.getElementById("app");
if (root !== null) {
  const { state, dispatch } = openStaffPage();
  mountStaff(root, state, (intent) => dispatch({ type: "intent", intent }), browserServices());
}
