/** The staff pages: from (state, event) to (state, effects). Pure; sessions are in staff-sessions.ts. */
import { afterMedia, isCallIntent, isDeviceIntent, switchedOn, withMedia } from "./call.ts";
import type { StaffIntent, StaffProblem } from "./model.ts";
import { isAccountIntent, onAccountEvent, onAccountIntent } from "./staff-account.ts";
import { mediaFailed, onCut, replaced } from "./staff-ends.ts";
import type { StaffEvent, StaffModel, StaffStep, StaffTask } from "./staff-events.ts";
import { alertsFor, FETCH_POLICY, hasDesk, onAdmin, onAudit, openDesk, show } from "./staff-home.ts";
import { onInviteIntent, onInviteMade, onInvites, onInviteUnchanged } from "./staff-invites.ts";
import { recorded } from "./staff-record.ts";
import { admitGuest, declineGuest, onAdmitted, onCallIntent, onHost } from "./staff-sessions.ts";

const stay = (state: StaffModel): StaffStep => ({ state, effects: [] });

export function reduceStaff(state: StaffModel, event: StaffEvent, now: number): StaffStep {
  return recorded(state, event, reduce(state, event, now), now);
}

function reduce(state: StaffModel, event: StaffEvent, now: number): StaffStep {
  switch (event.type) {
    case "intent":
      return onIntent(state, event.intent, now);
    case "unsupported":
      return show(state, { name: "unsupported", missing: event.missing });
    case "account":
      return onAccountEvent(state, event.event);
    case "admin":
      return onAdmin(state, event.event);
    case "audit":
      return onAudit(state, event.event);
    case "introduced":
      return openDesk({ ...state, name: event.name });
    case "invites":
      return onInvites(state, event.invites);
    case "invite-made":
      return onInviteMade(state, event.room);
    case "admitted":
      return onAdmitted(state, event.session, now);
    case "failed":
      return onFailed(state, event.what, event.problem);
    case "host":
      return onHost(state, event.event, now);
    case "media":
      return onMedia(state, event, now);
    case "devices":
      return onDevices(state, event.devices);
    case "trail":
      return stay({ ...state, trail: event.status });
  }
}

function onIntent(state: StaffModel, intent: StaffIntent, now: number): StaffStep {
  if (isDeviceIntent(intent)) return { state, effects: [{ type: "device", intent }] };
  if (isCallIntent(intent)) return onCallIntent(state, intent, now);
  if (isAccountIntent(intent)) return onAccountIntent(state, intent);
  switch (intent.type) {
    case "admin":
      return onAdmin(state, { type: "intent", intent: intent.intent });
    case "audit":
      return onAudit(state, { type: "intent", intent: intent.intent });
    case "save-greeting":
      return onAdmin(state, { type: "intent", intent });
    case "introduce":
      return show(state, { name: "introduce", busy: true }, { type: "introduce", name: intent.name });
    case "go":
      return go(state, intent.to);
    case "open-invite":
    case "create-invite":
    case "revoke-invite":
    case "rename-invite":
    case "renew-invite":
    case "rotate-invite":
    case "pause-invite":
      return onInviteIntent(state, intent);
    case "admit":
      return admitGuest(state, intent.session);
    case "decline":
      return declineGuest(state, intent.session);
    case "take-over":
      if (state.relay === "elsewhere" && state.call !== null)
        return { state, effects: [{ type: "take-over" }] };
      if (state.screen.name !== "stopped") return stay(state);
      return state.screen.reason === "REPLACED" ? openDesk(state) : { state, effects: [{ type: "reload" }] };
    case "acknowledge-alarm":
      return { state, effects: [{ type: "acknowledge-alarm" }] };
    case "dismiss":
      return stay(
        intent.what === "elsewhere"
          ? { ...state, elsewhere: { ...state.elsewhere, knocked: false } }
          : { ...state, [intent.what]: null },
      );
  }
}

function go(state: StaffModel, to: "desk" | "new-invite" | "devices"): StaffStep {
  if (state.call !== null || !hasDesk(state)) return stay(state);
  if (state.cut !== null) return onCut(state, state.cut);
  // Her call was here while another device had the desk. It is over, and so is what this page was still for.
  if (state.relay === "elsewhere") return replaced(state);
  switch (to) {
    case "desk":
      return show(
        state,
        { name: "desk" },
        { type: "release-devices" },
        { type: "list-invites" },
        ...alertsFor(state),
      );
    case "new-invite":
      return show(state, { name: "new-invite", busy: false, problem: null }, FETCH_POLICY);
    case "devices":
      return show(state, { name: "devices" }, { type: "device", intent: { type: "ask-devices" } });
  }
}

function onFailed(state: StaffModel, what: StaffTask, problem: StaffProblem): StaffStep {
  switch (what) {
    case "create-invite":
      return show(state, { name: "new-invite", busy: false, problem });
    case "introduce":
      return show({ ...state, problem }, { name: "introduce", busy: false });
    case "admit":
      return stay({
        ...state,
        problem,
        guests: state.guests.map((guest) => ({ ...guest, admitting: false })),
        sessions: state.sessions.map((guest) =>
          guest.stage === "admitting"
            ? { ...guest, stage: "waiting" as const }
            : { ...guest, renewing: false },
        ),
      });
    case "list-invites":
      return stay({ ...state, invites: state.invites ?? [], problem });
    case "change-invite":
      return onInviteUnchanged(state, problem);
    case "revoke-invite":
      return stay({ ...state, problem });
  }
}

function onMedia(
  state: StaffModel,
  { number, event }: StaffEvent & { type: "media" },
  now: number,
): StaffStep {
  const { call } = state;
  if (call === null || call.number !== number) return stay(state);
  if (event.type === "signal")
    return {
      state,
      effects: [
        { type: "send", session: call.session, message: { t: "signal", call: number, signal: event.signal } },
      ],
    };
  if (event.type === "failed") return mediaFailed(state, event.failure, now);
  const closed = event.type === "connection" && event.state === "closed";
  if (closed && state.cut !== null) return onCut(state, state.cut);
  const here = state.sessions.find((guest) => guest.session === call.session)?.here ?? false;
  const next = { ...state, call: withMedia(call, event, here, now) };
  switch (afterMedia(call, event)) {
    case "check-relay":
      return { state: next, effects: [{ type: "check-relay" }] };
    case "new-keys":
      return { state: next, effects: [{ type: "rekey", session: call.session }] };
    case null:
      return stay(next);
  }
}

function onDevices(state: StaffModel, devices: StaffModel["devices"]): StaffStep {
  const changed =
    devices.microphone.state !== state.devices.microphone.state ||
    devices.camera.state !== state.devices.camera.state;
  const next = { ...state, devices };
  if (state.call === null || !changed) return stay(next);
  const message = { t: "devices" as const, ...switchedOn(devices) };
  return { state: next, effects: [{ type: "send", session: state.call.session, message }] };
}
