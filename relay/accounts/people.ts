/** What admins do about people: let them in, say what they may do, and end it. */
import type * as v from "valibot";
import { Refusal } from "../refusal.ts";
import {
  ENROLMENT_MS,
  type Enrolment,
  type EnrolmentMade,
  type People as PeopleList,
  type Person,
  type PersonInvite,
  Role,
} from "../wire/accounts.ts";
import { type Changed, type PersonChange, rolesText } from "./changes.ts";
import { hashSecret, newId, newSecret, type Random } from "./secrets.ts";
import type { AccountRow, AccountStore, EnrolmentRow, PersonRow } from "./store.ts";

export interface PeopleDependencies {
  readonly store: AccountStore;
  readonly now: () => number;
  readonly random: Random;
  readonly changed: Changed;
  readonly signedOut: (logins: readonly string[]) => void;
  /** These sessions are over: their sockets are to be closed. */
  readonly ended: (sessions: readonly string[]) => void;
}

/** `by` is the admin's account. Everything about one person throws PERSON-UNKNOWN, most of it LAST-ADMIN. */
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
  const { store, now, random, changed, signedOut, ended } = dependencies;

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

  const record = (
    by: string,
    what: PersonChange["what"],
    { id, name }: Pick<AccountRow, "id" | "name">,
    from: string | null,
    to: string | null,
  ) => changed({ by, what, about: { id, name }, from, to });

  async function person(id: string): Promise<Person> {
    const row = (await store.people()).find((each) => each.id === id);
    if (!row) throw new Refusal("PERSON-UNKNOWN");
    return shownPerson(row);
  }

  async function setState(by: string, id: string, state: AccountRow["state"]): Promise<Person> {
    const { before, logins } = done(await store.setState(id, state));
    signedOut(logins);
    if (before.state !== state) await record(by, "person.state", before, before.state, state);
    return person(id);
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
      await store.rename(id, name);
      if (before.name !== name) await record(id, "person.name", { id, name }, before.name, name);
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
      await store.addEnrolment(enrolment);
      await record(by, "person.invited", { id: enrolment.account, name }, null, rolesText(enrolment.roles));
      return { enrolment: shownEnrolment(enrolment), token };
    },

    async revokeEnrolment(by, id) {
      const found = (await store.listEnrolments(now())).find((each) => each.id === id);
      if (!found || !(await store.revokeEnrolment(id))) throw new Refusal("ENROLMENT-UNKNOWN");
      const about = { id: found.account, name: found.name };
      await record(by, "person.revoked", about, rolesText(found.roles), null);
    },

    async setRoles(by, id, wanted) {
      const roles = ordered(wanted);
      const { before, logins } = done(await store.setRoles(id, roles));
      // The desk is the practitioner's: without the role an open one closes.
      if (before.roles.includes("practitioner") && !roles.includes("practitioner")) signedOut(logins);
      const [from, to] = [rolesText(before.roles), rolesText(roles)];
      if (from !== to) await record(by, "person.roles", before, from, to);
      return person(id);
    },

    suspend: (by, id) => setState(by, id, "suspended"),
    resume: (by, id) => setState(by, id, "active"),

    async remove(by, id) {
      const { before, logins, sessions } = done(await store.remove(id));
      signedOut(logins);
      ended(sessions);
      await record(by, "person.removed", before, rolesText(before.roles), null);
    },

    async reset(by, id) {
      const { token, row } = link();
      const { before, logins, enrolment } = done(await store.reset({ ...row, account: id }));
      signedOut(logins);
      await record(by, "person.reset", before, null, null);
      return { enrolment: shownEnrolment(enrolment), token };
    },
  };
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
