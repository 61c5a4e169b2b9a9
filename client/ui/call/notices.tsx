import type { CallState } from "../../state/model.ts";
import type { RelayState } from "../../transport/types.ts";
import { Icon } from "../kit/icon.tsx";
import {
  FRAMES_REFUSED,
  phaseWords,
  relayLost,
  SHOW_WORDS,
  verification,
  wordsNudge,
} from "../words/call.ts";
import type { CallProps } from "./props.ts";

interface Props {
  readonly side: CallProps["side"];
  readonly call: CallState;
  readonly relay: RelayState;
  readonly sheetOpen: boolean;
  readonly onWords: (opener: HTMLButtonElement) => void;
}

/** Calm lines at the top of the picture. They stay as long as what they say is so. */
export function CallNotices({ side, call, relay, sheetOpen, onWords }: Props) {
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
      {call.framesRefused ? (
        <p class="call-notice">
          <Icon name="shield" />
          <span>
            {FRAMES_REFUSED.happened} {FRAMES_REFUSED.means}
          </span>
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
