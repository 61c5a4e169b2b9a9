import { useState } from "preact/hooks";
import type { Enrolment, Person } from "../../../relay/wire/accounts.ts";
import type { AdminState } from "../../state/admin-model.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { ColumnHeads } from "../kit/column-heads.tsx";
import { roleWords } from "../words/account.ts";
import { PEOPLE, passkeysWords, seenWords, stateWords } from "../words/people.ts";
import { systemTime } from "../words/time.ts";
import type { SendAdmin } from "./admin.tsx";
import { InvitePerson } from "./invite-person.tsx";
import { MadeLink } from "./made-link.tsx";
import { ManagePerson } from "./manage-person.tsx";
import { OpenLinks } from "./open-links.tsx";

interface Props {
  readonly people: readonly Person[];
  readonly enrolments: readonly Enrolment[];
  readonly admin: AdminState;
  /** Whose page this is. */
  readonly self: string | null;
  readonly send: SendAdmin;
}

export function PeoplePage({ people, enrolments, admin, self, send }: Props) {
  const [managed, setManaged] = useState<string | null>(null);
  const person = people.find(({ id }) => id === managed);
  const { made, busy } = admin;
  return (
    <>
      {made === null ? null : <MadeLink made={made} send={send} />}
      <InvitePerson busy={busy} invited={admin.done === "invited"} send={send} />
      <PeopleTable people={people} self={self} onManage={setManaged} />
      {people.length === 1 ? <p class="hint">{PEOPLE.alone}</p> : null}
      <OpenLinks enrolments={enrolments} busy={busy} send={send} />
      {person === undefined ? null : (
        <ManagePerson
          key={person.id}
          person={person}
          self={person.id === self}
          lastAdmin={isLastAdmin(person, people)}
          send={send}
          onClose={() => setManaged(null)}
        />
      )}
    </>
  );
}

/** Somebody must be able to let people in: a suspended admin cannot. */
function isLastAdmin(person: Person, people: readonly Person[]): boolean {
  const admins = people.filter(({ roles, state }) => roles.includes("admin") && state === "active");
  return admins.length === 1 && admins[0]?.id === person.id;
}

interface TableProps {
  readonly people: readonly Person[];
  readonly self: string | null;
  readonly onManage: (id: string) => void;
}

const COLUMNS = [PEOPLE.name, PEOPLE.roles, PEOPLE.state, PEOPLE.seen, PEOPLE.passkeys] as const;

/** On a phone its rows are laid out as cards; to who listens it stays a table. */
function PeopleTable({ people, self, onManage }: TableProps) {
  const now = useNow(60_000);
  const time = systemTime();
  return (
    <table class="table table-people">
      <caption class="visually-hidden">{PEOPLE.caption}</caption>
      <thead>
        <tr>
          <ColumnHeads names={COLUMNS} />
          <th scope="col">
            <span class="visually-hidden">{PEOPLE.manage}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {people.map((person) => (
          <tr key={person.id} class={person.state === "active" ? "" : "row-off"}>
            <th scope="row">
              {person.name}
              {person.id === self ? <span class="hint"> {PEOPLE.you}</span> : null}
            </th>
            <td data-label={PEOPLE.roles}>
              <span class="chips">
                {person.roles.map((role) => (
                  <span class="chip" key={role}>
                    {roleWords(role)}
                  </span>
                ))}
              </span>
            </td>
            <td data-label={PEOPLE.state}>
              <span class={person.state === "active" ? "chip chip-good" : "chip chip-attention"}>
                {stateWords(person.state)}
              </span>
            </td>
            <td data-label={PEOPLE.seen}>{seenWords(person.seen, now, time)}</td>
            <td data-label={PEOPLE.passkeys}>{passkeysWords(person.passkeys)}</td>
            <td class="table-action">
              <Button label={PEOPLE.manageWhat(person.name)} onPress={() => onManage(person.id)}>
                {PEOPLE.manage}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
