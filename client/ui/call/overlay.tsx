import type { Ref } from "preact";
import type { CallState } from "../../state/model.ts";
import { useNow } from "../kit/clock.ts";
import { Icon } from "../kit/icon.tsx";
import { CALL, chipWords, knockWords, verification } from "../words/call.ts";
import { shortSpan } from "../words/time.ts";
import { alarmForPatient, alarmForStaff } from "../words/trail.ts";
import { CallNotices } from "./notices.tsx";
import type { CallProps, Sheet } from "./props.ts";

interface OverlayProps extends Pick<CallProps, "side" | "call" | "relay" | "trail" | "takeOver" | "guests"> {
  readonly sheet: Sheet | null;
  readonly onSheet: (sheet: Sheet, opener: HTMLButtonElement) => void;
  readonly chip: Ref<HTMLButtonElement>;
}

/** What lies over the picture, at its top: the chip, the clock, and lines that stay as long as they are true. */
export function Overlay({ side, call, relay, trail, takeOver, guests, sheet, onSheet, chip }: OverlayProps) {
  return (
    <div class="call-top">
      <PrivacyChip
        call={call}
        open={sheet === "security"}
        onOpen={(from) => onSheet("security", from)}
        elementRef={chip}
      />
      {side === "staff" && call.startedAt !== null ? <Duration since={call.startedAt} /> : null}
      <AlarmBar trail={trail} side={side} who={call.remoteName} />
      <KnockBar guests={guests} />
      <CallNotices
        side={side}
        call={call}
        relay={relay}
        takeOver={takeOver}
        sheetOpen={sheet === "words"}
        onWords={(from) => onSheet("words", from)}
      />
    </div>
  );
}

/** Whose picture it is, and whether their microphone is off. */
export function NamePlate({ call }: { readonly call: CallState }) {
  return (
    <p class="call-name">
      {call.remoteName}
      {call.remoteMicrophone || call.phase !== "live" ? null : (
        <span class="call-name-muted">
          <Icon name="microphone-off" />
          {CALL.micOff}
        </span>
      )}
    </p>
  );
}

interface ChipProps extends Pick<CallProps, "call"> {
  readonly open: boolean;
  readonly onOpen: (from: HTMLButtonElement) => void;
  readonly elementRef: Ref<HTMLButtonElement>;
}

function PrivacyChip({ call, open, onOpen, elementRef }: ChipProps) {
  const state = verification(call);
  return (
    <button
      type="button"
      class="privacy-chip"
      ref={elementRef}
      aria-expanded={open}
      onClick={(event) => onOpen(event.currentTarget)}
    >
      <Icon name={state === "verified" ? "shield" : "lock"} />
      {chipWords(state)}
    </button>
  );
}

/** For the therapist's eye only, and small: a clock that does not hurry anybody. */
function Duration({ since }: { readonly since: number }) {
  const now = useNow(10_000);
  const time = shortSpan(now - since);
  return (
    <p class="call-duration">
      <Icon name="clock" />
      <span class="visually-hidden">{CALL.lasted(time)}</span>
      <span aria-hidden="true">{time}</span>
    </p>
  );
}

/** The record is not to be believed any more: said at once, and for as long as the call lasts. */
function AlarmBar({ trail, side, who }: Pick<CallProps, "trail" | "side"> & { readonly who: string }) {
  const alarm = trail?.alarm?.code;
  if (alarm === undefined) return null;
  const { happened, means, todo, code } =
    side === "staff" ? alarmForStaff(alarm) : alarmForPatient(alarm, who);
  return (
    <div class="call-notices" role="alert">
      <div class="alarm-bar">
        <Icon name="attention" />
        <p>
          <strong>{happened}</strong> {means} {todo} <span class="code">({code})</span>
        </p>
      </div>
    </div>
  );
}

/** Somebody else knocks during a session: one thin line, never in the way. */
function KnockBar({ guests }: Pick<CallProps, "guests">) {
  const words = knockWords(guests.map((guest) => guest.name));
  return (
    <div class="knock-bar" role="status">
      {words === null ? null : (
        <p>
          <Icon name="knock" />
          {words}
        </p>
      )}
    </div>
  );
}
