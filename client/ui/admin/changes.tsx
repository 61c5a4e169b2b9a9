import { useState } from "preact/hooks";
import type { Change } from "../../../relay/wire/policy.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { ColumnHeads } from "../kit/column-heads.tsx";
import { Field } from "../kit/field.tsx";
import { CHANGES, changeWords, matches } from "../words/changes.ts";
import { stamp, systemTime } from "../words/time.ts";
import type { SendAdmin } from "./admin.tsx";

interface Props {
  readonly changes: readonly Change[];
  readonly more: boolean;
  readonly busy: boolean;
  readonly send: SendAdmin;
}

const COLUMNS = [CHANGES.when, CHANGES.who, CHANGES.what, CHANGES.from, CHANGES.to] as const;

export function ChangesPage({ changes, more, busy, send }: Props) {
  const [query, setQuery] = useState("");
  const now = useNow(60_000);
  const time = systemTime();
  if (changes.length === 0) return <p class="nobody">{CHANGES.none}</p>;
  const rows = changes
    .map((change) => ({
      id: change.id,
      when: stamp(change.at, now, time),
      who: change.byName,
      ...changeWords(change),
    }))
    .filter((row) => matches(query, row.when, row.who, row.what, row.from, row.to));
  return (
    <>
      <div class="find">
        <Field label={CHANGES.filter} hint={CHANGES.filterHint}>
          {(ids) => (
            <input
              {...ids}
              class="input"
              type="search"
              name="filter"
              autocomplete="off"
              maxLength={80}
              value={query}
              onInput={(event) => setQuery(event.currentTarget.value)}
            />
          )}
        </Field>
        <p role="status" class="hint">
          {CHANGES.shown(rows.length, changes.length)}
        </p>
      </div>
      {rows.length === 0 ? (
        <p class="nobody">{CHANGES.noneMatch}</p>
      ) : (
        <table class="table table-changes">
          <caption class="visually-hidden">{CHANGES.caption}</caption>
          <thead>
            <tr>
              <ColumnHeads names={COLUMNS} />
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, when, who, what, from, to }) => (
              <tr key={id}>
                <td data-label={CHANGES.when}>{when}</td>
                <td data-label={CHANGES.who}>{who}</td>
                <th scope="row">{what}</th>
                <td data-label={CHANGES.from} class="value">
                  {from}
                </td>
                <td data-label={CHANGES.to} class="value">
                  {to}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {more ? (
        <div class="actions">
          <Button disabled={busy} onPress={() => send({ type: "more-changes" })}>
            {busy ? CHANGES.fetching : CHANGES.older}
          </Button>
        </div>
      ) : null}
    </>
  );
}
