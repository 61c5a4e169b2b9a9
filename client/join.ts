/**
 * Entry of the patient's page: no more than it takes to know which build of libsodium the link needs. That is most of
 * what a phone has to load, so it is on its way before the page's own code (patient.ts) has arrived.
 */
import { linkInAddress, loadSodiumFor } from "./effects/address.ts";

// Asked for again by who needs it; the page says then what it means when it does not come.
loadSodiumFor(linkInAddress()).catch(() => undefined);
import("./patient.ts").catch(() => {
  // Nothing but this file is there to say so, and the words are in the page already.
  document.getElementById("loading")?.remove();
  document.getElementById("incomplete")?.removeAttribute("hidden");
});
