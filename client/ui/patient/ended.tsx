import type { EndedState } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { ENDED_ICONS, Icon } from "../kit/icon.tsx";
import { Message, NoticeBox } from "../kit/notice.tsx";
import { ENDED, endedForPatient } from "../words/ended.ts";
import { span } from "../words/time.ts";
import { unsent } from "../words/trail.ts";
import { COMMON } from "../words.ts";
import type { PatientView } from "./app.tsx";
import { PatientPage } from "./page.tsx";

interface Props extends PatientView {
  readonly ended: EndedState;
  readonly forgotten: boolean;
}

export function EndedScreen({ ended, forgotten, state, send }: Props) {
  const words = endedForPatient(ended.reason, ended.remoteName || state.therapist);
  return (
    <PatientPage title={words.happened} icon={ENDED_ICONS[words.tone]}>
      {words.tone === "danger" ? (
        <NoticeBox tone="danger">
          <p class="notice-what">{words.means}</p>
          <p>{words.todo}</p>
        </NoticeBox>
      ) : (
        <>
          <p class="lead">{words.means}</p>
          <p>{words.todo}</p>
        </>
      )}
      {words.wayOut === null || forgotten ? null : (
        <Button tone="primary" wide large onPress={() => send({ type: "try-again" })}>
          {words.wayOut === "reload"
            ? COMMON.reload
            : ended.reason === "left"
              ? ENDED.backIn
              : COMMON.tryAgain}
        </Button>
      )}
      <p class="reassure">
        <Icon name="check" />
        <span>
          {ended.duration === null ? "" : `${ENDED.lasted(span(ended.duration))} `}
          {ENDED.nothingKept}
        </span>
      </p>
      <div role="status">{forgotten ? <Forgotten pending={state.trail?.pending ?? 0} /> : null}</div>
      {forgotten ? null : (
        <div class="forget">
          <Button wide onPress={() => send({ type: "forget" })}>
            {ENDED.forget}
          </Button>
          <p class="hint">{ENDED.forgetMeans}</p>
        </div>
      )}
      {words.tone === "calm" ? null : <p class="code">{COMMON.code(words.code)}</p>}
    </PatientPage>
  );
}

/** What goes on record is not forgotten before it is there. */
function Forgotten({ pending }: { readonly pending: number }) {
  return pending === 0 ? (
    <NoticeBox tone="good">{ENDED.forgotten}</NoticeBox>
  ) : (
    <Message notice={unsent(pending)} tone="plain" live={false} />
  );
}
