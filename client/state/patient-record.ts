/** What of the patient's steps goes on record, before anything of the step goes out. Pure. */
import type { GuestHappening } from "../../crypto/audit/registry.ts";
import type { GuestRefusal } from "../transport/types.ts";
import { callHappenings } from "./call-record.ts";
import type { PatientStep } from "./patient.ts";
import type { PatientEffect, PatientEvent, PatientModel } from "./patient-events.ts";

/** A handshake that came to nothing; all else is the relay's refusal, and on its record. */
const FAILED: ReadonlySet<GuestRefusal["code"]> = new Set<GuestRefusal["code"]>([
  "HANDSHAKE-FAILED",
  "NO-ANSWER",
  "PASSCODE-WRONG",
  "VERSION-UNKNOWN",
]);

export function recorded(
  before: PatientModel,
  event: PatientEvent,
  step: PatientStep,
  now: number,
): PatientStep {
  const { state, effects } = step;
  const { screen } = state;
  const ended = screen.name === "ended" ? screen.ended : null;
  const happenings: GuestHappening[] = [
    ...said(event, state),
    ...callHappenings(before.call, state.call, ended, now),
  ];
  const records = happenings.map((happening): PatientEffect => ({ type: "record", happening }));
  return tellLog({ state, effects: [...records, ...effects] });
}

function said(event: PatientEvent, { name }: PatientModel): GuestHappening[] {
  if (event.type !== "guest") return [];
  const guest = event.event;
  if (guest.type === "established" && !guest.restored)
    return [{ action: "knock", outcome: "success", details: { name } }];
  if (guest.type === "refused" && FAILED.has(guest.refusal.code))
    return [{ action: "handshake.failed", outcome: "failure", details: { reason: guest.refusal.code } }];
  return [];
}

/** The therapist's page hears what this one was shown of the log, each time that it is something new. */
function tellLog({ state, effects }: PatientStep): PatientStep {
  const view = state.trail?.view;
  const checkpoint = view?.disputed ?? view?.checkpoint ?? null;
  if (checkpoint === null || checkpoint === state.told || !state.established || !state.hostHere)
    return { state, effects };
  return {
    state: { ...state, told: checkpoint },
    effects: [...effects, { type: "send", message: { t: "log", checkpoint, key: null, audit: null } }],
  };
}
