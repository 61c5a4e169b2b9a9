import type { InviteCard } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { Icon } from "../kit/icon.tsx";
import { inviteChip, inviteLine } from "../words/invite.ts";
import { DESK } from "../words/staff.ts";
import { systemTime } from "../words/time.ts";
import type { StaffView } from "./app.tsx";

export function InviteList({ state, send }: StaffView) {
  const { invites } = state;
  const open = (invites ?? []).filter(isOpen);
  const closed = (invites ?? []).filter((invite) => !isOpen(invite));
  return (
    <section class="invites" aria-labelledby="invites">
      <div class="invites-head">
        <h2 id="invites">{DESK.invites}</h2>
        <Button icon="plus" onPress={() => send({ type: "go", to: "new-invite" })}>
          {DESK.newInvite}
        </Button>
      </div>
      {invites === null ? <p role="status">{DESK.loadingInvites}</p> : null}
      {invites !== null && open.length === 0 ? <p class="hint">{DESK.noOpen}</p> : null}
      <Rows invites={open} send={send} />
      {closed.length === 0 ? null : (
        <details class="details">
          <summary>
            {DESK.closed} ({closed.length})
          </summary>
          <Rows invites={closed} send={send} />
        </details>
      )}
    </section>
  );
}

function isOpen(invite: InviteCard): boolean {
  return invite.state === "active" || invite.state === "not-yet";
}

function Rows({ invites, send }: Pick<StaffView, "send"> & { readonly invites: readonly InviteCard[] }) {
  const now = useNow(60_000);
  const time = systemTime();
  if (invites.length === 0) return null;
  return (
    <ul class="invite-rows">
      {invites.map((invite) => {
        const { chip, tone } = inviteChip(invite);
        return (
          <li key={invite.room}>
            <button type="button" onClick={() => send({ type: "open-invite", room: invite.room })}>
              <span class="invite-row-text">
                <span class="invite-row-name">{invite.label || DESK.unlabelled}</span>
                <span class="hint">{inviteLine(invite, now, time)}</span>
              </span>
              <span class={`chip chip-${tone}`}>{chip}</span>
              <Icon name="chevron" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
