/** Runs what the screens around an account want done. */
import type { SignedIn } from "../../relay/wire/accounts.ts";
import type { TrailStatus } from "../audit/types.ts";
import { accountAccess } from "../identity/account.ts";
import { browserPasskeys } from "../identity/passkeys.ts";
import {
  choosePassphrase,
  dropLostPasskeys,
  startOver,
  takeOver,
  unlockVault,
} from "../identity/vault-door.ts";
import type { AccountAction } from "../state/account-model.ts";
import type { AccountEffect, AccountEvent, AccountTask } from "../state/staff-account.ts";
import { type Access, aloneInBrowser, isSignedOut } from "../transport/access.ts";
import { ApiError, isPassing } from "../transport/api.ts";
import type { StaffApi } from "../transport/api-staff.ts";
import { systemClock } from "../transport/clock.ts";
import { loadSodiumSumo } from "../transport/sodium.ts";
import { deviceName } from "../ui/account/device-name.ts";
import type { AccountVault } from "../vault/account-vault.ts";
import { VaultError } from "../vault/store.ts";
import { accountProblem } from "./account-problem.ts";
import { createKeyHolder } from "./audit-key-holder.ts";
import type { KeyHolder } from "./audit-runner.ts";
import { takeEnrolmentToken } from "./enrolment-link.ts";
import { createEntrance, leaveRelay, owesLeaving } from "./entrance.ts";
import type { StaffDesk } from "./staff-desk.ts";
import { createStaffTrails, type StaffTrails } from "./staff-trail.ts";

export interface AccountRunner {
  /** Looks around: an enrolment link, or somebody who is signed in already. */
  start(): void;
  run(effect: AccountEffect): void;
  readonly api: StaffApi;
  readonly access: Pick<Access, "ask" | "download">;
  readonly trail: StaffTrails;
  readonly auditKey: KeyHolder;
  /** Null while her vault is locked, and for who has no desk. */
  readonly desk: StaffDesk | null;
  /** A call runs on this page: nothing is locked. */
  call(running: boolean): void;
  /** The relay takes this sign-in no more. */
  ended(): void;
  /** Takes what other devices wrote, and gives what this one did. */
  sync(): void;
}

export interface AccountRunnerOptions {
  readonly emit: (event: AccountEvent) => void;
  /** Rows of the vault were changed by another device. */
  readonly onRows: (kind: string) => void;
  /** In which session she is now. */
  readonly session: () => string | null;
  readonly onTrail: (status: TrailStatus) => void;
}

const START_PAUSES_MS = [300, 1_000, 2_000] as const;

type VaultChange = "passkey-added" | "passkey-removed" | "passphrase" | "recovery-code" | "started-over";
type OwnAction = Extract<AccountEffect, { readonly type: AccountAction }>;

export function createAccountRunner({ emit, onRows, session, onTrail }: AccountRunnerOptions): AccountRunner {
  let token: string | null = null;
  const sodium = loadSodiumSumo();
  // Whoever needs it hears of it.
  sodium.catch(() => undefined);

  const account = accountAccess({
    base: "",
    fetch,
    clock: systemClock,
    alone: aloneInBrowser,
    passkeys: browserPasskeys(),
    onRenewed: (signedIn) => entrance.renewed(signedIn),
    onEnded: () => entrance.ended("ended-elsewhere"),
  });
  const { access } = account;
  const api: StaffApi = { ...account.api, deskTicket };
  const trail = createStaffTrails({ sodium, api, session, onStatus: onTrail });
  const auditKey = createKeyHolder({
    sodium,
    api,
    trail,
    open() {
      const { vault = null, signedIn } = entrance.stay ?? {};
      if (vault?.state !== "open" || signedIn === undefined) return null;
      return { account: signedIn.account.id, store: vault };
    },
  });
  const entrance = createEntrance({ sodium, api, access, emit, onRows, trail, auditKey });

  /** Her desk was taken from her while it was open: the relay says so with the next renewal. */
  async function deskTicket(): Promise<string> {
    try {
      return await account.api.deskTicket();
    } catch (error) {
      if (error instanceof ApiError && error.code === "NOT-ALLOWED") void access.renew();
      throw error;
    }
  }

  async function start(): Promise<void> {
    token = takeEnrolmentToken();
    if (token !== null) {
      emit({ type: "link" });
      return;
    }
    // The relay could not be told when somebody left: it is told before anything else.
    if (owesLeaving()) await leaveRelay(access);
    const signedIn = await resumeAccess();
    if (signedIn === null) emit({ type: "nobody" });
    else await entrance.resume(signedIn);
  }

  /** A relay that is just being restarted is worth a moment. */
  async function resumeAccess(): Promise<SignedIn | null> {
    for (const pause of START_PAUSES_MS) {
      try {
        return await access.resume();
      } catch (error) {
        if (!(error instanceof ApiError) || !isPassing(error.code)) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    return access.resume();
  }

  function attempt(what: AccountTask, work: () => Promise<void>, typed?: "passphrase" | "recovery"): void {
    work().catch((error: unknown) => {
      // That it is over at the relay was told by itself, if there was anybody to tell.
      if (!isSignedOut(error)) emit({ type: "failed", what, problem: accountProblem(error, typed) });
      else if (entrance.stay === null) emit({ type: "nobody" });
    });
  }

  function run(effect: AccountEffect): void {
    switch (effect.type) {
      case "look-at-link":
        attempt("look-at-link", async () => {
          const { purpose, name } = await account.look(token ?? "");
          emit({ type: "enrolment", purpose, personName: name });
        });
        return;
      case "enrol":
        attempt("enrol", async () => {
          const device = deviceName(navigator.userAgent, navigator.maxTouchPoints);
          await entrance.enter(await account.enrol(token ?? "", effect.personName, device));
        });
        return;
      case "sign-in":
        attempt("sign-in", async () => entrance.enter(await account.signIn()));
        return;
      case "choose-passphrase":
        attempt("choose-passphrase", () =>
          entrance.step((vault) => choosePassphrase(vault, effect.passphrase), "passphrase"),
        );
        return;
      case "unlock":
        attempt(
          "unlock",
          () =>
            entrance.step(async (vault, passkey) => {
              const door = await unlockVault(vault, effect.secret, passkey).catch(
                notUnlocked(effect.secret.type),
              );
              // She has just signed in, so that nothing of this asks for a touch.
              void dropLost(vault);
              return door;
            }, effect.secret.type),
          effect.secret.type,
        );
        return;
      case "start-over":
        attempt("unlock", () => entrance.step(changes("started-over", startOver), "passkey"));
        return;
      case "take-over-data":
        attempt("replaced", () => entrance.step(takeOver, "passkey"));
        return;
      case "lock":
        entrance.lock();
        return;
      case "load-account":
        attempt("load-account", loadAccount);
        return;
      default:
        attempt(effect.type, () => act(effect));
    }
  }

  /** It is written down that somebody tried, and then told to her. */
  const notUnlocked =
    (way: "passphrase" | "recovery") =>
    async (error: unknown): Promise<never> => {
      if (error instanceof VaultError && error.code === "SECRET-WRONG")
        await trail.record({ action: "vault.unlocked", outcome: "failure", details: { way } });
      throw error;
    };

  const changed = (what: VaultChange) =>
    trail.record({ action: "vault.changed", outcome: "success", details: { what } });

  const changes =
    <A extends unknown[], T>(what: VaultChange, work: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      await changed(what);
      return work(...given);
    };

  async function loadAccount(): Promise<void> {
    const [passkeys, logins] = await Promise.all([api.passkeys(), api.logins()]);
    emit({ type: "passkeys", passkeys, passphrase: entrance.stay?.vault?.slots().passphrase ?? false });
    emit({ type: "logins", logins });
  }

  async function dropLost(vault: AccountVault): Promise<void> {
    try {
      await dropLostPasskeys(
        vault,
        (await api.passkeys()).map(({ id }) => id),
      );
    } catch {
      // Such a passkey cannot sign in; the next unlock tries again.
    }
  }

  async function act(action: OwnAction): Promise<void> {
    switch (action.type) {
      case "add-passkey": {
        const passkey = await account.addPasskey(action.passkeyName);
        if (passkey !== null && openVault() !== null) await changed("passkey-added");
        if (passkey !== null) await openVault()?.addSlot(passkey);
        passkey?.output.fill(0);
        break;
      }
      case "rename-passkey":
        await api.renamePasskey(action.id, action.passkeyName);
        break;
      case "remove-passkey": {
        const vault = openVault();
        if (vault !== null) await changed("passkey-removed");
        await api.removePasskey(action.id);
        await vault?.removeCredential(action.id);
        // It was the one that opened it here: she is asked for another, and nobody else shut her out.
        if (vault?.state === "locked") {
          emit({ type: "locked", why: "signed-out" });
          return;
        }
        break;
      }
      case "end-login":
        await api.endLogin(action.id);
        break;
      case "end-all-logins":
        await api.endAllLogins();
        entrance.ended("signed-out");
        return;
      case "new-recovery-code":
        needVault();
        await changed("recovery-code");
        emit({ type: "new-code", code: await needVault().renewRecoveryCode() });
        return;
      case "new-passphrase":
        needVault();
        await changed("passphrase");
        await needVault().addSlot({ type: "passphrase", text: action.passphrase });
        break;
    }
    emit({ type: "done", what: action.type });
  }

  function openVault(): AccountVault | null {
    const vault = entrance.stay?.vault ?? null;
    return vault?.state === "open" ? vault : null;
  }

  function needVault(): AccountVault {
    const vault = openVault();
    if (vault === null) throw new VaultError("VAULT-LOCKED");
    return vault;
  }

  addEventListener("hashchange", () => {
    const fresh = takeEnrolmentToken();
    if (fresh === null || entrance.stay !== null) return;
    token = fresh;
    emit({ type: "link" });
  });

  return {
    start: () => attempt("start", start),
    run,
    api,
    access,
    get desk() {
      return entrance.stay?.desk ?? null;
    },
    call: entrance.call,
    ended: () => entrance.ended("ended-elsewhere"),
    sync: entrance.sync,
    trail,
    auditKey,
  };
}
