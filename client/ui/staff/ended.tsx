import type { EndedState } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { ENDED_ICONS } from "../kit/icon.tsx";
import { NoticeBox } from "../kit/notice.tsx";
import { knockWords } from "../words/call.ts";
import { ENDED, endedForStaff } from "../words/ended.ts";
import { span } from "../words/time.ts";
import { COMMON } from "../words.ts";
import type { StaffView } from "./app.tsx";
import { DoorPage } from "./door.tsx";

export function EndedScreen({ ended, state, send }: StaffView & { readonly ended: EndedState }) {
  const words = endedForStaff(ended.reason, ended.remoteName);
  const waiting = knockWords(state.guests.map((guest) => guest.name));
  return (
    <DoorPage title={words.happened} icon={ENDED_ICONS[words.tone]}>
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
      <p class="hint">
        {ended.duration === null ? "" : `${ENDED.lasted(span(ended.duration))} `}
        {ENDED.nothingKept}
      </p>
      <div role="status">
        {waiting === null ? null : (
          <NoticeBox tone="good" icon="knock">
            {waiting}.
          </NoticeBox>
        )}
      </div>
      {words.wayOut === "reload" ? (
        <Button tone="primary" wide large onPress={() => send({ type: "take-over" })}>
          {COMMON.reload}
        </Button>
      ) : (
        <Button tone="primary" wide large onPress={() => send({ type: "go", to: "desk" })}>
          {ENDED.desk}
        </Button>
      )}
      {words.tone === "calm" ? null : <p class="code">{COMMON.code(words.code)}</p>}
    </DoorPage>
  );
}
