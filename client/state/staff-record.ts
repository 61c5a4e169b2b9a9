/** What of a therapist's steps goes on record, before anything of the step goes out. Pure. */
import type { StaffHappening } from "../../crypto/audit/registry.ts";
import { callHappenings } from "./call-record.ts";
import type { StaffEffect, StaffEvent, StaffModel, StaffStep } from "./staff-events.ts";
import { find } from "./staff-guests.ts";

export function recorded(before: StaffModel, event: StaffEvent, step: StaffStep, now: number): StaffStep {
  const { state, effects } = step;
  const { screen } = state;
  const ended = screen.name === "ended" ? screen.ended : null;
  const happenings: StaffHappening[] = [
    ...said(before, event, state),
    ...callHappenings(before.call, state.call, ended, now),
  ];
  const records = happenings.map((happening): StaffEffect => ({ type: "record", happening }));
  return tellLog({ state, effects: [...records, ...effects] });
}

function said(before: StaffModel, event: StaffEvent, after: StaffModel): StaffHappening[] {
  if (event.type === "host" && event.event.type === "strike") {
    const { session } = event.event;
    return [
      { action: "handshake.failed", outcome: "failure", session, details: { reason: "PASSCODE-WRONG" } },
    ];
  }
  if (event.type !== "intent" || (event.intent.type !== "admit" && event.intent.type !== "decline"))
    return [];
  const { type: action, session } = event.intent;
  const [was, is] = [find(before, session), find(after, session)];
  // Pressed where it does nothing, such as twice.
  if (was === undefined || was.stage === is?.stage) return [];
  return [{ action, outcome: "success", session, details: { name: was.name ?? "" } }];
}

/**
 * The guests' pages hear which keys to go by, and what this page was shown of the log, each time that it is something
 * new: who is here, and who comes back.
 */
function tellLog({ state, effects }: StaffStep): StaffStep {
  const { checkpoint: newest, disputed, key, audit } = state.trail.view;
  if (key === null) return { state, effects };
  const message = { t: "log", checkpoint: disputed ?? newest, key, audit } as const;
  const text = JSON.stringify(message);
  const news = state.sessions.filter(({ here, told }) => here && told !== text);
  if (news.length === 0) return { state, effects };
  const sessions = state.sessions.map((guest) => (news.includes(guest) ? { ...guest, told: text } : guest));
  return {
    state: { ...state, sessions },
    effects: [...effects, ...news.map(({ session }): StaffEffect => ({ type: "send", session, message }))],
  };
}
