/** The session itself: the other person fills the view, everything else keeps out of the way. Its own chunk. */
import { useRef, useState } from "preact/hooks";
import { Confirm } from "../kit/dialog.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import { addSessionIcons } from "../kit/later-icons.ts";
import { mountTrailNotices } from "../trail/patient.tsx";
import { CALL, verification } from "../words/call.ts";
import { CallBar } from "./bar.tsx";
import { type Corner, nextCorner } from "./corners.ts";
import { MoreSheet } from "./more-sheet.tsx";
import { NamePlate, Overlay } from "./overlay.tsx";
import type { CallProps, Sheet } from "./props.ts";
import { SecuritySheet } from "./security-sheet.tsx";
import { SelfView } from "./self-view.tsx";
import { Remote } from "./stage.tsx";
import { WordsSheet } from "./words-sheet.tsx";

addSessionIcons();

/** Comes with the session, for every screen of the patient's. */
export const mountNotices = mountTrailNotices;

export function CallView({ side, call, devices, relay, trail, takeOver, guests, send }: CallProps) {
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
        <Overlay
          side={side}
          call={call}
          relay={relay}
          trail={trail}
          takeOver={takeOver}
          guests={guests}
          sheet={sheet}
          onSheet={openSheet}
          chip={chip}
        />
        <NamePlate call={call} />
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
        <SecuritySheet call={call} relay={relay} onClose={closeSheet} onWords={() => setSheet("words")} />
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
      {ending ? <EndQuestion call={call} send={send} onClose={() => setEnding(false)} /> : null}
    </div>
  );
}

interface EndProps extends Pick<CallProps, "call" | "send"> {
  readonly onClose: () => void;
}

function EndQuestion({ call, send, onClose }: EndProps) {
  return (
    <Confirm
      title={CALL.endAsk}
      yes={CALL.endYes}
      no={CALL.stay}
      onYes={() => send({ type: "end-call" })}
      onClose={onClose}
    >
      <p>{CALL.endMeans(call.remoteName)}</p>
    </Confirm>
  );
}
