/**
 * From a one-time link to an account with a passkey. The set-up link is made at every start and kept in memory alone;
 * it leads somewhere as long as there is no admin.
 */
import { timingSafeEqual } from "node:crypto";
import type * as v from "valibot";
import type { RecordEvent } from "../record.ts";
import { Refusal } from "../refusal.ts";
import type { InTurn } from "../turns.ts";
import { type EnrolBegin, type EnrolBegun, type EnrolFinish, Role } from "../wire/accounts.ts";
import type { Challenges } from "./challenges.ts";
import { type Changed, eventOf, type PersonChange, rolesText } from "./changes.ts";
import type { Begun, Logins, Renewed } from "./logins.ts";
import { hashSecret, newId, newSecret, type Random } from "./secrets.ts";
import type { AccountRow, AccountStore, Enrolling } from "./store.ts";
import type { RelyingParty } from "./webauthn.ts";

export interface EnrolmentDependencies {
  readonly store: AccountStore;
  readonly logins: Logins;
  readonly challenges: Challenges;
  readonly relyingParty: RelyingParty;
  readonly record: RecordEvent;
  readonly changed: Changed;
  readonly inTurn: InTurn;
  readonly now: () => number;
  readonly setup: Setup;
}

/** The set-up link's token, and the id that the first admin's account will have unless there is one to take over. */
export interface Setup {
  readonly token: string;
  readonly account: string;
}

export function createSetup(random: Random): Setup {
  return { token: newSecret(random), account: newId(random) };
}

export interface Enrolments {
  /** @throws Refusal ENROLMENT-UNKNOWN */
  begin(input: v.InferOutput<typeof EnrolBegin>): Promise<EnrolBegun>;
  /** @throws Refusal ENROLMENT-UNKNOWN, SIGN-IN-REFUSED, LOG-UNAVAILABLE */
  finish(input: v.InferOutput<typeof EnrolFinish>, device: string): Promise<Renewed>;
}

/** Who works alone is all of it, her own auditor too; a clinic gives that role to somebody else later. */
const FIRST_ROLES: readonly Role[] = Role.options;

interface Leads {
  readonly enrolling: (name: string) => Enrolling;
  readonly purpose: EnrolBegun["purpose"];
  readonly account: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

export function createEnrolments(dependencies: EnrolmentDependencies): Enrolments {
  const { store, logins, challenges, relyingParty, record, changed, inTurn, now, setup } = dependencies;
  const setupHash = hashSecret(setup.token);

  /** Where a link leads. @throws Refusal ENROLMENT-UNKNOWN */
  async function follow(token: string): Promise<Leads> {
    const tokenHash = hashSecret(token);
    const found = await store.findEnrolment(tokenHash, now());
    if (found !== null) {
      const { purpose, account, name, roles } = found;
      // The store would refuse who was suspended since.
      if (purpose === "reset" && (await store.findAccount(account))?.state !== "active")
        throw new Refusal("ENROLMENT-UNKNOWN");
      return {
        purpose,
        account,
        name,
        roles,
        enrolling: (typed) => ({ purpose: "link", tokenHash, name: typed }),
      };
    }
    if (!timingSafeEqual(tokenHash, setupHash) || (await store.hasAdmin()))
      throw new Refusal("ENROLMENT-UNKNOWN");
    const account = (await store.nameless()) ?? setup.account;
    return {
      purpose: "setup",
      account,
      name: "",
      roles: FIRST_ROLES,
      enrolling: (name) => ({ purpose: "setup", account, name, roles: FIRST_ROLES }),
    };
  }

  async function enter(input: v.InferOutput<typeof EnrolFinish>, begun: Begun): Promise<AccountRow> {
    const { token, name: typed, response, passkey: passkeyName } = input;
    const { enrolling, account, purpose, name, roles } = await follow(token);
    const registered = await relyingParty.register(response, (challenge) =>
      challenges.redeem("enrol", account, challenge),
    );
    if (registered === null || (await store.findPasskey(registered.id)) !== null)
      throw new Refusal("SIGN-IN-REFUSED");
    const about = { id: account, name: purpose === "reset" ? name : typed };
    const common = { by: account, about, from: null };
    const entered: PersonChange = { ...common, what: "person.enrolled", to: rolesText(roles) };
    const added: PersonChange = { ...common, what: "person.passkeys", to: passkeyName };
    // Both before the act: afterwards the authenticator is a key to the account.
    if (purpose !== "reset") await record(eventOf(entered));
    await record(eventOf(added));
    const passkey = { ...registered, name: passkeyName, created: now() };
    const outcome = await store.enrol(enrolling(typed), passkey, begun.row, begun.cookieHash, now());
    if (outcome === "gone") throw new Refusal("ENROLMENT-UNKNOWN");
    if (outcome === "exists") throw new Refusal("SIGN-IN-REFUSED");
    if (purpose === "reset") await changed(added);
    if (purpose === "colleague") await changed(entered);
    return outcome;
  }

  return {
    async begin({ token, name: typed }) {
      const { purpose, account, name } = await follow(token);
      // Who is reset keeps the name that colleagues know.
      const shown = purpose === "reset" ? name : (typed ?? name);
      if (shown === "") return { purpose, name, options: null };
      const challenge = challenges.issue("enrol", account);
      const known = await store.listPasskeys(account);
      return {
        purpose,
        name,
        options: relyingParty.creation(challenge, { id: account, name: shown }, known),
      };
    },

    async finish(input, device) {
      const begun = logins.begin(device);
      return logins.welcome(begun, await inTurn(() => enter(input, begun)));
    },
  };
}
