/** Her invites: made, looked at, changed, replaced, closed, and guessed at. Pure. */
import type { HostEvent } from "../transport/types.ts";
import { isOver } from "./invite-state.ts";
import type { InviteCard, InviteIntent, StaffProblem, StaffScreen } from "./model.ts";
import type { StaffEffect, StaffModel, StaffStep } from "./staff-events.ts";
import { labelOf } from "./staff-guests.ts";

const stay = (state: StaffModel): StaffStep => ({ state, effects: [] });
const show = (state: StaffModel, screen: StaffScreen, ...effects: StaffEffect[]): StaffStep => ({
  state: { ...state, screen },
  effects,
});

export function onInviteIntent(state: StaffModel, intent: InviteIntent): StaffStep {
  const therapist = state.name;
  switch (intent.type) {
    case "open-invite":
      return show(state, { name: "invite", room: intent.room, busy: false });
    case "create-invite":
      if (state.screen.name !== "new-invite" || state.screen.busy) return stay(state);
      return show(
        state,
        { name: "new-invite", busy: true, problem: null },
        { type: "create-invite", form: intent.form, therapist },
      );
    case "revoke-invite":
      return { state, effects: [intent] };
    case "rename-invite":
      return rename(state, intent);
    case "renew-invite":
    case "rotate-invite":
      return once(state, { ...intent, therapist });
    case "pause-invite":
      return once(state, intent);
  }
}

/** From an invite's own page, where the buttons wait until it is done: no second click makes a second invite. */
function once(state: StaffModel, effect: StaffEffect): StaffStep {
  const { screen } = state;
  return screen.name !== "invite" || screen.busy
    ? stay(state)
    : show(state, { ...screen, busy: true }, effect);
}

function rename(state: StaffModel, intent: InviteIntent & { type: "rename-invite" }): StaffStep {
  const label = intent.label.trim();
  if (label === "" || label === labelOf(state, intent.room)) return stay(state);
  return { state, effects: [{ ...intent, label }] };
}

export function onInviteMade(state: StaffModel, room: string): StaffStep {
  return show(state, { name: "invite", room, busy: false }, { type: "list-invites" });
}

export function onInvites(state: StaffModel, invites: readonly InviteCard[]): StaffStep {
  const cards = new Map(invites.map((invite) => [invite.room, invite]));
  const rooms = new Map(state.sessions.map((guest) => [guest.session, guest.room]));
  const guests = state.guests.map((guest) => {
    const invite = cards.get(rooms.get(guest.session) ?? "");
    return invite ? { ...guest, label: invite.label } : guest;
  });
  return stay(atRest({ ...state, invites, guests }));
}

export function onInviteUnchanged(state: StaffModel, problem: StaffProblem): StaffStep {
  return stay(atRest({ ...state, problem }));
}

const atRest = (state: StaffModel): StaffModel =>
  state.screen.name === "invite" ? { ...state, screen: { ...state.screen, busy: false } } : state;

/** Counted here before the relay hears of it, so the list says so at once. */
export function onStrike(
  state: StaffModel,
  { room, strikes, burnt, lockedUntil }: HostEvent & { type: "strike" },
): StaffStep {
  const struck = (invite: InviteCard): InviteCard => {
    if (burnt) return { ...invite, strikes, state: "burnt" };
    if (lockedUntil !== null && !isOver(invite.state))
      return { ...invite, strikes, lockedUntil, state: "locked" };
    return { ...invite, strikes };
  };
  return stay({
    ...state,
    invites: state.invites?.map((invite) => (invite.room === room ? struck(invite) : invite)) ?? null,
    strike: { label: labelOf(state, room), strikes, burnt, lockedUntil },
  });
}
