import { useEffect, useState } from "preact/hooks";
import { preloadCall } from "../call/lazy.tsx";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { Confirm } from "../kit/dialog.tsx";
import { Icon, type IconName } from "../kit/icon.tsx";
import { Message } from "../kit/notice.tsx";
import { Monogram } from "../kit/person.tsx";
import { sharedLink, WAITING, waitedFor, waitingStatus, waitingWords } from "../words/patient.ts";
import type { PatientView } from "./app.tsx";
import { preloadEnded } from "./lazy-ended.tsx";
import { ClinicText, TherapistTitle } from "./look.tsx";
import { PatientPage } from "./page.tsx";

export function WaitingScreen({ state, send }: PatientView) {
  const [leaving, setLeaving] = useState(false);
  const { microphone, camera } = state.devices;
  const words = waitingWords(waitingStatus(state), state.therapist);
  useEffect(() => {
    preloadCall();
    preloadEnded();
  }, []);
  return (
    <PatientPage step={WAITING.step} title={WAITING.title} centred>
      <div class="breath">
        <Monogram name={state.therapist} />
      </div>
      <TherapistTitle therapist={state.therapist} />
      <div class="waiting-status" role="status">
        <p class="waiting-what">{words.title}</p>
        <p>{words.text}</p>
      </div>
      <div role="status">
        {state.shared ? <Message notice={sharedLink(state.therapist)} live={false} /> : null}
      </div>
      <ClinicText which="waiting" />
      {state.waitingSince === null ? null : <Waited since={state.waitingSince} />}
      <ul class="waiting-facts">
        <Fact icon={microphone.state === "on" ? "microphone" : "microphone-off"}>
          {WAITING.sound(microphone.state === "on", camera.state === "on")}
        </Fact>
        <Fact icon="lock">{WAITING.alone(state.therapist)}</Fact>
        <Fact icon="check">{WAITING.safe}</Fact>
      </ul>
      <Button tone="quiet" onPress={() => setLeaving(true)}>
        {WAITING.leave}
      </Button>
      {leaving ? (
        <Confirm
          title={WAITING.leaveAsk}
          yes={WAITING.leaveYes}
          no={WAITING.stay}
          onYes={() => send({ type: "leave" })}
          onClose={() => setLeaving(false)}
        >
          <p>{WAITING.leaveMeans}</p>
        </Confirm>
      ) : null}
    </PatientPage>
  );
}

function Fact({ icon, children }: { readonly icon: IconName; readonly children: string }) {
  return (
    <li>
      <Icon name={icon} />
      <span>{children}</span>
    </li>
  );
}

/** Its own component, so that the clock does not render the rest. */
function Waited({ since }: { readonly since: number }) {
  const now = useNow(15_000);
  return <p class="hint">{waitedFor(now - since)}</p>;
}
