import type { CallState } from "../../state/model.ts";
import type { RelayState } from "../../transport/types.ts";
import { Icon } from "../kit/icon.tsx";
import {
  DESK_ELSEWHERE,
  FRAMES_REFUSED,
  phaseWords,
  relayLost,
  SHOW_WORDS,
  SIGNALS_REFUSED,
  TAKE_DESK_BACK,
  verification,
  wordsNudge,
} from "../words/call.ts";
import type { Notice } from "../words.ts";
import type { CallProps } from "./props.ts";

interface Props {
  readonly side: CallProps["side"];
  readonly call: CallState;
  readonly relay: RelayState;
  readonly takeOver: (() => void) | null;
  readonly sheetOpen: boolean;
  readonly onWords: (opener: HTMLButtonElement) => void;
}

/** Calm lines at the top of the picture. They stay as long as what they say is so. */
export function CallNotices({ side, call, relay, takeOver, sheetOpen, onWords }: Props) {
  const phase = phaseWords(call.phase, call.remoteName);
  const nudge = verification(call) === "there" && !sheetOpen;
  return (
    <div class="call-notices" role="status">
      {phase === null ? null : (
        <p class="call-notice">
          <Icon name="refresh" />
          <span>{phase}</span>
        </p>
      )}
      {relay === "offline" && call.phase === "live" ? (
        <p class="call-notice">
          <Icon name="info" />
          <span>{relayLost(side)}</span>
        </p>
      ) : null}
      {takeOver === null ? null : (
        <p class="call-notice">
          <Icon name="copy" />
          <Sentences notice={DESK_ELSEWHERE} />
          <button type="button" class="call-notice-action" onClick={takeOver}>
            {TAKE_DESK_BACK}
          </button>
        </p>
      )}
      {call.framesRefused ? (
        <p class="call-notice">
          <Icon name="shield" />
          <Sentences notice={FRAMES_REFUSED} />
        </p>
      ) : null}
      {call.signalsRefused ? (
        <p class="call-notice">
          <Icon name="shield" />
          <Sentences notice={SIGNALS_REFUSED} />
        </p>
      ) : null}
      {nudge ? (
        <p class="call-notice">
          <Icon name="words" />
          <span>{wordsNudge(call.remoteName)}</span>
          <button type="button" class="call-notice-action" onClick={(event) => onWords(event.currentTarget)}>
            {SHOW_WORDS}
          </button>
        </p>
      ) : null}
    </div>
  );
}

function Sentences({ notice }: { readonly notice: Notice }) {
  return (
    <span>
      {notice.happened} {notice.means} {notice.todo}
    </span>
  );
}
