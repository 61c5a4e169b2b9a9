import { useEffect, useState } from "preact/hooks";
import type { AuditState, EventRow } from "../../state/audit-model.ts";
import { severalLines } from "../../state/plain-text.ts";
import { useServices } from "../context.ts";
import { Button } from "../kit/button.tsx";
import { ColumnHeads } from "../kit/column-heads.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { REVIEWS } from "../words/audit.ts";
import { personName } from "../words/audit-events.ts";
import { longDate, longStamp, systemTime } from "../words/time.ts";
import type { AuditProps } from "./audit.tsx";
import { dateOf, dateText } from "./filter-dates.ts";
import { Overdue } from "./overdue.tsx";

const MAX_NOTE = 500;
const DAY_MS = 86_400_000;

export function ReviewsPage({ audit, send }: AuditProps) {
  const { reviews } = audit;
  if (reviews === null) return null;
  const time = systemTime();
  return (
    <>
      <Overdue audit={audit} send={send} here />
      {reviews.now <= reviews.due ? (
        <p class="audit-summary">{REVIEWS.due(longDate(reviews.due, time))}</p>
      ) : null}
      <ReviewForm key={reviews.rows[0]?.index ?? -1} audit={audit} rows={reviews.rows} send={send} />
      <section class="admin-section" aria-labelledby="reviews-list">
        <h2 id="reviews-list">{REVIEWS.list}</h2>
        {reviews.rows.length === 0 ? (
          <p class="nobody">{REVIEWS.none}</p>
        ) : (
          <ReviewTable rows={reviews.rows} audit={audit} />
        )}
      </section>
    </>
  );
}

/** From where the last review ended; without one, or without the key to read it, a month back. */
function firstDay(rows: readonly EventRow[], now: number): number {
  const details = rows[0]?.details;
  const until = details?.state === "open" ? details.fields["until"] : undefined;
  return typeof until === "number" && until < now ? until : now - 30 * DAY_MS;
}

interface FormProps extends AuditProps {
  readonly rows: readonly EventRow[];
}

function ReviewForm({ audit, rows, send }: FormProps) {
  const { now } = useServices();
  const [from, setFrom] = useState(() => dateText(firstDay(rows, now())));
  const [until, setUntil] = useState(() => dateText(now()));
  const [note, setNote] = useState("");
  const [submitted, setSubmitted] = useState(false);
  useEffect(() => {
    if (audit.done !== "review") return;
    setNote("");
    setSubmitted(false);
  }, [audit.done]);
  const begin = dateOf(from);
  const end = dateOf(until, 1);
  const wrong = begin === null || end === null || begin >= end || end > now() + DAY_MS;
  const text = severalLines(note);
  const submit = () => {
    setSubmitted(true);
    if (wrong || text === "" || audit.busy !== null) return;
    // The day that is not over yet is signed off up to now.
    send({ type: "sign-review", from: begin, until: Math.min(end, now()), note: text });
  };
  const dates = [
    { label: REVIEWS.from, value: from, set: setFrom },
    { label: REVIEWS.until, value: until, set: setUntil },
  ];
  return (
    <section class="card admin-form" aria-labelledby="review-form">
      <h2 id="review-form">{REVIEWS.open}</h2>
      <Form onSubmit={submit}>
        <div class="audit-dates">
          {dates.map(({ label, value, set }) => (
            <Field key={label} label={label} error={submitted && wrong ? REVIEWS.wrongDays : null}>
              {(ids) => (
                <input
                  {...ids}
                  class="input"
                  type="date"
                  value={value}
                  max={dateText(now())}
                  onInput={(event) => set(event.currentTarget.value)}
                />
              )}
            </Field>
          ))}
        </div>
        <Field
          label={REVIEWS.note}
          hint={REVIEWS.noteHint}
          error={submitted && text === "" ? REVIEWS.noteMissing : null}
        >
          {(ids) => (
            <textarea
              {...ids}
              class="input input-text"
              name="note"
              rows={4}
              maxLength={MAX_NOTE}
              value={note}
              onInput={(event) => setNote(event.currentTarget.value)}
            />
          )}
        </Field>
        <p>{REVIEWS.statement}</p>
        <div class="actions">
          <Button tone="primary" submit disabled={audit.busy !== null}>
            {audit.busy === "review" ? REVIEWS.signing : REVIEWS.sign}
          </Button>
        </div>
      </Form>
    </section>
  );
}

const COLUMNS = [REVIEWS.when, REVIEWS.who, REVIEWS.period, REVIEWS.noteColumn] as const;

function ReviewTable({ rows, audit }: { readonly rows: readonly EventRow[]; readonly audit: AuditState }) {
  const time = systemTime();
  return (
    <table class="table table-reviews">
      <caption class="visually-hidden">{REVIEWS.caption}</caption>
      <thead>
        <tr>
          <ColumnHeads names={COLUMNS} />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const fields = row.details.state === "open" ? row.details.fields : null;
          const { from, until, note } = fields ?? {};
          const known = typeof from === "number" && typeof until === "number";
          return (
            <tr key={row.index}>
              <td data-label={REVIEWS.when}>{longStamp(row.received, time)}</td>
              <th scope="row">
                {row.event?.account == null ? REVIEWS.unknown : personName(row.event.account, audit.people)}
              </th>
              <td data-label={REVIEWS.period}>
                {known
                  ? REVIEWS.periodOf(longDate(from, time), longDate(until, time))
                  : fields === null
                    ? REVIEWS.sealed
                    : REVIEWS.unknown}
              </td>
              <td data-label={REVIEWS.noteColumn} class="value">
                {fields === null ? REVIEWS.sealed : String(note ?? REVIEWS.unknown)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
