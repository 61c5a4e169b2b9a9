import { Choice, Field } from "../kit/field.tsx";
import { HOURS, NEW_INVITE, ROOM_DAYS } from "../words/new-invite.ts";
import { count } from "../words/time.ts";
import {
  type DraftError,
  type InviteDraft,
  type InviteRules,
  localDate,
  todayIsLonger,
  type When,
} from "./invite-form.ts";

interface Props {
  readonly draft: InviteDraft;
  readonly rules: InviteRules;
  readonly change: (part: Partial<InviteDraft>) => void;
  readonly errors: readonly DraftError[];
  readonly now: number;
}

/** When one can knock: a window for one session, a number of days for a personal room. */
export function WhenFields(props: Props) {
  return props.draft.use === "single" ? <SessionWindow {...props} /> : <RoomDays {...props} />;
}

function SessionWindow({ draft, rules, change, errors, now }: Props) {
  const options: readonly { readonly when: When; readonly name: string }[] = [
    { when: "now", name: NEW_INVITE.now },
    ...(todayIsLonger(now) ? [{ when: "today" as const, name: NEW_INVITE.today }] : []),
    { when: "chosen", name: NEW_INVITE.chosen },
  ];
  return (
    <fieldset class="field">
      <legend class="field-label">{NEW_INVITE.when}</legend>
      <div class="choices">
        {options.map(({ when, name }) => (
          <Choice
            key={when}
            type="radio"
            group="when"
            name={name}
            checked={draft.when === when}
            onChoose={() => change({ when })}
          />
        ))}
      </div>
      {draft.when === "chosen" ? (
        <ChosenTime draft={draft} rules={rules} change={change} errors={errors} now={now} />
      ) : null}
    </fieldset>
  );
}

function ChosenTime({ draft, change, errors, now }: Props) {
  const error = errors.includes("date-missing")
    ? NEW_INVITE.dateMissing
    : errors.includes("date-past")
      ? NEW_INVITE.datePast
      : errors.includes("date-far")
        ? NEW_INVITE.dateFar
        : null;
  return (
    <div class="chosen-time">
      <Field label={NEW_INVITE.date} error={error}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="date"
            name="date"
            min={localDate(new Date(now))}
            value={draft.date}
            onInput={(event) => change({ date: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={NEW_INVITE.clock}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="time"
            name="clock"
            value={draft.clock}
            onInput={(event) => change({ clock: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={NEW_INVITE.open}>
        {(ids) => (
          <select
            {...ids}
            class="select"
            name="hours"
            value={String(draft.hours)}
            onChange={(event) => change({ hours: Number(event.currentTarget.value) })}
          >
            {HOURS.map(({ hours, name }) => (
              <option key={hours} value={String(hours)}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <p class="hint chosen-early">{NEW_INVITE.early}</p>
    </div>
  );
}

function RoomDays({ draft, rules, change }: Props) {
  const most = rules.roomDays;
  const offered = ROOM_DAYS.filter(({ days }) => days <= most);
  // Her clinic's own limit is the longest choice, where it is shorter than ours.
  const longest = ROOM_DAYS.some(({ days }) => days > most) && !offered.some(({ days }) => days === most);
  const choices = longest ? [...offered, { days: most, name: count(most, "day") }] : offered;
  return (
    <Field label={NEW_INVITE.howLong} {...(longest ? { hint: NEW_INVITE.atMost(most) } : {})}>
      {(ids) => (
        <select
          {...ids}
          class="select select-short"
          name="days"
          value={String(Math.min(draft.days, most))}
          onChange={(event) => change({ days: Number(event.currentTarget.value) })}
        >
          {choices.map(({ days, name }) => (
            <option key={days} value={String(days)}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
