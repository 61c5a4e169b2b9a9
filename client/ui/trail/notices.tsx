/** What is wrong with the record, on every screen until somebody has taken note of it. */
import type { Alarm, TrailStatus } from "../../audit/types.ts";
import { Button } from "../kit/button.tsx";
import { Message } from "../kit/notice.tsx";
import { alarmForStaff, refusedForStaff, storageForStaff, TRAIL } from "../words/trail.ts";

export function StaffTrailNotices({
  trail,
  onGoOn,
}: {
  readonly trail: TrailStatus;
  readonly onGoOn: () => void;
}) {
  const { alarm, storage, refused } = trail;
  const lacking = storageForStaff(storage);
  return (
    <>
      {alarm === null ? null : (
        <Message notice={alarmForStaff(alarm.code)} tone="danger">
          <Views alarm={alarm} />
          <div class="actions">
            <Button onPress={onGoOn}>{TRAIL.goOn}</Button>
          </div>
        </Message>
      )}
      {lacking === null ? null : <Message notice={lacking} tone="plain" />}
      {refused === 0 ? null : <Message notice={refusedForStaff(refused)} />}
    </>
  );
}

function Views({ alarm }: { readonly alarm: Alarm }) {
  return (
    <details class="trail-views">
      <summary>{TRAIL.views}</summary>
      <p>{TRAIL.mine}</p>
      <pre>{alarm.mine}</pre>
      <p>{TRAIL.theirs}</p>
      <pre>{alarm.theirs}</pre>
    </details>
  );
}
