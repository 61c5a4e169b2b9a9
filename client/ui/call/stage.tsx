import { useState } from "preact/hooks";
import type { CallState, DevicesState } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { useLasting } from "../kit/clock.ts";
import { Monogram } from "../kit/person.tsx";
import { StreamVideo } from "../kit/video.tsx";
import { CALL, PLACEHOLDER } from "../words/call.ts";

interface Props {
  readonly call: CallState;
  readonly devices: DevicesState;
}

/** A call is there within two seconds, on a slow phone within ten. */
const SLOW_MS = 15_000;

/** The other person: their picture, or a calm stand-in that says why there is none. Sound plays either way. */
export function Remote({ call, devices }: Props) {
  const [start, setStart] = useState<(() => void) | null>(null);
  const { remoteStream } = call;
  const slow = useLasting(call.phase === "connecting", call.number, SLOW_MS);
  const standIn = slow ? PLACEHOLDER.slow(call.remoteName) : standInOf(call);
  return (
    <div class={standIn === null ? "remote" : "remote remote-covered"}>
      {remoteStream === null ? null : (
        <StreamVideo
          stream={remoteStream}
          label={call.remoteName}
          speaker={devices.speaker}
          onBlocked={(begin) => setStart(() => begin)}
          onPlaying={() => setStart(null)}
        />
      )}
      {standIn === null ? null : (
        <div class="stand-in" role="status">
          <div class={call.phase === "live" ? "stand-in-still" : "breath"}>
            <Monogram name={call.remoteName} />
          </div>
          <p class="stand-in-title">{standIn.title}</p>
          {standIn.text === "" ? null : <p>{standIn.text}</p>}
        </div>
      )}
      {start === null ? null : (
        <div class="sound-blocked" role="status">
          <Button tone="primary" large icon="speaker" onPress={start}>
            {CALL.playSound}
          </Button>
          <p>{CALL.playSoundMeans}</p>
        </div>
      )}
    </div>
  );
}

function standInOf(call: CallState): { readonly title: string; readonly text: string } | null {
  if (call.phase === "away") return PLACEHOLDER.away(call.remoteName);
  if (call.phase === "connecting" || call.remoteStream === null)
    return PLACEHOLDER.connecting(call.remoteName);
  return call.remoteCamera ? null : PLACEHOLDER.cameraOff(call.remoteName);
}
