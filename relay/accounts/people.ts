/** What admins do about people: let them in, say what they may do, and end it. */
import type * as v from "valibot";
import type { RecordEvent } from "../record.ts";
import { Refusal } from "../refusal.ts";
import type { InTurn } from "../turns.ts";
import {
  ENROLMENT_MS,
  type Enrolment,
  type EnrolmentMade,
  type People as PeopleList,
  type Person,
  type PersonInvite,
  Role,
} from "../wire/accounts.ts";
import { type Changed, eventOf, type PersonChange, rolesText } from "./changes.ts";
import type { Logins } from "./logins.ts";
import { hashSecret, newId, newSecret, type Random } from "./secrets.ts";
import type { AccountRow, AccountStore, EnrolmentRow, PersonRow } from "./store.ts";

export interface PeopleDependencies {
  readonly store: AccountStore;
  readonly now: () => number;
  readonly random: Random;
  readonly record: RecordEvent;
  readonly changed: Changed;
  readonly inTurn: InTurn;
  readonly logins: Pick<Logins, "over">;
  readonly signedOut: (logins: readonly string[]) => void;
  /** These sessions are over: their sockets are to be closed. */
  readonly ended: (sessions: readonly string[]) => void;
}

/**
 * `by` is the admin's account. Everything about one person throws PERSON-UNKNOWN, most of it LAST-ADMIN, and whatever
 * changes something LOG-UNAVAILABLE, with nothing changed.
 */
export interface People {
  list(): Promise<PeopleList>;
  /** A person's own name. */
  rename(account: string, name: string): Promise<void>;
  invite(by: string, invite: v.InferOutput<typeof PersonInvite>): Promise<EnrolmentMade>;
  revokeEnrolment(by: string, id: string): Promise<void>;
  setRoles(by: string, id: string, roles: readonly Role[]): Promise<Person>;
  suspend(by: string, id: string): Promise<Person>;
  resume(by: string, id: string): Promise<Person>;
  remove(by: string, id: string): Promise<void>;
  reset(by: string, id: string): Promise<EnrolmentMade>;
}

export function createPeople(dependencies: PeopleDependencies): People {
  const { store, now, random, record, changed, inTurn, logins: signIns, signedOut, ended } = dependencies;

  function link() {
    const token = newSecret(random);
    const created = now();
    const row = {
      id: newId(random),
      tokenHash: hashSecret(token),
      created,
      expires: created + ENROLMENT_MS,
    };
    return { token, row };
  }

  /** See changes.ts. */
  async function recorded<T>(
    by: string,
    what: PersonChange["what"],
    { id, name }: Pick<AccountRow, "id" | "name">,
    [from, to]: readonly [string | null, string | null],
    act: () => Promise<T>,
  ): Promise<T> {
    const change = { by, what, about: { id, name }, from, to };
    await record(eventOf(change));
    const done = await act();
    await changed(change);
    return done;
  }

  /**
   * The person as they are before a change that may be made. The store decides the same within the write: between the two
   * only a command beside this process could come, and then an event is there of what was not done.
   */
  async function changeable(id: string, keepsAdmin: boolean): Promise<PersonRow> {
    const people = await store.people();
    const found = people.find((each) => each.id === id);
    if (found === undefined) throw new Refusal("PERSON-UNKNOWN");
    if (!keepsAdmin && isAbleAdmin(found) && people.filter(isAbleAdmin).length === 1)
      throw new Refusal("LAST-ADMIN");
    return found;
  }

  async function person(id: string): Promise<Person> {
    const row = (await store.people()).find((each) => each.id === id);
    if (!row) throw new Refusal("PERSON-UNKNOWN");
    return shownPerson(row);
  }

  function setState(by: string, id: string, state: AccountRow["state"]): Promise<Person> {
    return inTurn(async () => {
      const before = await changeable(id, state === "active");
      if (before.state === state) return shownPerson(before);
      await recorded(by, "person.state", before, [before.state, state], async () => {
        const { logins } = done(await store.setState(id, state));
        await signIns.over(id, logins, "suspended");
      });
      return person(id);
    });
  }

  return {
    async list() {
      const time = now();
      const [people, enrolments] = await Promise.all([store.people(), store.listEnrolments(time)]);
      return { people: people.map(shownPerson), enrolments: enrolments.map(shownEnrolment), now: time };
    },

    async rename(id, name) {
      const before = await store.findAccount(id);
      if (before === null) throw new Refusal("PERSON-UNKNOWN");
      if (before.name === name) return;
      await recorded(id, "person.name", { id, name }, [before.name, name], () => store.rename(id, name));
    },

    async invite(by, { name, roles }) {
      const { token, row } = link();
      const enrolment: EnrolmentRow = {
        ...row,
        purpose: "colleague",
        name,
        roles: ordered(roles),
        account: newId(random),
      };
      const about = { id: enrolment.account, name };
      await recorded(by, "person.invited", about, [null, rolesText(enrolment.roles)], () =>
        store.addEnrolment(enrolment),
      );
      return { enrolment: shownEnrolment(enrolment), token };
    },

    revokeEnrolment: (by, id) =>
      inTurn(async () => {
        const found = (await store.listEnrolments(now())).find((each) => each.id === id);
        if (!found) throw new Refusal("ENROLMENT-UNKNOWN");
        const about = { id: found.account, name: found.name };
        await recorded(by, "person.revoked", about, [rolesText(found.roles), null], async () => {
          if (!(await store.revokeEnrolment(id))) throw new Refusal("ENROLMENT-UNKNOWN");
        });
      }),

    setRoles: (by, id, wanted) =>
      inTurn(async () => {
        const roles = ordered(wanted);
        const before = await changeable(id, roles.includes("admin"));
        const [from, to] = [rolesText(before.roles), rolesText(roles)];
        if (from === to) return shownPerson(before);
        await recorded(by, "person.roles", before, [from, to], async () => {
          const { logins } = done(await store.setRoles(id, roles));
          // The desk is the practitioner's: without the role an open one closes.
          if (before.roles.includes("practitioner") && !roles.includes("practitioner")) signedOut(logins);
        });
        return person(id);
      }),

    suspend: (by, id) => setState(by, id, "suspended"),
    resume: (by, id) => setState(by, id, "active"),

    remove: (by, id) =>
      inTurn(async () => {
        const before = await changeable(id, false);
        await recorded(by, "person.removed", before, [rolesText(before.roles), null], async () => {
          const { logins, sessions } = done(await store.remove(id));
          ended(sessions);
          await signIns.over(id, logins, "removed");
        });
      }),

    reset: (by, id) =>
      inTurn(async () => {
        const { token, row } = link();
        const before = await changeable(id, false);
        return recorded(by, "person.reset", before, [null, null], async () => {
          const { logins, enrolment } = done(await store.reset({ ...row, account: id }));
          await signIns.over(id, logins, "reset");
          return { enrolment: shownEnrolment(enrolment), token };
        });
      }),
  };
}

/** Somebody who can let people in, as store.ts has it. */
function isAbleAdmin({ state, roles, passkeys }: PersonRow): boolean {
  return state === "active" && roles.includes("admin") && passkeys > 0;
}

function done<T>(outcome: T | "unknown" | "last-admin"): T {
  if (outcome === "unknown") throw new Refusal("PERSON-UNKNOWN");
  if (outcome === "last-admin") throw new Refusal("LAST-ADMIN");
  return outcome;
}

function ordered(roles: readonly Role[]): Role[] {
  return Role.options.filter((role) => roles.includes(role));
}

function shownPerson({ id, name, roles, state, created, seen, passkeys }: PersonRow): Person {
  return { id, name, roles: [...roles], state, created, seen, passkeys };
}

function shownEnrolment({ id, purpose, name, roles, created, expires }: EnrolmentRow): Enrolment {
  return { id, purpose, name, roles: [...roles], created, expires };
}
