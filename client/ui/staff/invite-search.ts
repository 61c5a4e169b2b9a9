/** Finding invites in a long list. Pure. */
import { isOver, stateAt } from "../../state/invite-state.ts";
import type { InviteCard } from "../../state/model.ts";
import { inviteStateWords } from "../words/invite.ts";

export type InviteFilter = "open" | "closed" | "all";

export interface InviteQuery {
  readonly text: string;
  readonly filter: InviteFilter;
}

/** Those of the filter in which every typed word is found: in the label, the state or the kind of use. */
export function findInvites(invites: readonly InviteCard[], query: InviteQuery, now: number): InviteCard[] {
  const words = plain(query.text).split(" ").filter(Boolean);
  return invites.filter((invite) => {
    const state = stateAt(invite, now);
    if (query.filter !== "all" && isOver(state) !== (query.filter === "closed")) return false;
    if (words.length === 0) return true;
    const text = plain(`${invite.label} ${inviteStateWords({ ...invite, state })}`);
    return words.every((word) => text.includes(word));
  });
}

export function countOpen(invites: readonly InviteCard[], now: number): number {
  return invites.filter((invite) => !isOver(stateAt(invite, now))).length;
}

/** Without capitals, accents and double spaces: "Zoë" is found by "zoe". */
function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/\s+/gu, " ")
    .trim();
}
