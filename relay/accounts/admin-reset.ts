/**
 * The way back in for a clinic whose admins have lost their passkeys. It asks for no passkey: whoever can write the
 * database can do anything to it anyway. It leaves the account, its roles and its vault as they are.
 *
 * A relay may run meanwhile, and only one process may append to the audit log: what is done here waits in the database
 * until the relay puts it on record, before anything else that it does.
 */
import type { RelayHappening } from "../../crypto/audit/registry.ts";
import { ENROLMENT_MS } from "../wire/accounts.ts";
import type { PersonChange } from "./changes.ts";
import { hashSecret, newId, newSecret, type Random } from "./secrets.ts";
import type { AccountStore } from "./store.ts";

export type AdminReset =
  | { readonly outcome: "made"; readonly name: string; readonly token: string; readonly expires: number }
  /** Nobody, or several: which one is to be named. */
  | { readonly outcome: "choose"; readonly names: readonly string[] };

export interface AdminResetDependencies {
  readonly store: AccountStore;
  /** Resolves when the event waits on the disk for the relay that runs now or next. */
  readonly leave: (event: RelayHappening) => Promise<void>;
  readonly record: (change: PersonChange & { readonly at: number; readonly byName: string }) => Promise<void>;
  readonly now: () => number;
  readonly random: Random;
}

/** @param name of the admin; may be left out where there is one */
export async function resetAdmin(
  { store, leave, record, now, random }: AdminResetDependencies,
  name: string | null,
): Promise<AdminReset> {
  const people = await store.people();
  const admins = people.filter(({ roles, state }) => roles.includes("admin") && state === "active");
  const [admin, ...others] = admins.filter((each) => name === null || each.name === name);
  if (admin === undefined || others.length > 0)
    return { outcome: "choose", names: admins.map((each) => each.name) };
  const token = newSecret(random);
  const created = now();
  const link = { id: newId(random), tokenHash: hashSecret(token), account: admin.id };
  // A crash after this line leaves an event of what was not done, never the other way round.
  const common = { outcome: "success", account: admin.id } as const;
  const details = { what: "person.reset", from: "beside the relay" };
  await leave({ action: "person.changed", ...common, subject: admin.id, details });
  const done = await store.reset({ ...link, created, expires: created + ENROLMENT_MS }, true);
  if (typeof done === "string") return { outcome: "choose", names: [] };
  for (const subject of done.logins)
    await leave({ action: "sign-in.ended", ...common, subject, details: { reason: "reset" } });
  const about = { id: admin.id, name: admin.name };
  const by = { by: admin.id, byName: "Whoever runs the relay" };
  await record({ ...by, at: created, what: "person.reset", about, from: null, to: null });
  return { outcome: "made", name: admin.name, token, expires: created + ENROLMENT_MS };
}
