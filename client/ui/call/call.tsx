/** The session itself: the other person fills the view, everything else keeps out of the way. Its own chunk. */
import type { Ref } from "preact";
import { useRef, useState } from "preact/hooks";
import { useNow } from "../kit/clock.ts";
import { Confirm } from "../kit/dialog.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import { Icon } from "../kit/icon.tsx";
import { CALL, chipWords, knockWords, verification } from "../words/call.ts";
import { shortSpan } from "../words/time.ts";
import { CallBar } from "./bar.tsx";
import { type Corner, nextCorner } from "./corners.ts";
import { MoreSheet } from "./more-sheet.tsx";
import { CallNotices } from "./notices.tsx";
import type { CallProps, Sheet } from "./props.ts";
import { SecuritySheet } from "./security-sheet.tsx";
import { SelfView } from "./self-view.tsx";
import { Remote } from "./stage.tsx";
import { WordsSheet } from "./words-sheet.tsx";

export function CallView({ side, call, devices, relay, guests, send }: CallProps) {
  const [sheet, setSheet] = useState<Sheet | null>(null);
  const [ending, setEnding] = useState(false);
  const [corner, setCorner] = useState<Corner>("bottom-end");
  const opener = useRef<HTMLButtonElement | null>(null);
  const chip = useRef<HTMLButtonElement>(null);
  const who = call.remoteName;

  const openSheet = (name: Sheet, from: HTMLButtonElement) => {
    opener.current = from;
    setSheet(sheet === name ? null : name);
  };
  const closeSheet = () => {
    setSheet(null);
    // A notice that offered the words may be gone by now.
    const back = opener.current?.isConnected === true ? opener.current : chip.current;
    back?.focus();
  };

  return (
    <div class={sheet === null ? "call" : "call call-with-sheet"}>
      <main class="call-stage">
        <ScreenHeading page={CALL.title(who)} hidden>
          {CALL.title(who)}
        </ScreenHeading>
        <Remote call={call} devices={devices} />
        <div class="call-top">
          <PrivacyChip
            call={call}
            open={sheet === "security"}
            onOpen={(from) => openSheet("security", from)}
            elementRef={chip}
          />
          {side === "staff" && call.startedAt !== null ? <Duration since={call.startedAt} /> : null}
          <KnockBar guests={guests} />
          <CallNotices
            call={call}
            relay={relay}
            sheetOpen={sheet === "words"}
            onWords={(from) => openSheet("words", from)}
          />
        </div>
        <p class="call-name">
          {who}
          {call.remoteMicrophone || call.phase !== "live" ? null : (
            <span class="call-name-muted">
              <Icon name="microphone-off" />
              {CALL.micOff}
            </span>
          )}
        </p>
        <SelfView
          devices={devices}
          hidden={call.selfViewHidden}
          corner={corner}
          onMove={setCorner}
          onToggle={() => send({ type: "toggle-self-view" })}
        />
      </main>
      {sheet === "words" ? <WordsSheet call={call} send={send} onClose={closeSheet} /> : null}
      {sheet === "security" ? (
        <SecuritySheet call={call} onClose={closeSheet} onWords={() => setSheet("words")} />
      ) : null}
      {sheet === "more" ? (
        <MoreSheet
          devices={devices}
          selfViewHidden={call.selfViewHidden}
          send={send}
          onMoveSelf={() => setCorner(nextCorner(corner))}
          onClose={closeSheet}
        />
      ) : null}
      <CallBar
        devices={devices}
        verified={verification(call) === "verified"}
        sheet={sheet}
        onSheet={openSheet}
        onEnd={() => setEnding(true)}
        send={send}
      />
      {ending ? (
        <Confirm
          title={CALL.endAsk}
          yes={CALL.endYes}
          no={CALL.stay}
          onYes={() => send({ type: "end-call" })}
          onClose={() => setEnding(false)}
        >
          <p>{CALL.endMeans(who)}</p>
        </Confirm>
      ) : null}
    </div>
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
