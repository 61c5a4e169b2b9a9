import { useState } from "preact/hooks";
import { DEFAULT_POLICY } from "../../../relay/wire/policy.ts";
import type { InviteCard, NewInviteForm } from "../../state/model.ts";
import { useServices } from "../context.ts";
import { Button, type ButtonProps } from "../kit/button.tsx";
import { Confirm } from "../kit/dialog.tsx";
import { suggestPasscode } from "../passcode.ts";
import { INVITE } from "../words/invite.ts";
import type { StaffView } from "./app.tsx";
import type { InvitePart } from "./invite.tsx";
import { renewal, renewalAsks } from "./invite-form.ts";

/** Another link like one that is over. */
export function Renew({ state, invite, send, busy }: InvitePart) {
  const form = useRenewal(state, invite);
  const asks = renewalAsks(invite, state.policy ?? DEFAULT_POLICY);
  return (
    <section class="card" aria-labelledby="renew">
      <h2 id="renew">{INVITE.renew}</h2>
      <p>{asks ? INVITE.renewPasscode : INVITE.renewText}</p>
      <div class="actions">
        <Button
          tone="primary"
          icon="refresh"
          disabled={busy}
          onPress={() => send({ type: "renew-invite", form: form() })}
        >
          {busy ? INVITE.renewing : INVITE.renew}
        </Button>
      </div>
    </section>
  );
}

/** A personal room can be closed for a while, get another link, or be closed for good. */
export function RoomControls({ state, invite, send, busy }: InvitePart) {
  const form = useRenewal(state, invite);
  const { room } = invite;
  const paused = invite.state === "paused";
  return (
    <section class="card" aria-labelledby="room">
      <h2 id="room">{INVITE.room}</h2>
      {invite.here ? (
        <>
          <div class="control">
            <Button
              icon={paused ? "knock" : "pause"}
              tone={paused ? "primary" : "plain"}
              disabled={busy}
              onPress={() => send({ type: "pause-invite", room, paused: !paused })}
            >
              {paused ? INVITE.open : INVITE.pause}
            </Button>
            <p class="hint">{INVITE.pauseText}</p>
          </div>
          <div class="control">
            <Asked
              name={INVITE.rotate}
              icon="refresh"
              disabled={busy}
              title={INVITE.rotateAsk}
              means={INVITE.rotateMeans}
              yes={INVITE.rotateYes}
              onYes={() => send({ type: "rotate-invite", room, form: form() })}
            />
            <p class="hint">{INVITE.rotateText}</p>
          </div>
        </>
      ) : null}
      <div class="control">
        <Asked
          name={INVITE.closeRoom}
          tone="danger"
          disabled={busy}
          title={INVITE.closeRoomAsk}
          means={INVITE.revokeMeans}
          yes={INVITE.closeRoomYes}
          onYes={() => send({ type: "revoke-invite", room })}
        />
      </div>
    </section>
  );
}

export function Revoke({ invite, send, busy }: InvitePart) {
  return (
    <div class="revoke">
      <Asked
        name={INVITE.revoke}
        tone="danger"
        disabled={busy}
        title={INVITE.revokeAsk}
        means={INVITE.revokeMeans}
        yes={INVITE.revokeYes}
        onYes={() => send({ type: "revoke-invite", room: invite.room })}
      />
    </div>
  );
}

interface AskedProps extends Pick<ButtonProps, "tone" | "icon" | "disabled"> {
  readonly name: string;
  readonly title: string;
  readonly means: string;
  readonly yes: string;
  readonly onYes: () => void;
}

/** A button that asks before it does what cannot be undone. */
function Asked({ name, title, means, yes, onYes, ...button }: AskedProps) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button {...button} onPress={() => setAsking(true)}>
        {name}
      </Button>
      {asking ? (
        <Confirm
          title={title}
          yes={yes}
          no={INVITE.keep}
          onYes={() => {
            setAsking(false);
            onYes();
          }}
          onClose={() => setAsking(false)}
        >
          <p>{means}</p>
        </Confirm>
      ) : null}
    </>
  );
}

function useRenewal(state: StaffView["state"], invite: InviteCard): () => NewInviteForm {
  const { now, random } = useServices();
  const rules = state.policy ?? DEFAULT_POLICY;
  return () => renewal(invite, suggestPasscode(random, invite.use), now(), rules);
}
