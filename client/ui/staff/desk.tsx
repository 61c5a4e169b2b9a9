import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { SessionKey } from "../../transport/types.ts";
import { preloadCall } from "../call/lazy.tsx";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { ScreenHeading } from "../kit/heading.tsx";
import { Icon } from "../kit/icon.tsx";
import { Message } from "../kit/notice.tsx";
import { DESK, deskTitle, NO_TURN } from "../words/staff.ts";
import type { StaffView } from "./app.tsx";
import { StaffFrame } from "./frame.tsx";
import { GuestCard } from "./guest.tsx";
import { InviteList } from "./invite-list.tsx";

export function DeskScreen({ state, send }: StaffView) {
  const { guests, invites } = state;
  const fresh = guests.length === 0 && invites !== null && invites.length === 0;
  useEffect(preloadCall, []);
  return (
    <StaffFrame state={state} send={send} place="desk">
      <ScreenHeading page={deskTitle(guests.length)}>{DESK.title(state.name)}</ScreenHeading>
      {fresh ? (
        <FirstInvite send={send} />
      ) : (
        <div class="desk">
          <WaitingRoom state={state} send={send} />
          <InviteList state={state} send={send} />
        </div>
      )}
      {state.turn || state.relay !== "online" ? null : <Message notice={NO_TURN} tone="plain" live={false} />}
    </StaffFrame>
  );
}

function FirstInvite({ send }: Pick<StaffView, "send">) {
  return (
    <section class="first">
      <Icon name="knock" />
      <h2>{DESK.firstTitle}</h2>
      <p>{DESK.firstText}</p>
      <div class="actions">
        <Button tone="primary" large icon="plus" onPress={() => send({ type: "go", to: "new-invite" })}>
          {DESK.first}
        </Button>
        <Button tone="quiet" onPress={() => send({ type: "go", to: "devices" })}>
          {DESK.checkDevices}
        </Button>
      </div>
    </section>
  );
}

function WaitingRoom({ state, send }: StaffView) {
  const now = useNow(10_000);
  const heading = useRef<HTMLHeadingElement>(null);
  const section = useRef<HTMLElement>(null);
  // When the card that has the focus goes away, the focus would be lost: it goes to the heading above.
  const declined = useRef(false);
  const focusedHere = section.current?.contains(document.activeElement) === true;
  useLayoutEffect(() => {
    if (!(focusedHere || declined.current) || document.activeElement !== document.body) return;
    declined.current = false;
    heading.current?.focus();
  });
  const decline = (session: SessionKey) => {
    declined.current = true;
    send({ type: "decline", session });
  };
  const { guests } = state;
  const busy = guests.some((guest) => guest.admitting);
  return (
    <section class="waiting-room" ref={section} aria-labelledby="waiting-room">
      <h2 id="waiting-room" tabIndex={-1} ref={heading}>
        {DESK.waiting}
      </h2>
      {guests.length === 0 ? (
        <div class="nobody">
          <p class="nobody-what">{DESK.nobody}</p>
          <p>{DESK.nobodyMeans}</p>
          <Button tone="quiet" onPress={() => send({ type: "go", to: "devices" })}>
            {DESK.checkDevices}
          </Button>
        </div>
      ) : (
        <ul class="guests">
          {guests.map((guest) => (
            <GuestCard
              key={guest.session}
              guest={guest}
              now={now}
              busy={busy}
              onAdmit={() => send({ type: "admit", session: guest.session })}
              onDecline={() => decline(guest.session)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}
