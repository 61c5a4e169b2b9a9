/** The patient's page: from (state, event) to (state, effects). Pure; the session itself is in patient-session.ts. */
import { afterMedia, isCallIntent, isDeviceIntent, NO_DEVICES, switchedOn, withMedia } from "./call.ts";
import type { Step } from "./loop.ts";
import type { PatientIntent, PatientScreen } from "./model.ts";
import type { PatientEffect, PatientEvent, PatientModel } from "./patient-events.ts";
import { leaveSession, onCallIntent, onCut, onGuest, onMediaFailure, profileOf } from "./patient-session.ts";

export type PatientStep = Step<PatientModel, PatientEffect>;

export const INITIAL_PATIENT: PatientModel = {
  screen: { name: "loading" },
  look: null,
  relay: "connecting",
  hostHere: false,
  established: false,
  shared: false,
  therapist: "",
  passcodeNeeded: false,
  name: "",
  devices: NO_DEVICES,
  call: null,
  waitingSince: null,
  trail: null,
  session: null,
  cut: null,
  told: null,
};

const stay = (state: PatientModel): PatientStep => ({ state, effects: [] });
const show = (state: PatientModel, screen: PatientScreen, ...effects: PatientEffect[]): PatientStep => ({
  state: { ...state, screen },
  effects,
});

const ASK_DEVICES: PatientEffect = { type: "device", intent: { type: "ask-devices" } };

/** Of what goes on record, patient-record.ts adds what there is to add. */
export function reducePatient(state: PatientModel, event: PatientEvent, now: number): PatientStep {
  switch (event.type) {
    case "intent":
      return onIntent(state, event.intent, now);
    case "started":
      return onStarted(state, event);
    case "refused-early":
      // Whoever has knocked meanwhile hears it from the session itself.
      return state.waitingSince === null
        ? show(state, { name: "problem", problem: event.problem })
        : stay(state);
    case "look":
      return stay({ ...state, look: event.look });
    case "guest":
      return onGuest(state, event.event, now);
    case "media":
      return onMedia(state, event, now);
    case "devices":
      return onDevices(state, event.devices);
    case "trail":
      return stay({ ...state, trail: event.status });
    case "forgotten":
      return state.screen.name === "ended" ? show(state, { ...state.screen, forgotten: true }) : stay(state);
  }
}

function onStarted(state: PatientModel, event: PatientEvent & { type: "started" }): PatientStep {
  if (event.missing.length > 0) return show(state, { name: "unsupported", missing: event.missing });
  if (event.link === null)
    return show(state, { name: "problem", problem: event.problem ?? { code: "LINK-MISSING" } });
  const next = { ...state, ...event.link };
  if (event.problem !== null) return show(next, { name: "problem", problem: event.problem });
  if (event.knock === null) return show(next, { name: "welcome" }, { type: "check-link" });
  return show(
    { ...next, name: event.knock.name, waitingSince: event.knock.since },
    { name: "waiting" },
    ASK_DEVICES,
    { type: "resume" },
  );
}

function onIntent(state: PatientModel, intent: PatientIntent, now: number): PatientStep {
  if (isDeviceIntent(intent)) return { state, effects: [{ type: "device", intent }] };
  if (isCallIntent(intent)) return onCallIntent(state, intent, now);
  switch (intent.type) {
    case "begin":
      return show(state, { name: "devices" }, ASK_DEVICES);
    case "back":
      return back(state);
    case "devices-done":
      return show(state, { name: "introduce", tries: null });
    case "knock":
      if (state.screen.name !== "introduce") return stay(state);
      return show(
        {
          ...state,
          name: intent.name,
          waitingSince: now,
          hostHere: false,
          established: false,
          shared: false,
        },
        { name: "waiting" },
        { type: "knock", name: intent.name, passcode: intent.passcode, since: now },
      );
    case "leave":
      return leaveSession(state, "left", now);
    case "try-again":
      return tryAgain(state, now);
    case "forget":
      return { state, effects: [{ type: "forget" }] };
  }
}

function back(state: PatientModel): PatientStep {
  switch (state.screen.name) {
    case "devices":
      return show(state, { name: "welcome" }, { type: "release-devices" });
    case "introduce":
      return show(state, { name: "devices" }, ASK_DEVICES);
    default:
      return stay(state);
  }
}

/** After a failed path the session still stands: back to waiting, and the therapist's page hears of it. */
function tryAgain(state: PatientModel, now: number): PatientStep {
  if (state.screen.name !== "ended" || state.session === null)
    return { state, effects: [{ type: "reload" }] };
  const next: PatientModel = {
    ...state,
    call: null,
    screen: { name: "waiting" },
    waitingSince: state.waitingSince ?? now,
  };
  return { state: next, effects: [ASK_DEVICES, { type: "send", message: profileOf(next) }] };
}

function onMedia(
  state: PatientModel,
  { number, event }: PatientEvent & { type: "media" },
  now: number,
): PatientStep {
  const { call } = state;
  if (call === null || call.number !== number) return stay(state);
  if (event.type === "signal")
    return {
      state,
      effects: [{ type: "send", message: { t: "signal", call: number, signal: event.signal } }],
    };
  if (event.type === "failed") return onMediaFailure(state, event.failure, now);
  const closed = event.type === "connection" && event.state === "closed";
  if (closed && state.cut !== null) return onCut(state, state.cut, now);
  const next = { ...state, call: withMedia(call, event, state.hostHere, now) };
  switch (afterMedia(call, event)) {
    case "check-relay":
      return { state: next, effects: [{ type: "check-relay" }] };
    case "new-keys":
      return { state: next, effects: [{ type: "request-epoch" }] };
    case null:
      return stay(next);
  }
}

function onDevices(state: PatientModel, devices: PatientModel["devices"]): PatientStep {
  const changed =
    devices.microphone.state !== state.devices.microphone.state ||
    devices.camera.state !== state.devices.camera.state;
  const next = { ...state, devices };
  if (state.session === null || !changed) return stay(next);
  const message = { t: "devices" as const, ...switchedOn(devices) };
  return { state: next, effects: [{ type: "send", message }] };
}
