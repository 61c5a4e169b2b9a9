/** The patient's record while its code is on its way: nothing is lost, and nothing overtakes what it follows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createPatientTrail } from "../../client/effects/patient-trail.ts";
import { INITIAL_PATIENT } from "../../client/state/patient.ts";
import { NOW, SAS } from "./fixtures.ts";

const OPTIONS = { session: () => assert.fail(), onStatus: () => {}, unsent: "x" };
const ESTABLISHED = {
  type: "guest",
  event: { type: "established", session: "s1", sas: SAS, suite: 1, restored: false, note: null },
} as const;

/** What the build and the browser give the page. @param code a module, as text */
function withCode(code: string): void {
  const url = `data:text/javascript,${encodeURIComponent(code)}`;
  Object.assign(globalThis, { document: { querySelector: () => null }, PATIENT_AUDIT_URL: url, told: [] });
}
const told = () => (globalThis as unknown as { told: string[] }).told;

const FAKE = `export const createPatientAudit = () => ({
  recorded: (before, event, step) => step,
  catchUp: (before, event) => told.push("caught up " + event.event.type),
  after: (act) => act(),
  begin: () => told.push("began"),
})`;

test("what happens before the code is there is caught up with, in its order", async () => {
  withCode(FAKE);
  const trail = createPatientTrail(OPTIONS);
  trail.after(() => told().push("at once"));
  trail.with((audit) => audit.begin({ session: "s1", resume: "" }));
  trail.reduce(INITIAL_PATIENT, ESTABLISHED, NOW);
  const sent = new Promise<void>((resolve) =>
    trail.after(() => {
      told().push("sent");
      resolve();
    }),
  );
  assert.deepEqual(told(), ["at once"]);
  await sent;
  assert.deepEqual(told(), ["at once", "began", "caught up established", "sent"]);
});

test("code that does not come holds nothing up", async () => {
  withCode("throw new Error('no such file')");
  const trail = createPatientTrail(OPTIONS);
  trail.with(() => told().push("never"));
  trail.reduce(INITIAL_PATIENT, ESTABLISHED, NOW);
  await new Promise<void>((resolve) => trail.after(resolve));
  assert.deepEqual(told(), []);
});
