/** The staff pages: from (state, event) to (state, effects). Pure; sessions are in staff-sessions.ts. */

import type { AccountProblem } from "./account-model.ts";
import { afterMedia, isCallIntent, isDeviceIntent, NO_DEVICES, switchedOn, withMedia } from "./call.ts";
import type { Step } from "./loop.ts";
import type { StaffIntent, StaffProblem, StaffScreen } from "./model.ts";
import { type AdminEvent, INITIAL_ADMIN, reduceAdmin } from "./staff-admin.ts";
import { mediaFailed, NOTHING_ELSEWHERE, onCut, replaced } from "./staff-ends.ts";
import type { StaffEffect, StaffEvent, StaffModel, StaffTask } from "./staff-events.ts";
import { onInviteIntent, onInviteMade, onInvites, onInviteUnchanged } from "./staff-invites.ts";
import { admitGuest, declineGuest, onAdmitted, onCallIntent, onHost } from "./staff-sessions.ts";

export type StaffStep = Step<StaffModel, StaffEffect>;

export const INITIAL_STAFF: StaffModel = {
  screen: { name: "loading" },
  account: null,
  admin: INITIAL_ADMIN,
  relay: "connecting",
  name: "",
  turn: false,
  guests: [],
  invites: null,
  devices: NO_DEVICES,
  call: null,
  problem: null,
  strike: null,
  policy: null,
  ...NOTHING_ELSEWHERE,
  sessions: [],
  cut: null,
};

const stay = (state: StaffModel): StaffStep => ({ state, effects: [] });
const show = (state: StaffModel, screen: StaffScreen, ...effects: StaffEffect[]): StaffStep => ({
  state: { ...state, screen },
  effects,
});

const door = (problem: AccountProblem | null): StaffScreen => ({
  name: "sign-in",
  busy: false,
  problem,
  why: null,
});

/** Another admin may have changed it since. */
const FETCH_POLICY: StaffEffect = { type: "admin", effect: { type: "load", what: "policy" } };

export function reduceStaff(state: StaffModel, event: StaffEvent, now: number): StaffStep {
  switch (event.type) {
    case "intent":
      return onIntent(state, event.intent, now);
    case "started":
      if (event.missing.length > 0) return show(state, { name: "unsupported", missing: event.missing });
      return event.account === null
        ? show(state, door(null))
        : signedIn(state, event.account.turn, event.name);
    case "signed-in":
      return signedIn(state, event.account.turn, event.name);
    case "signed-out":
      return show(INITIAL_STAFF, door(null), { type: "close-desk" }, { type: "release-devices" });
    case "admin":
      return onAdmin(state, event.event);
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
  }
}

function onAdmin(state: StaffModel, event: AdminEvent): StaffStep {
  const { state: admin, effects } = reduceAdmin(state.admin, event);
  return {
    state: { ...state, admin, policy: admin.policy },
    effects: effects.map((effect) => ({ type: "admin", effect })),
  };
}

function signedIn(state: StaffModel, turn: boolean, name: string | null): StaffStep {
  const next = { ...state, turn };
  return name === null ? show(next, { name: "introduce", busy: false }) : openDesk({ ...next, name });
}

function openDesk(state: StaffModel): StaffStep {
  const fresh = { ...state, ...NOTHING_ELSEWHERE, relay: "connecting" as const };
  return show(fresh, { name: "desk" }, { type: "open-desk" }, { type: "list-invites" }, FETCH_POLICY);
}

function onIntent(state: StaffModel, intent: StaffIntent, now: number): StaffStep {
  if (isDeviceIntent(intent)) return { state, effects: [{ type: "device", intent }] };
  if (isCallIntent(intent)) return onCallIntent(state, intent, now);
  switch (intent.type) {
    case "admin": {
      const step = onAdmin(state, { type: "intent", intent: intent.intent });
      if (intent.intent.type !== "open" || state.call !== null) return step;
      return { ...step, state: { ...step.state, screen: { name: "admin", page: intent.intent.page } } };
    }
    case "save-greeting":
      return onAdmin(state, { type: "intent", intent });
    case "sign-in":
    case "enrol":
    case "choose-passphrase":
    case "recovery-code-kept":
    case "unlock-with-passphrase":
    case "unlock-with-recovery-code":
    case "leave-door":
    case "open-account":
    case "add-passkey":
    case "rename-passkey":
    case "remove-passkey":
    case "end-login":
    case "end-all-logins":
    case "new-recovery-code":
    case "new-passphrase":
    case "dismiss-account-problem":
      return stay(state);
    case "sign-in-with-code":
      if (state.screen.name !== "sign-in" || state.screen.busy) return stay(state);
      return show(
        state,
        { name: "sign-in", busy: true, problem: null, why: null },
        { type: "sign-in", code: intent.code },
      );
    case "sign-out":
      return { state, effects: [{ type: "sign-out" }] };
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
    case "dismiss":
      return stay(
        intent.what === "elsewhere"
          ? { ...state, elsewhere: { ...state.elsewhere, knocked: false } }
          : { ...state, [intent.what]: null },
      );
  }
}

function go(state: StaffModel, to: "desk" | "new-invite" | "devices"): StaffStep {
  if (state.call !== null) return stay(state);
  if (state.cut !== null) return onCut(state, state.cut);
  // Her call was here while another device had the desk. It is over, and so is what this page was still for.
  if (state.relay === "elsewhere") return replaced(state);
  switch (to) {
    case "desk":
      return show(state, { name: "desk" }, { type: "release-devices" }, { type: "list-invites" });
    case "new-invite":
      return show(state, { name: "new-invite", busy: false, problem: null }, FETCH_POLICY);
    case "devices":
      return show(state, { name: "devices" }, { type: "device", intent: { type: "ask-devices" } });
  }
}

function onFailed(state: StaffModel, what: StaffTask, problem: StaffProblem): StaffStep {
  switch (what) {
    case "sign-in":
      return show(state, door(atTheDoor(problem)));
    case "create-invite":
      return show(state, { name: "new-invite", busy: false, problem });
    case "introduce":
      return show({ ...state, problem }, { name: "introduce", busy: false });
    case "start":
      return show(state, door(atTheDoor(problem)));
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
    case "sign-out":
      return stay({ ...state, problem });
  }
}

function atTheDoor(problem: StaffProblem): AccountProblem {
  switch (problem) {
    case "SIGN-IN-REFUSED":
    case "RATE-LIMITED":
    case "OFFLINE":
    case "STORAGE-FAILED":
      return problem;
    default:
      return "UNEXPECTED";
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
