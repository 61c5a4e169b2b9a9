import { isOver, stateAt } from "../../state/invite-state.ts";
import type { InviteCard } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { ScreenHeading } from "../kit/heading.tsx";
import { Message } from "../kit/notice.tsx";
import {
  INVITE,
  INVITE_ELSEWHERE,
  INVITE_GONE,
  inviteChip,
  inviteFacts,
  inviteNotice,
} from "../words/invite.ts";
import { DESK } from "../words/staff.ts";
import { systemTime } from "../words/time.ts";
import type { StaffView } from "./app.tsx";
import { StaffFrame } from "./frame.tsx";
import { Renew, Revoke, RoomControls } from "./invite-ends.tsx";
import { Rename } from "./invite-rename.tsx";
import { Calendar, Sending } from "./invite-sending.tsx";

interface Props extends StaffView {
  readonly room: string;
  readonly busy: boolean;
}

export function InviteScreen({ state, send, room, busy }: Props) {
  const invite = state.invites?.find((card) => card.room === room);
  const title = invite === undefined ? INVITE.unnamed : invite.label || DESK.unlabelled;
  return (
    <StaffFrame state={state} send={send} place={null} narrow>
      <ScreenHeading page={title}>{title}</ScreenHeading>
      {invite === undefined ? (
        state.invites === null ? (
          <p role="status">{DESK.loadingInvites}</p>
        ) : (
          <Message notice={INVITE_GONE} />
        )
      ) : (
        <Invite state={state} invite={invite} send={send} busy={busy} />
      )}
      <div class="actions">
        <Button tone="primary" onPress={() => send({ type: "go", to: "desk" })}>
          {INVITE.desk}
        </Button>
        <Button icon="plus" onPress={() => send({ type: "go", to: "new-invite" })}>
          {INVITE.another}
        </Button>
      </div>
    </StaffFrame>
  );
}

export interface InvitePart extends StaffView {
  /** With its state as it is by now. */
  readonly invite: InviteCard;
  /** Something of it is being changed. */
  readonly busy: boolean;
}

const DANGERS: ReadonlySet<string> = new Set(["burnt", "locked"]);

function Invite({ invite: card, ...rest }: InvitePart) {
  const now = useNow(15_000);
  const time = systemTime();
  const invite = { ...card, state: stateAt(card, now) };
  const { chip, tone } = inviteChip(invite, time);
  const notice = inviteNotice(invite, now, time);
  const over = isOver(invite.state);
  return (
    <>
      <p class="invite-state">
        <span class={`chip chip-${tone}`}>{chip}</span>
        {notice === null && invite.here ? <span>{INVITE.wait}</span> : null}
      </p>
      {notice === null ? null : (
        <Message notice={notice} tone={DANGERS.has(invite.state) ? "danger" : "plain"} />
      )}
      {over || invite.here ? null : <Message notice={INVITE_ELSEWHERE} />}
      {over ? <Renew invite={invite} {...rest} /> : null}
      {!over && invite.here ? <Sending invite={invite} /> : null}
      {over ? null : <Calendar invite={invite} />}
      {!over && invite.use === "reusable" ? <RoomControls invite={invite} {...rest} /> : null}
      <section class="card" aria-labelledby="invite-facts">
        <h2 id="invite-facts">{INVITE.facts}</h2>
        <dl class="facts">
          {inviteFacts(invite, now, time).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {invite.here ? <Rename invite={invite} {...rest} /> : null}
      </section>
      {over || invite.use === "reusable" ? null : <Revoke invite={invite} {...rest} />}
    </>
  );
}
