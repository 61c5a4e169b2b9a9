import { useState } from "preact/hooks";
import type { InviteCard } from "../../state/model.ts";
import { useServices } from "../context.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { CopyButton } from "../kit/copy.tsx";
import { Confirm } from "../kit/dialog.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import { Message } from "../kit/notice.tsx";
import { groupPasscode } from "../passcode.ts";
import {
  closedInvite,
  INVITE,
  INVITE_ELSEWHERE,
  INVITE_GONE,
  inviteChip,
  inviteFacts,
} from "../words/invite.ts";
import { DESK } from "../words/staff.ts";
import { systemTime } from "../words/time.ts";
import type { StaffView } from "./app.tsx";
import { StaffFrame } from "./frame.tsx";
import { QrCode } from "./qr.tsx";

export function InviteScreen({ state, send, room }: StaffView & { readonly room: string }) {
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
        <Invite invite={invite} send={send} />
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

function Invite({ invite, send }: Pick<StaffView, "send"> & { readonly invite: InviteCard }) {
  const { chip, tone } = inviteChip(invite);
  const closed = closedInvite(invite.state);
  return (
    <>
      <p class="invite-state">
        <span class={`chip chip-${tone}`}>{chip}</span>
        {closed === null && invite.here ? <span>{INVITE.wait}</span> : null}
      </p>
      {closed === null ? null : (
        <Message notice={closed} tone={invite.state === "burnt" ? "danger" : "plain"} />
      )}
      {closed === null && !invite.here ? <Message notice={INVITE_ELSEWHERE} /> : null}
      {closed === null && invite.here ? <Sharing invite={invite} /> : null}
      <Facts invite={invite} />
      {closed === null ? <Revoke room={invite.room} send={send} /> : null}
    </>
  );
}

function Sharing({ invite }: { readonly invite: InviteCard }) {
  const { share } = useServices();
  return (
    <>
      <section class="card share" aria-labelledby="share-link">
        <div class="share-text">
          <h2 id="share-link">{INVITE.linkTitle}</h2>
          <p>{INVITE.linkText}</p>
          <label class="field">
            <span class="visually-hidden">{INVITE.link}</span>
            <input
              class="input input-link"
              readOnly
              value={invite.link}
              onFocus={(event) => event.currentTarget.select()}
            />
          </label>
          <div class="actions">
            <CopyButton text={invite.link} primary>
              {INVITE.copyLink}
            </CopyButton>
            {share === null ? null : (
              <Button
                icon="share"
                onPress={() =>
                  void share({ title: INVITE.shareTitle, url: invite.link }).catch(() => undefined)
                }
              >
                {INVITE.share}
              </Button>
            )}
          </div>
        </div>
        <figure class="share-qr">
          <QrCode text={invite.link} label={INVITE.qr} />
          <figcaption class="hint">{INVITE.qrText}</figcaption>
        </figure>
      </section>
      {invite.passcode === null ? null : (
        <section class="card" aria-labelledby="share-passcode">
          <h2 id="share-passcode">{INVITE.passcodeTitle}</h2>
          <p>{INVITE.passcodeText}</p>
          <div class="passcode">
            <output class="passcode-text" aria-label={INVITE.passcode}>
              {groupPasscode(invite.passcode)}
            </output>
            <CopyButton text={invite.passcode}>{INVITE.copyPasscode}</CopyButton>
          </div>
        </section>
      )}
    </>
  );
}

function Facts({ invite }: { readonly invite: InviteCard }) {
  const now = useNow(60_000);
  return (
    <section class="card" aria-labelledby="invite-facts">
      <h2 id="invite-facts">{INVITE.facts}</h2>
      <dl class="facts">
        {inviteFacts(invite, now, systemTime()).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Revoke({ room, send }: Pick<StaffView, "send"> & { readonly room: string }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <div class="revoke">
        <Button tone="danger" onPress={() => setAsking(true)}>
          {INVITE.revoke}
        </Button>
      </div>
      {asking ? (
        <Confirm
          title={INVITE.revokeAsk}
          yes={INVITE.revokeYes}
          no={INVITE.keep}
          onYes={() => {
            setAsking(false);
            send({ type: "revoke-invite", room });
          }}
          onClose={() => setAsking(false)}
        >
          <p>{INVITE.revokeMeans}</p>
        </Confirm>
      ) : null}
    </>
  );
}
