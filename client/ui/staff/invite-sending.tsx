import type { InviteCard } from "../../state/model.ts";
import { useStaffServices } from "../account/services.ts";
import { useServices } from "../context.ts";
import { Button, ButtonLink } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy.tsx";
import { groupPasscode } from "../passcode.ts";
import { INVITE } from "../words/invite.ts";
import {
  CALENDAR,
  linkMessage,
  mailto,
  type OutgoingMessage,
  passcodeMessage,
} from "../words/invite-messages.ts";
import { calendarFile, calendarUid } from "./calendar-file.ts";
import { EARLY } from "./invite-form.ts";
import { QrCode } from "./qr.tsx";

interface Props {
  readonly invite: InviteCard;
}

/** Link and passcode as two messages: each with what is copied, and a mail of its own. The same at any later time. */
export function Sending({ invite }: Props) {
  const { passcode } = invite;
  return (
    <section class="send" aria-labelledby="send">
      <h2 id="send">{INVITE.sendTitle}</h2>
      <p>
        {passcode === null ? INVITE.oneWay : INVITE.twoWays} {passcode === null ? null : INVITE.again}
      </p>
      <LinkCard invite={invite} />
      {passcode === null ? null : <PasscodeCard passcode={passcode} />}
    </section>
  );
}

function LinkCard({ invite }: Props) {
  const { share } = useServices();
  const message = linkMessage(invite.link, invite.passcode !== null);
  return (
    <section class="card share" aria-labelledby="share-link">
      <div class="share-text">
        <h3 id="share-link">{invite.passcode === null ? INVITE.linkTitle : INVITE.firstTitle}</h3>
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
          <ButtonLink href={mailto(message)} icon="mail">
            {INVITE.mailLink}
          </ButtonLink>
        </div>
        <Outgoing message={message} title={INVITE.messageLink} />
      </div>
      <figure class="share-qr">
        <QrCode text={invite.link} label={INVITE.qr} />
        <figcaption class="hint">{INVITE.qrText}</figcaption>
      </figure>
    </section>
  );
}

function PasscodeCard({ passcode }: { readonly passcode: string }) {
  const message = passcodeMessage(passcode);
  return (
    <section class="card" aria-labelledby="share-passcode">
      <h3 id="share-passcode">{INVITE.passcodeTitle}</h3>
      <p>{INVITE.passcodeText}</p>
      <div class="passcode">
        <output class="passcode-text" aria-label={INVITE.passcode}>
          {groupPasscode(passcode)}
        </output>
        <div class="actions">
          <CopyButton text={passcode}>{INVITE.copyPasscode}</CopyButton>
          <ButtonLink href={mailto(message)} icon="mail">
            {INVITE.mailPasscode}
          </ButtonLink>
        </div>
      </div>
      <Outgoing message={message} title={INVITE.messagePasscode} />
    </section>
  );
}

interface OutgoingProps {
  readonly message: OutgoingMessage;
  readonly title: string;
}

/** The whole text, to be read and taken into any other program. */
function Outgoing({ message, title }: OutgoingProps) {
  return (
    <details class="details outgoing">
      <summary>{title}</summary>
      <p class="outgoing-text">{message.text}</p>
      <div class="actions">
        <CopyButton text={message.text}>{INVITE.copyMessage}</CopyButton>
      </div>
    </details>
  );
}

const HOUR = 3_600_000;

/** For a session at a time that is still to come. */
export function Calendar({ invite: { room, link, use, notBefore, expires } }: Props) {
  const { now, save } = useStaffServices();
  const start = notBefore + EARLY;
  if (use !== "single" || start <= now()) return null;
  const download = async () => {
    // One that was made elsewhere has no link here; the room's id is the next best.
    const uid = await calendarUid(link === "" ? room : link.slice(link.indexOf("#") + 1));
    const text = calendarFile({
      uid,
      made: now(),
      start,
      end: Math.min(expires, start + HOUR),
      ...CALENDAR,
    });
    save({ name: CALENDAR.file, type: "text/calendar;charset=utf-8", text });
  };
  return (
    <section class="card" aria-labelledby="calendar">
      <h2 id="calendar">{INVITE.calendarTitle}</h2>
      <p>{INVITE.calendarText}</p>
      <div class="actions">
        <Button icon="calendar" onPress={() => void download()}>
          {INVITE.calendar}
        </Button>
      </div>
    </section>
  );
}
