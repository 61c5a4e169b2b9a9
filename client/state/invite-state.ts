/** What an invite's state has become since the list came: some of it is only a matter of time. Pure. */
import type { InviteState } from "../../relay/wire/requests.ts";
import type { InviteCard } from "./model.ts";

type Timed = Pick<InviteCard, "state" | "notBefore" | "expires" | "lockedUntil">;

/** @param now this device's clock, which is close enough to the relay's for words on a screen */
export function stateAt(invite: Timed, now: number): InviteState {
  const { state, notBefore, expires, lockedUntil } = invite;
  if (isOver(state)) return state;
  if (now >= expires) return "expired";
  if (state === "locked" && (lockedUntil === null || now < lockedUntil)) return "locked";
  if (state === "paused") return "paused";
  return now < notBefore ? "not-yet" : "active";
}

/** Nobody will ever enter with it again. */
export function isOver(state: InviteState): boolean {
  return state === "expired" || state === "revoked" || state === "used" || state === "burnt";
}
