import type { ActivityDay } from "../../state/audit-model.ts";
import { NO_FILTER } from "../../state/audit-model.ts";
import { useServices } from "../context.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { ACTIVITY, AUDIT } from "../words/audit.ts";
import { longDate, shortDay, systemTime } from "../words/time.ts";
import { busiest, totals } from "./activity-days.ts";
import type { AuditProps } from "./audit.tsx";
import { dayStart } from "./filter-dates.ts";
import { Plot } from "./plot.tsx";

const CHOICES = [4, 8, 26] as const;

export function ActivityPage({ audit, send }: AuditProps) {
  const { weeks, days } = audit.activity;
  return (
    <>
      <div class="find">
        <Field label={ACTIVITY.weeks}>
          {(ids) => (
            <select
              {...ids}
              class="select"
              value={String(weeks)}
              onChange={(event) => send({ type: "choose-weeks", weeks: Number(event.currentTarget.value) })}
            >
              {CHOICES.map((each) => (
                <option key={each} value={String(each)}>
                  {ACTIVITY.weeksOf(each)}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {days !== null ? (
        <Days days={days} send={send} />
      ) : audit.problem === null ? (
        <p role="status" class="hint">
          {AUDIT.loading}
        </p>
      ) : null}
    </>
  );
}

function Days({ days, send }: { readonly days: readonly ActivityDay[]; readonly send: AuditProps["send"] }) {
  const now = useServices().now();
  const time = systemTime();
  const { events, failures } = totals(days);
  const most = busiest(days);
  const number = (value: number) => value.toLocaleString(time.locale);
  const shown = { days, time, now };
  if (events === 0) return <p class="nobody">{ACTIVITY.none}</p>;
  return (
    <>
      <p role="status" class="audit-summary">
        {ACTIVITY.summary(events, failures, days.length, time.locale)}
        {most === null
          ? null
          : ` ${ACTIVITY.busiest(longDate(most.day, time), number(most.success + most.failure))}`}
      </p>
      <section class="card" aria-labelledby="plot-all">
        <h2 id="plot-all">{ACTIVITY.all}</h2>
        <Plot tone="calm" label={ACTIVITY.all} heightOf={(day) => day.success + day.failure} {...shown} />
      </section>
      <section class="card" aria-labelledby="plot-failures">
        <h2 id="plot-failures">{ACTIVITY.failures}</h2>
        <p class="hint">{ACTIVITY.failuresMeans}</p>
        <Plot tone="attention" label={ACTIVITY.failures} heightOf={(day) => day.failure} {...shown} />
      </section>
      <details class="details">
        <summary>{ACTIVITY.table}</summary>
        <table class="table table-days">
          <thead>
            <tr>
              <th scope="col">{ACTIVITY.day}</th>
              <th scope="col">{ACTIVITY.events}</th>
              <th scope="col">{ACTIVITY.failed}</th>
              <th scope="col">
                <span class="visually-hidden">{ACTIVITY.showDay}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map((day) => (
              <tr key={day.day}>
                <th scope="row">{shortDay(day.day, now, time)}</th>
                <td data-label={ACTIVITY.events}>{number(day.success + day.failure)}</td>
                <td data-label={ACTIVITY.failed}>{number(day.failure)}</td>
                <td class="table-action">
                  <Button
                    label={ACTIVITY.show(longDate(day.day, time))}
                    disabled={day.success + day.failure === 0}
                    onPress={() => showDay(day.day, send)}
                  >
                    {ACTIVITY.showDay}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

function showDay(day: number, send: AuditProps["send"]): void {
  send({ type: "filter", filter: { ...NO_FILTER, from: day, until: dayStart(day, 1) } });
  send({ type: "open-page", page: "events" });
}
