/**
 * The screens around an account: from (state, event) to (state, effects). Pure. Nobody comes further than the door before
 * the relay has said who she is and, where she has a desk, before her vault is open.
 */
import type { Account, EnrolmentPurpose, Login, Passkey } from "../../relay/wire/accounts.ts";
import type {
  AccountAction,
  AccountIntent,
  AccountProblem,
  AccountScreen,
  AccountState,
  LockReason,
} from "./account-model.ts";
import type { StaffIntent, StaffScreen } from "./model.ts";
import type { StaffEffect, StaffModel, StaffStep } from "./staff-events.ts";
import { alertsFor, hasDesk, home, onAdmin, show } from "./staff-home.ts";
import { INITIAL_STAFF } from "./staff-initial.ts";

/** What stands between a signed-in person and her rooms. */
export type Gate =
  /** Nothing, and no vault either: an admin has nothing to keep in one. */
  | { readonly state: "none" }
  | { readonly state: "unlock"; readonly passphrase: boolean }
  | { readonly state: "choose-passphrase" }
  | { readonly state: "replaced" }
  | {
      readonly state: "open";
      /** That patients see; null before she has said it. */
      readonly name: string | null;
      readonly passphrase: boolean;
      /** The recovery code of a vault that was just made. */
      readonly code: string | null;
    };

export type AccountEvent =
  /** Nobody is signed in on this browser. */
  | { readonly type: "nobody" }
  /** An enrolment link was opened; the relay is asked about it. */
  | { readonly type: "link" }
  | { readonly type: "enrolment"; readonly purpose: EnrolmentPurpose; readonly personName: string }
  | { readonly type: "entered"; readonly account: Account; readonly gate: Gate }
  /** The relay says again who she is: roles may have changed. */
  | { readonly type: "account"; readonly account: Account }
  /** For this reason she has to leave. Comes again later if a call runs now. */
  | { readonly type: "locked"; readonly why: LockReason }
  | { readonly type: "passkeys"; readonly passkeys: readonly Passkey[]; readonly passphrase: boolean }
  | { readonly type: "logins"; readonly logins: readonly Login[] }
  | { readonly type: "new-code"; readonly code: string }
  | { readonly type: "done"; readonly what: AccountAction }
  | { readonly type: "failed"; readonly what: AccountTask; readonly problem: AccountProblem };

export type AccountTask =
  | "start"
  | "look-at-link"
  | "sign-in"
  | "enrol"
  | "choose-passphrase"
  | "unlock"
  | "replaced"
  | "load-account"
  | AccountAction;

export type AccountEffect =
  | { readonly type: "look-at-link" }
  | { readonly type: "sign-in" }
  | { readonly type: "enrol"; readonly personName: string }
  | { readonly type: "choose-passphrase"; readonly passphrase: string }
  | {
      readonly type: "unlock";
      readonly secret:
        | { readonly type: "passphrase"; readonly text: string }
        | { readonly type: "recovery"; readonly code: string };
    }
  | { readonly type: "start-over" }
  | { readonly type: "take-over-data" }
  /** The vault is locked, its keys are wiped, and the relay is told. */
  | { readonly type: "lock" }
  | { readonly type: "load-account" }
  | Extract<AccountIntent, { readonly type: AccountAction }>;

const stay = (state: StaffModel, ...effects: StaffEffect[]): StaffStep => ({ state, effects });
const wants = (effect: AccountEffect): StaffEffect => ({ type: "account", effect });

export function door(why: LockReason | null, problem: AccountProblem | null = null): AccountScreen {
  return { name: "sign-in", busy: false, problem, why };
}

const INTENTS: Record<AccountIntent["type"], true> = {
  "sign-in": true,
  enrol: true,
  "choose-passphrase": true,
  "recovery-code-kept": true,
  "unlock-with-passphrase": true,
  "unlock-with-recovery-code": true,
  "start-over": true,
  "take-over-data": true,
  "leave-door": true,
  "sign-out": true,
  "open-account": true,
  "add-passkey": true,
  "rename-passkey": true,
  "remove-passkey": true,
  "end-login": true,
  "end-all-logins": true,
  "new-recovery-code": true,
  "new-passphrase": true,
  "dismiss-account-problem": true,
};

export function isAccountIntent(intent: StaffIntent): intent is AccountIntent {
  return intent.type in INTENTS;
}

// ---- what she does ---------------------------------------------------------------------------------------------

export function onAccountIntent(state: StaffModel, intent: AccountIntent): StaffStep {
  const { screen } = state;
  switch (intent.type) {
    case "sign-in":
    case "enrol":
    case "choose-passphrase":
      return busyWith(state, intent.type, intent);
    case "unlock-with-passphrase":
      return busyWith(state, "unlock", {
        type: "unlock",
        secret: { type: "passphrase", text: intent.passphrase },
      });
    case "unlock-with-recovery-code":
      return busyWith(state, "unlock", { type: "unlock", secret: { type: "recovery", code: intent.code } });
    case "start-over":
      return busyWith(state, "unlock", intent);
    case "take-over-data":
      return busyWith(state, "replaced", intent);
    case "recovery-code-kept":
      if (screen.name !== "recovery-code") return stay(state);
      return screen.again ? show(state, { name: "account" }) : home(state);
    case "leave-door":
      if (screen.name === "enrol") return show(state, door(null));
      return BEFORE_THE_VAULT.has(screen.name) ? leave(null) : stay(state);
    case "sign-out":
      return state.call === null ? leave("signed-out") : stay(state);
    case "open-account":
      return openAccount(state);
    case "dismiss-account-problem":
      return stay(withAccount(state, { problem: null }));
    case "add-passkey":
    case "rename-passkey":
    case "remove-passkey":
    case "end-login":
    case "end-all-logins":
    case "new-recovery-code":
    case "new-passphrase":
      // One thing at a time: a second press while the first is asked for is no second wish.
      if (state.account === null || state.account.busy !== null) return stay(state);
      return stay(withAccount(state, { busy: intent.type, problem: null }), wants(intent));
  }
}

/** Where she is signed in, and not inside. */
const BEFORE_THE_VAULT: ReadonlySet<StaffScreen["name"]> = new Set([
  "unlock",
  "choose-passphrase",
  "replaced",
]);

/** Only from the screen that asks for it, and only once. */
function busyWith(
  state: StaffModel,
  name: "sign-in" | "enrol" | "choose-passphrase" | "unlock" | "replaced",
  effect: AccountEffect,
): StaffStep {
  const { screen } = state;
  if (screen.name !== name || screen.busy) return stay(state);
  return show(state, { ...screen, busy: true, problem: null }, wants(effect));
}

function openAccount(state: StaffModel): StaffStep {
  if (state.account === null || state.call !== null || state.cut !== null) return stay(state);
  const greeting = hasDesk(state) ? onAdmin(state, { type: "greeting-wanted" }) : stay(state);
  return show(
    withAccount(greeting.state, { problem: null }),
    { name: "account" },
    wants({ type: "load-account" }),
    ...greeting.effects,
  );
}

/** Nothing of hers stays on the screen or in the page. */
function leave(why: LockReason | null): StaffStep {
  return show(
    INITIAL_STAFF,
    door(why),
    { type: "stop-media" },
    { type: "release-devices" },
    { type: "close-desk" },
    wants({ type: "lock" }),
  );
}

// ---- what comes of it ------------------------------------------------------------------------------------------

export function onAccountEvent(state: StaffModel, event: AccountEvent): StaffStep {
  switch (event.type) {
    case "nobody":
      return show(INITIAL_STAFF, door(null));
    case "link":
      return show(state, ENROL, wants({ type: "look-at-link" }));
    case "enrolment":
      return show(state, { ...ENROL, purpose: event.purpose, personName: event.personName });
    case "entered":
      return enter(state, event.account, event.gate);
    case "account":
      return onAccount(state, event.account);
    case "locked":
      // Never in a call. Whoever sends this sends it again when the call is over.
      return state.call === null && state.account !== null ? leave(event.why) : stay(state);
    case "passkeys":
      return stay(withAccount(state, { passkeys: event.passkeys, passphrase: event.passphrase }));
    case "logins":
      return stay(withAccount(state, { logins: event.logins }));
    case "new-code": {
      const next = withAccount(state, { busy: null });
      return state.account === null
        ? stay(state)
        : show(next, { name: "recovery-code", code: event.code, again: true });
    }
    case "done":
      return stay(withAccount(state, { busy: null }), wants({ type: "load-account" }));
    case "failed":
      return onFailed(state, event.what, event.problem);
  }
}

const ENROL = { name: "enrol", purpose: null, personName: "", busy: false, problem: null } as const;

function enter(state: StaffModel, account: Account, gate: Gate): StaffStep {
  const { turn, ...who } = account;
  const shown: AccountState = {
    ...who,
    passkeys: null,
    logins: null,
    passphrase: gate.state === "open" && gate.passphrase,
    busy: null,
    problem: null,
  };
  const next: StaffModel = { ...state, account: shown, turn };
  switch (gate.state) {
    case "none":
      return home(next);
    case "unlock":
      return show(next, { name: "unlock", passphrase: gate.passphrase, busy: false, problem: null });
    case "choose-passphrase":
    case "replaced":
      return show(next, { name: gate.state, busy: false, problem: null });
    case "open": {
      const named = { ...next, name: gate.name ?? "" };
      return gate.code === null
        ? home(named)
        : show(named, { name: "recovery-code", code: gate.code, again: false });
    }
  }
}

/**
 * A desk that was taken from her closes; one that was given to her opens with her next sign-in, which opens a vault. This
 * comes every few minutes while somebody is here: often enough to look for alerts on a page that stays as it is.
 */
function onAccount(state: StaffModel, { turn, id, name, roles }: Account): StaffStep {
  if (state.account?.id !== id) return stay(state);
  const next = { ...withAccount(state, { name, roles }), turn };
  if (!hasDesk(state) || hasDesk(next) || state.call !== null)
    return { state: next, effects: alertsFor(next) };
  const at = home({ ...next, guests: [], sessions: [], invites: null });
  return { ...at, effects: [{ type: "release-devices" }, { type: "close-desk" }, ...at.effects] };
}

function onFailed(state: StaffModel, what: AccountTask, problem: AccountProblem): StaffStep {
  const { screen } = state;
  switch (what) {
    case "start":
      return show(INITIAL_STAFF, door(null, problem));
    case "look-at-link":
    case "enrol":
      return screen.name === "enrol" ? show(state, { ...screen, busy: false, problem }) : stay(state);
    case "sign-in":
    case "choose-passphrase":
    case "unlock":
    case "replaced":
      return screen.name === what ? show(state, refused(screen, problem)) : stay(state);
    case "load-account":
      return stay(withAccount(state, { problem }));
    case "add-passkey":
    case "rename-passkey":
    case "remove-passkey":
    case "end-login":
    case "end-all-logins":
    case "new-recovery-code":
    case "new-passphrase":
      return stay(withAccount(state, { busy: null, problem }));
  }
}

function refused(
  screen: Extract<StaffScreen, { readonly name: "sign-in" | "choose-passphrase" | "unlock" | "replaced" }>,
  problem: AccountProblem,
): StaffScreen {
  return { ...screen, busy: false, problem };
}

function withAccount(state: StaffModel, change: Partial<AccountState>): StaffModel {
  return state.account === null ? state : { ...state, account: { ...state.account, ...change } };
}
