import { useState } from "preact/hooks";
import type { WaitingGuest } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { Confirm } from "../kit/dialog.tsx";
import { Icon } from "../kit/icon.tsx";
import { Message } from "../kit/notice.tsx";
import { Monogram } from "../kit/person.tsx";
import { DESK, GUEST_GONE, GUEST_HERE, guestDevices, guestSince, sameLinkWords } from "../words/staff.ts";

interface Props {
  readonly guest: WaitingGuest;
  readonly now: number;
  /** Somebody is being let in right now. */
  readonly busy: boolean;
  readonly onAdmit: () => void;
  readonly onDecline: () => void;
}

export function GuestCard({ guest, now, busy, onAdmit, onDecline }: Props) {
  const [asking, setAsking] = useState(false);
  const name = guest.name ?? DESK.unnamed;
  const decline = () => {
    setAsking(false);
    onDecline();
  };
  return (
    <li class="guest">
      <div class="guest-who">
        <Monogram name={name} />
        <div class="guest-text">
          <h3>{name}</h3>
          <p class="guest-facts">
            {guest.label === "" ? null : <span>{guest.label}</span>}
            <span>{guestSince(guest, now)}</span>
            <span>{guest.name === null ? DESK.unnamedMeans : guestDevices(guest)}</span>
          </p>
          <p class="guest-chips">
            <span class={guest.here ? "chip chip-good" : "chip chip-attention"}>
              {guest.here ? GUEST_HERE : GUEST_GONE}
            </span>
            {guest.passcode ? (
              <span class="chip chip-good">
                <Icon name="check" />
                {DESK.rightPasscode}
              </span>
            ) : null}
          </p>
        </div>
      </div>
      {guest.sameLink > 0 ? (
        <Message
          notice={sameLinkWords(guest)}
          tone={guest.use === "single" ? "attention" : "plain"}
          live={false}
        />
      ) : null}
      <div class="guest-actions">
        <Button
          tone="primary"
          large
          disabled={busy || !guest.here}
          label={`${guest.admitting ? DESK.admitting : DESK.admit} ${name}`}
          onPress={onAdmit}
        >
          {guest.admitting ? DESK.admitting : DESK.admit}
        </Button>
        <Button disabled={guest.admitting} label={`${DESK.decline} ${name}`} onPress={() => setAsking(true)}>
          {DESK.decline}
        </Button>
      </div>
      {asking ? (
        <Confirm
          title={DESK.declineAsk(name)}
          yes={DESK.declineYes}
          no={DESK.declineNo}
          onYes={decline}
          onClose={() => setAsking(false)}
        >
          <p>{DESK.declineMeans}</p>
        </Confirm>
      ) : null}
    </li>
  );
}
