/**
 * Shows one screen with made-up state: `/?screen=staff-desk`. What the view sends is kept in `window.gallery.sent`, and
 * `window.gallery.show(name)` changes the state as the reducers would. For development and tests; never shipped.
 */
import { signal } from "@preact/signals";
import { mountPatient } from "../../../client/ui/patient/app.tsx";
import type { StaffServices } from "../../../client/ui/services.ts";
import { mountStaff } from "../../../client/ui/staff/app.tsx";
import { mountTrailNotices } from "../../../client/ui/trail/patient.tsx";
import { passphraseStrength } from "../../../client/vault/passphrase-strength.ts";
import { type Fixture, NOW } from "./fixtures/made-up.ts";
import { fixtures } from "./fixtures.ts";
import { drawnStreams } from "./streams.ts";

declare global {
  interface Window {
    gallery: {
      readonly names: readonly string[];
      readonly sent: unknown[];
      readonly copied: string[];
      /** Files that were handed out. */
      readonly saved: { readonly name: string; readonly type: string; readonly text: string }[];
      /** Violations of the page's Content-Security-Policy. */
      readonly violations: string[];
      /** The screen of another fixture of the same side. */
      readonly show: (name: string) => void;
    };
  }
}

const all = fixtures(drawnStreams());
const sent: unknown[] = [];
const copied: string[] = [];
const saved: Window["gallery"]["saved"] = [];
const violations: string[] = [];
document.addEventListener("securitypolicyviolation", (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});

const services: StaffServices = {
  // A voice that rises and falls.
  watchLevel: (_stream, onLevel) => {
    const tick = () => onLevel(0.45 + 0.3 * Math.sin(performance.now() / 160));
    tick();
    const timer = setInterval(tick, 80);
    return () => clearInterval(timer);
  },
  playTestTone: () => Promise.resolve(),
  copy: (text) => {
    copied.push(text);
    return Promise.resolve(true);
  },
  share: () => Promise.resolve(),
  reload: () => sent.push({ type: "service-reload" }),
  now: () => NOW,
  passphraseStrength,
  print: () => sent.push({ type: "service-print" }),
  save: (file) => void saved.push(file),
  deviceName: () => "Chrome on Windows",
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

function find(name: string): Fixture {
  const fixture = all[name];
  if (fixture === undefined) throw new Error(`no fixture ${name}`);
  return fixture;
}

const root = document.getElementById("app");
if (root === null) throw new Error("no #app");
const start = find(new URLSearchParams(location.search).get("screen") ?? "patient-welcome");
const send = (intent: unknown) => void sent.push(intent);
let show: (name: string) => void;

if (start.side === "staff") {
  const state = signal(start.state);
  mountStaff(root, state, send, services);
  show = (name) => {
    const next = find(name);
    if (next.side === "staff") state.value = next.state;
  };
} else {
  document.documentElement.classList.add("for-patients");
  const state = signal(start.state);
  mountPatient(root, state, send, services);
  mountTrailNotices(root, state);
  show = (name) => {
    const next = find(name);
    if (next.side === "patient") state.value = next.state;
  };
}
window.gallery = { names: Object.keys(all), sent, copied, saved, violations, show };
