/**
 * The patient's record on the first page: no more than the waiting for its code, which comes later (client/later.ts),
 * since nothing can go on record before the knock. What happens meanwhile waits, in its order, and so does what says it.
 */
import { laterCode } from "../later.ts";
import { reducePatient } from "../state/patient.ts";
import type { PatientAudit, PatientAuditOptions } from "./patient-audit.ts";

export interface PatientTrail {
  /** As the reducer's, and what of each step goes on record. */
  readonly reduce: typeof reducePatient;
  /** Runs with the code, once it is there; never without it. */
  with(work: (audit: PatientAudit) => void): void;
  /** Runs when everything that was recorded before is written; at once, while there is no session. */
  after(act: () => void): void;
  /** Resolves when all of it was sent, or it seems that it cannot be now. */
  flushed(): Promise<void>;
}

/**
 * Replaced by the build with the path of patient-audit.ts, which is a bundle of its own: what both pages need is in it once
 * more, and nothing of the first page has to be cut out for it.
 */
declare const PATIENT_AUDIT_URL: string;

export function createPatientTrail(options: PatientAuditOptions): PatientTrail {
  let audit: PatientAudit | null = null;
  /** `null` while nobody has asked for the code. */
  let waiting: ((audit: PatientAudit | null) => void)[] | null = null;

  async function load(): Promise<void> {
    if (waiting !== null) return;
    waiting = [];
    try {
      await laterCode();
      const code: typeof import("./patient-audit.ts") = await import(PATIENT_AUDIT_URL);
      audit = code.createPatientAudit(options);
    } catch {
      // Then nothing goes on record, and all else goes on.
    }
    for (const work of waiting) work(audit);
    if (audit === null) waiting = null;
  }

  /** Now, or in its turn. */
  function whenThere(work: (audit: PatientAudit | null) => void): void {
    if (audit === null) waiting?.push(work);
    else work(audit);
  }

  return {
    reduce(state, event, now) {
      const step = reducePatient(state, event, now);
      if (audit !== null) return audit.recorded(state, event, step, now);
      whenThere((there) => there?.catchUp(state, event, step.state, now));
      return step;
    },
    with(work) {
      void load();
      whenThere((there) => there && work(there));
    },
    after(act) {
      if (waiting === null) act();
      else whenThere((there) => (there ? there.after(act) : act()));
    },
    flushed: async () => audit?.flush(),
  };
}
