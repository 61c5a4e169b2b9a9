/**
 * What the patient's page puts on record, for its session of now, and when what it says may go out. A bundle of its own,
 * which comes later: see patient-trail.ts.
 */
import { type GuestPlace, type GuestTrail, openGuestTrail, sendLeftovers } from "../audit/guest.ts";
import { FIRST_STATUS, type TrailStatus } from "../audit/types.ts";
import type { PatientEffect, PatientEvent, PatientModel } from "../state/patient-events.ts";
import { recorded } from "../state/patient-record.ts";
import { createAsk } from "../transport/api.ts";
import { systemClock } from "../transport/clock.ts";
import type { HostMessage } from "../transport/messages.ts";
import type { PatientSession } from "./patient-session.ts";
import { createRecordGate } from "./record-gate.ts";

export interface PatientAuditOptions {
  /** @throws where there is no link */
  readonly session: () => Pick<PatientSession, "sodium">;
  readonly onStatus: (status: TrailStatus) => void;
  /** Name of the mark that stays while the next visit has something to send. */
  readonly unsent: string;
}

export type AuditEffect = Extract<PatientEffect, { type: "record" | "compare-log" }>;

export interface PatientAudit {
  readonly recorded: typeof recorded;
  /** Records what a step was that came before this code. */
  catchUp(before: PatientModel, event: PatientEvent, state: PatientModel, now: number): void;
  /** Runs when everything that was recorded before is written. */
  after(act: () => void): void;
  /** The relay has given this page a session. */
  begin(place: GuestPlace): void;
  run(effect: AuditEffect): void;
  /** The session is over. What waits is sent when it can be. */
  finish(): void;
  /** Resolves when all of it was sent, or it seems that it cannot be now. */
  flush(): Promise<void>;
  /** Sends what an earlier visit has left. */
  sendLeftovers(): void;
}

const FLUSH_MS = 5_000;

export function createPatientAudit(options: PatientAuditOptions): PatientAudit {
  const { onStatus } = options;
  const { sodium } = options.session();
  const ask = createAsk({ base: "", fetch, clock: systemClock });
  const gate = createRecordGate();
  let session: string | null = null;
  let opening: Promise<GuestTrail | null> = Promise.resolve(null);
  /** Earlier visits may have left something. */
  let others = isMarked();

  async function open(place: GuestPlace): Promise<GuestTrail> {
    const trail = await openGuestTrail(ask, sodium, place);
    const tell = () => {
      const { storage, pending } = trail.status;
      if (storage === "device" && (pending > 0 || !others)) mark(pending > 0);
      onStatus(trail.status);
    };
    trail.onStatus(tell);
    tell();
    return trail;
  }

  function isMarked(): boolean {
    try {
      return localStorage.getItem(options.unsent) !== null;
    } catch {
      return false;
    }
  }

  function mark(left: boolean): void {
    try {
      if (left) localStorage.setItem(options.unsent, "");
      else localStorage.removeItem(options.unsent);
    } catch {
      // Where nothing can be stored there is nothing left either.
    }
  }

  function run(effect: PatientEffect): void {
    if (effect.type === "record") gate.write(async () => (await opening)?.record(effect.happening));
    else if (effect.type === "compare-log") void compare(effect.log);
  }

  async function compare({ checkpoint, key, audit }: Extract<HostMessage, { t: "log" }>): Promise<void> {
    const trail = await opening;
    await trail?.trust({ log: key, audit });
    if (checkpoint !== null) trail?.compare(checkpoint);
  }

  return {
    recorded,
    catchUp(before, event, state, now) {
      for (const effect of recorded(before, event, { state, effects: [] }, now).effects) run(effect);
    },
    after: gate.after,
    begin(place) {
      if (place.session === session) return;
      session = place.session;
      opening = open(place).catch(() => {
        onStatus({ ...FIRST_STATUS, storage: "none" });
        return null;
      });
    },
    run,
    finish() {
      gate.after(() => void opening.then((trail) => trail?.finish()));
    },
    async flush() {
      await (await opening)?.flush(FLUSH_MS);
    },
    sendLeftovers() {
      void sendLeftovers(ask, sodium, session).then((left) => {
        others = left > 0;
        if (!others && session === null) mark(false);
      });
    },
  };
}
