/** A person's own passkeys: signing in and touching with them, adding, naming and removing them. */
import type * as v from "valibot";
import type { Actor } from "../access.ts";
import type { RecordEvent, RecordRefusal } from "../record.ts";
import { Refusal } from "../refusal.ts";
import type { InTurn } from "../turns.ts";
import { MAX_PASSKEYS, type Passkey, type PasskeyFinish, type SignInFinish } from "../wire/accounts.ts";
import type { CreationOptions, RequestOptions } from "../wire/webauthn.ts";
import type { ChallengePurpose, Challenges } from "./challenges.ts";
import { type Changed, eventOf, type PersonChange } from "./changes.ts";
import type { Begun, Logins, Renewed } from "./logins.ts";
import type { AccountStore, PasskeyRow } from "./store.ts";
import type { RelyingParty } from "./webauthn.ts";

export interface PasskeysDependencies {
  readonly store: AccountStore;
  readonly logins: Logins;
  readonly challenges: Challenges;
  readonly relyingParty: RelyingParty;
  readonly record: RecordEvent;
  readonly refused: RecordRefusal;
  readonly changed: Changed;
  readonly inTurn: InTurn;
  readonly now: () => number;
  /** Milliseconds until this credential may be tried again; 0 for now. */
  readonly attempt: (credential: string) => Promise<number>;
}

type Assertion = v.InferOutput<typeof SignInFinish>["response"];

export interface Passkeys {
  beginSignIn(): RequestOptions;
  /** @throws Refusal SIGN-IN-REFUSED, RATE-LIMITED, LOG-UNAVAILABLE */
  signIn(response: Assertion, device: string): Promise<Renewed>;
  beginTouch(actor: Actor): Promise<RequestOptions>;
  /** @throws Refusal SIGN-IN-REFUSED, RATE-LIMITED */
  touch(actor: Actor, response: Assertion): Promise<void>;
  list(actor: Actor): Promise<Passkey[]>;
  beginAdd(actor: Actor): Promise<CreationOptions>;
  /** @throws Refusal SIGN-IN-REFUSED, PASSKEY-LIMIT, LOG-UNAVAILABLE */
  add(actor: Actor, input: v.InferOutput<typeof PasskeyFinish>): Promise<Passkey>;
  rename(actor: Actor, id: string, name: string): Promise<Passkey>;
  /** Also ends the sign-ins that were begun with it, but for the one that asks. @throws Refusal LAST-PASSKEY, LOG-UNAVAILABLE */
  remove(actor: Actor, id: string): Promise<void>;
}

/** Why a sign-in failed, as the audit log says it. */
type SignInFailure = "unknown-passkey" | "not-proven" | "suspended";

/** The passkey that was touched; or why it is not taken, and whose it is if it is anybody's. */
type Tried =
  | { readonly passkey: PasskeyRow }
  | { readonly passkey: null; readonly reason: SignInFailure; readonly account: string | null };

export function createPasskeys(dependencies: PasskeysDependencies): Passkeys {
  const { store, logins, challenges, relyingParty, record, refused, changed, inTurn, now, attempt } =
    dependencies;

  /**
   * Unknown, somebody else's and wrong passkeys all cost a look-up and a signature's verification, count against the
   * credential that was named, and end in the same refusal.
   */
  async function touched(
    response: Assertion,
    purpose: ChallengePurpose,
    subject: string,
    account: string | null,
  ): Promise<Tried> {
    const retryAfterMs = await attempt(response.id);
    if (retryAfterMs > 0) throw new Refusal("RATE-LIMITED", { retryAfterMs });
    const found = await store.findPasskey(response.id);
    const passkey = account === null || found?.account === account ? found : null;
    const use = await relyingParty.verify(response, passkey, (challenge) =>
      challenges.redeem(purpose, subject, challenge),
    );
    if (passkey === null) return { passkey, reason: "unknown-passkey", account: null };
    if (use === null) return { passkey: null, reason: "not-proven", account: passkey.account };
    await store.usedPasskey(passkey.id, { ...use, now: now() });
    return { passkey };
  }

  /** Those of strangers share a bucket, so that they cannot crowd out what is tried with somebody's passkey. */
  async function refuseSignIn(
    { row: { id: subject, device } }: Begun,
    account: string | null,
    reason: SignInFailure,
  ): Promise<never> {
    const bucket = account === null ? "sign-in" : `sign-in ${account}`;
    const details = { reason, device };
    await refused(bucket, reason, {
      action: "sign-in.passkey",
      outcome: "failure",
      account,
      subject,
      details,
    });
    throw new Refusal("SIGN-IN-REFUSED");
  }

  /** On record before it is done: afterwards the authenticator is a key to the account, or is none any more. */
  async function recorded<T>(change: PersonChange, act: () => Promise<T>): Promise<T> {
    await record(eventOf(change));
    const done = await act();
    await changed(change);
    return done;
  }

  async function own({ account }: Actor, id: string): Promise<PasskeyRow> {
    const passkey = await store.findPasskey(id);
    if (passkey?.account !== account) throw new Refusal("PASSKEY-UNKNOWN");
    return passkey;
  }

  async function aboutSelf({ account }: Actor): Promise<{ id: string; name: string }> {
    return { id: account, name: (await store.findAccount(account))?.name ?? "" };
  }

  return {
    beginSignIn: () => relyingParty.request(challenges.issue("sign-in", ""), []),

    async signIn(response, device) {
      const begun = logins.begin(device);
      const tried = await touched(response, "sign-in", "", null);
      if (tried.passkey === null) return refuseSignIn(begun, tried.account, tried.reason);
      const { account: id } = tried.passkey;
      // Not for the suspended; and who was removed a moment ago has no account to add it to.
      const added = await store.addLogin(
        { ...begun.row, account: id, passkey: response.id },
        begun.cookieHash,
      );
      const account = await store.findAccount(id);
      if (!added || account === null) return refuseSignIn(begun, id, "suspended");
      return logins.welcome(begun, account);
    },

    async beginTouch({ account, login }) {
      return relyingParty.request(challenges.issue("touch", login), await store.listPasskeys(account));
    },

    async touch({ account, login }, response) {
      const { passkey } = await touched(response, "touch", login, account);
      if (passkey === null) throw new Refusal("SIGN-IN-REFUSED");
      await store.touch(login, now());
    },

    async list({ account }) {
      return (await store.listPasskeys(account)).map(shown);
    },

    async beginAdd({ account, login }) {
      const known = await store.listPasskeys(account);
      if (known.length >= MAX_PASSKEYS) throw new Refusal("PASSKEY-LIMIT");
      const name = (await store.findAccount(account))?.name ?? "";
      return relyingParty.creation(challenges.issue("passkey", login), { id: account, name }, known);
    },

    async add(actor, { response, name }) {
      const registered = await relyingParty.register(response, (challenge) =>
        challenges.redeem("passkey", actor.login, challenge),
      );
      if (registered === null) throw new Refusal("SIGN-IN-REFUSED");
      const row = { ...registered, account: actor.account, name, created: now(), used: null };
      return inTurn(async () => {
        if ((await store.findPasskey(row.id)) !== null) throw new Refusal("SIGN-IN-REFUSED");
        if ((await store.listPasskeys(actor.account)).length >= MAX_PASSKEYS)
          throw new Refusal("PASSKEY-LIMIT");
        const about = await aboutSelf(actor);
        const change = { by: actor.account, what: "person.passkeys", about, from: null, to: name } as const;
        return recorded(change, async () => {
          const outcome = await store.addPasskey(row, MAX_PASSKEYS);
          if (outcome === "exists") throw new Refusal("SIGN-IN-REFUSED");
          if (outcome === "limit") throw new Refusal("PASSKEY-LIMIT");
          return shown(row);
        });
      });
    },

    async rename(actor, id, name) {
      const passkey = await own(actor, id);
      if (!(await store.renamePasskey(actor.account, id, name))) throw new Refusal("PASSKEY-UNKNOWN");
      return shown({ ...passkey, name });
    },

    remove: (actor, id) =>
      inTurn(async () => {
        const { name } = await own(actor, id);
        if ((await store.listPasskeys(actor.account)).length <= 1) throw new Refusal("LAST-PASSKEY");
        const about = await aboutSelf(actor);
        const change = { by: actor.account, what: "person.passkeys", about, from: name, to: null } as const;
        const ended = await recorded(change, async () => {
          const outcome = await store.removePasskey(actor.account, id, actor.login);
          if (outcome === "unknown") throw new Refusal("PASSKEY-UNKNOWN");
          if (outcome === "last") throw new Refusal("LAST-PASSKEY");
          return outcome;
        });
        await logins.over(actor.account, ended, "passkey-removed");
      }),
  };
}

function shown({ id, name, created, used, synced }: PasskeyRow): Passkey {
  return { id, name, created, used, synced };
}
