/** The tables of accounts, parsed into what the contract speaks of. */
import * as v from "valibot";
import type { AccountRow, EnrolmentRow, LoginRow, PasskeyRow, PersonRow } from "../../accounts/store.ts";
import { Role } from "../../wire/accounts.ts";

/** As `"admin practitioner"`, in the order of the wire's list. */
const RolesText = v.pipe(
  v.string(),
  v.transform((text) => Role.options.filter((role) => text.split(" ").includes(role))),
);

const Account = v.object({
  id: v.string(),
  name: v.string(),
  roles: RolesText,
  state: v.picklist(["active", "suspended"]),
  created: v.number(),
  seen: v.nullable(v.number()),
});
const Person = v.object({ ...Account.entries, passkeys: v.number() });

const Passkey = v.object({
  id: v.string(),
  account: v.string(),
  public_key: v.instance(Uint8Array),
  counter: v.number(),
  transports: v.string(),
  name: v.string(),
  created: v.number(),
  used: v.nullable(v.number()),
  synced: v.number(),
});

const Login = v.object({
  id: v.string(),
  account: v.string(),
  created: v.number(),
  used: v.number(),
  touched: v.number(),
  device: v.string(),
  share: v.instance(Uint8Array),
  passkey: v.nullable(v.string()),
});

const Chain = v.object({
  login: v.string(),
  confirmed: v.nullable(v.instance(Uint8Array)),
  pending: v.instance(Uint8Array),
});

const Enrolment = v.object({
  id: v.string(),
  token_hash: v.instance(Uint8Array),
  purpose: v.picklist(["colleague", "reset"]),
  name: v.string(),
  roles: RolesText,
  account: v.string(),
  created: v.number(),
  expires: v.number(),
});

const Id = v.object({ id: v.string() });

export function accountRow(row: unknown): AccountRow {
  return v.parse(Account, row);
}

export function personRow(row: unknown): PersonRow {
  return v.parse(Person, row);
}

export function passkeyRow(row: unknown): PasskeyRow {
  const { public_key, transports, synced, ...rest } = v.parse(Passkey, row);
  return {
    ...rest,
    publicKey: public_key,
    transports: transports === "" ? [] : transports.split(" "),
    synced: synced === 1,
  };
}

export function loginRow(row: unknown): LoginRow {
  return v.parse(Login, row);
}

export function chainOf(row: unknown): v.InferOutput<typeof Chain> {
  return v.parse(Chain, row);
}

export function enrolmentRow(row: unknown): EnrolmentRow {
  const { token_hash, ...rest } = v.parse(Enrolment, row);
  return { ...rest, tokenHash: token_hash };
}

export function idsOf(rows: readonly unknown[]): string[] {
  return rows.map((row) => v.parse(Id, row).id);
}
