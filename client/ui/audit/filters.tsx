import { useEffect, useState } from "preact/hooks";
import { type AuditPerson, type EventFilter, NO_FILTER } from "../../state/audit-model.ts";
import { isSessionId } from "../../state/session-id.ts";
import { useServices } from "../context.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { FILTERS } from "../words/audit.ts";
import {
  type EventGroup,
  eventName,
  eventsOf,
  GROUPS,
  isEventName,
  OUTCOMES,
  personName,
} from "../words/audit-events.ts";
import { dateOf, dateText, dayStart, type Preset, presetOf, presetSpan } from "./filter-dates.ts";

interface Props {
  readonly filter: EventFilter;
  readonly people: readonly AuditPerson[];
  readonly onFilter: (filter: EventFilter) => void;
}

/** On a phone they are behind their heading; what is chosen there counts at once. */
export function Filters({ filter, people, onFilter }: Props) {
  const some = Object.entries(filter).filter(([, part]) => part !== null).length;
  const change = (part: Partial<EventFilter>) => onFilter({ ...filter, ...part });
  const parts = { filter, change };
  return (
    <details class="details audit-filters" open={wide()}>
      <summary>{some === 0 ? FILTERS.title : FILTERS.titleSome(some)}</summary>
      <div class="audit-filter-row">
        <PersonField people={people} {...parts} />
        <WhatField {...parts} />
        <OutcomeField {...parts} />
        <WhenField {...parts} />
        <SessionField {...parts} />
      </div>
      {some === 0 ? null : (
        <Button tone="quiet" icon="close" onPress={() => onFilter(NO_FILTER)}>
          {FILTERS.clear}
        </Button>
      )}
    </details>
  );
}

const wide = () => matchMedia("(width >= 56rem)").matches;

interface PartProps {
  readonly filter: EventFilter;
  readonly change: (part: Partial<EventFilter>) => void;
}

function PersonField({ filter, people, change }: PartProps & { readonly people: readonly AuditPerson[] }) {
  const known = people.some(({ account }) => account === filter.account);
  const all =
    filter.account === null || known ? people : [...people, { account: filter.account, name: null }];
  return (
    <Field label={FILTERS.person}>
      {(ids) => (
        <select
          {...ids}
          class="select"
          value={filter.account ?? ""}
          onChange={(event) => change({ account: event.currentTarget.value || null })}
        >
          <option value="">{FILTERS.anyone}</option>
          {all.map(({ account }) => (
            <option key={account} value={account}>
              {personName(account, people)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

const GROUP_NAMES = Object.keys(GROUPS) as readonly EventGroup[];
const OF_GROUP = "all-";

function WhatField({ filter, change }: PartProps) {
  const choose = (value: string) => {
    const group = GROUP_NAMES.find((each) => value === OF_GROUP + each);
    if (group !== undefined) change({ actions: eventsOf(group) });
    else change({ actions: isEventName(value) ? [value] : null });
  };
  return (
    <Field label={FILTERS.what}>
      {(ids) => (
        <select
          {...ids}
          class="select"
          value={whatOf(filter)}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <option value="">{FILTERS.anything}</option>
          {GROUP_NAMES.map((group) => (
            <optgroup key={group} label={GROUPS[group]}>
              <option value={OF_GROUP + group}>{FILTERS.allOf(GROUPS[group])}</option>
              {eventsOf(group).map((name) => (
                <option key={name} value={name}>
                  {eventName(name)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      )}
    </Field>
  );
}

function whatOf({ actions }: EventFilter): string {
  if (actions === null) return "";
  const group = GROUP_NAMES.find((each) => eventsOf(each).join() === actions.join());
  return actions.length > 1 && group !== undefined ? OF_GROUP + group : (actions[0] ?? "");
}

function OutcomeField({ filter, change }: PartProps) {
  const outcomes = ["success", "failure"] as const;
  return (
    <Field label={FILTERS.outcome}>
      {(ids) => (
        <select
          {...ids}
          class="select"
          value={filter.outcome ?? ""}
          onChange={(event) =>
            change({ outcome: outcomes.find((each) => each === event.currentTarget.value) ?? null })
          }
        >
          <option value="">{FILTERS.anyOutcome}</option>
          {outcomes.map((outcome) => (
            <option key={outcome} value={outcome}>
              {OUTCOMES[outcome]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

const PRESETS: Record<Preset, string> = {
  any: FILTERS.anyTime,
  today: FILTERS.today,
  week: FILTERS.week,
  month: FILTERS.month,
  chosen: FILTERS.chosen,
};
const PRESET_NAMES = Object.keys(PRESETS) as readonly Preset[];

function WhenField({ filter, change }: PartProps) {
  const { now } = useServices();
  const [choosing, setChoosing] = useState(false);
  const preset = choosing ? "chosen" : presetOf(filter, now());
  const choose = (value: string) => {
    const chosen = PRESET_NAMES.find((each) => each === value) ?? "any";
    setChoosing(chosen === "chosen");
    // Days are chosen beginning with today.
    if (chosen === "chosen") change({ from: filter.from ?? dayStart(now()), until: filter.until });
    else change(presetSpan(chosen, now()));
  };
  return (
    <>
      <Field label={FILTERS.when}>
        {(ids) => (
          <select
            {...ids}
            class="select"
            value={preset}
            onChange={(event) => choose(event.currentTarget.value)}
          >
            {PRESET_NAMES.map((each) => (
              <option key={each} value={each}>
                {PRESETS[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {preset === "chosen" ? (
        <>
          <DateField
            label={FILTERS.from}
            value={filter.from}
            onDate={(text) => change({ from: dateOf(text) })}
          />
          <DateField
            label={FILTERS.until}
            // A day is in the span up to its end.
            value={filter.until === null ? null : dayStart(filter.until, -1)}
            onDate={(text) => change({ until: dateOf(text, 1) })}
          />
        </>
      ) : null}
    </>
  );
}

interface DateProps {
  readonly label: string;
  readonly value: number | null;
  readonly onDate: (text: string) => void;
}

function DateField({ label, value, onDate }: DateProps) {
  return (
    <Field label={label}>
      {(ids) => (
        <input
          {...ids}
          class="input"
          type="date"
          value={value === null ? "" : dateText(value)}
          onChange={(event) => onDate(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** Takes an id when it is whole, so that nothing is looked for that cannot be there. */
function SessionField({ filter, change }: PartProps) {
  const [text, setText] = useState(filter.session ?? "");
  // Another way leads to a session's events, and away from them.
  useEffect(() => setText(filter.session ?? ""), [filter.session]);
  const wrong = text !== "" && text.length >= 22 && !isSessionId(text);
  const type = (raw: string) => {
    const next = raw.trim();
    setText(next);
    if (next === "" && filter.session !== null) change({ session: null });
    else if (isSessionId(next) && next !== filter.session) change({ session: next });
  };
  return (
    <Field label={FILTERS.session} error={wrong ? FILTERS.sessionWrong : null}>
      {(ids) => (
        <input
          {...ids}
          class="input"
          name="session"
          autocomplete="off"
          spellcheck={false}
          maxLength={64}
          value={text}
          onInput={(event) => type(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
