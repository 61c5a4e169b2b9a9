/**
 * Somebody who is signed in, from the relay's word to the lock: what only she may have (the open vault, and the rooms
 * behind it) is held here, and wiped here.
 */

import type { SodiumSumo } from "../../crypto/sodium.ts";
import type { SignedIn } from "../../relay/wire/accounts.ts";
import type { Entered } from "../identity/account.ts";
import { enterVault, type PrfSecret, type VaultDoor } from "../identity/vault-door.ts";
import type { LockReason } from "../state/account-model.ts";
import type { AccountEvent } from "../state/staff-account.ts";
import { hasVault } from "../state/staff-home.ts";
import type { Access } from "../transport/access.ts";
import type { StaffApi } from "../transport/api-staff.ts";
import { systemClock } from "../transport/clock.ts";
import { systemRandom } from "../transport/sodium.ts";
import { browserWake } from "../transport/wake.ts";
import type { AccountVault } from "../vault/account-vault.ts";
import { openAccountVault } from "../vault/open-account-vault.ts";
import { type Attendance, watchAttendance } from "./attendance.ts";
import type { KeyHolder } from "./audit-runner.ts";
import { openStaffDesk, type StaffDesk } from "./staff-desk.ts";
import type { StaffTrails } from "./staff-trail.ts";
import { openTabs } from "./tabs.ts";

/** What another tab says through two channels comes together within so long. */
const OTHER_TAB_MS = 300;

export interface EntranceOptions {
  readonly sodium: Promise<SodiumSumo>;
  readonly api: StaffApi;
  readonly access: Pick<Access, "renew" | "leave" | "forget">;
  readonly emit: (event: AccountEvent) => void;
  /** Rows of the vault were changed by another device. */
  readonly onRows: (kind: string) => void;
  readonly trail: Pick<StaffTrails, "begin" | "useVault" | "record" | "end">;
  readonly auditKey: Pick<KeyHolder, "open">;
}

/** What a vault was opened with; null after a reload, which asked for nothing. */
export type Way = "passkey" | "passphrase" | "recovery" | null;

export interface Entrance {
  /** Null when nobody is signed in. */
  readonly stay: Stay | null;
  /** After a sign-in or an enrolment. */
  enter(entered: Entered): Promise<void>;
  /** After a reload, without a touch. */
  resume(signedIn: SignedIn): Promise<void>;
  /** A step of somebody who is signed in and stands before her vault. */
  step(
    how: (vault: AccountVault, passkey: PrfSecret | null) => Promise<VaultDoor>,
    way: Exclude<Way, null>,
  ): Promise<void>;
  renewed(signedIn: SignedIn): void;
  /** The relay takes this sign-in no more. */
  ended(why: LockReason): void;
  call(running: boolean): void;
  sync(): void;
  lock(): void;
}

export interface Stay {
  signedIn: SignedIn;
  readonly attendance: Attendance;
  /** What her passkey gave, until the vault knows it. */
  passkey: PrfSecret | null;
  vault: AccountVault | null;
  desk: StaffDesk | null;
  stopListening: () => void;
  /** There is nothing left to tell the relay, and the other tabs. */
  endedThere: boolean;
  why: LockReason;
}

export function createEntrance(options: EntranceOptions): Entrance {
  const { api, access, emit, sodium, trail } = options;
  let stay: Stay | null = null;
  let calling = false;

  const tabs = openTabs((message) => {
    if (message.t === "left" && stay !== null) stay.endedThere = true;
    stay?.attendance.heard(message);
  });

  function begin({ signedIn, passkey }: Entered): Stay {
    // Nobody is let in over somebody else; and if it were so, the cookie would be the newcomer's.
    if (stay !== null) stay.endedThere = true;
    lock();
    localStorage.removeItem(OWED);
    const attendance = watchAttendance(
      {
        clock: systemClock,
        tabs,
        wake: browserWake,
        onOver(why) {
          if (stay !== null) stay.why = why;
          emit({ type: "locked", why });
        },
        onRenew: () => void access.renew(),
      },
      signedIn,
    );
    attendance.call(calling);
    trail.begin(signedIn.account.id);
    stay = {
      signedIn,
      attendance,
      passkey,
      vault: null,
      desk: null,
      stopListening: () => {},
      endedThere: false,
      why: "signed-out",
    };
    return stay;
  }

  /** @param how to the vault; null leads back to the door */
  async function inside(
    entered: Entered,
    how: (vault: AccountVault) => Promise<VaultDoor | null>,
    way: Way,
  ): Promise<void> {
    const mine = begin(entered);
    try {
      const { account } = mine.signedIn;
      if (!hasVault(account.roles)) {
        emit({ type: "entered", account, gate: { state: "none" } });
        return;
      }
      const vault = await openAccountVault({
        sodium: await sodium,
        random: systemRandom,
        api,
        account: account.id,
        clock: systemClock,
      });
      if (stay !== mine) {
        vault.close();
        return;
      }
      mine.vault = vault;
      const door = await how(vault);
      if (door !== null) await pass(mine, vault, door, way);
      else if (stay === mine) {
        lock();
        emit({ type: "nobody" });
      }
    } catch (error) {
      // Half inside is outside: the next try begins at the door.
      if (stay === mine) lock();
      throw error;
    }
  }

  async function pass(mine: Stay, vault: AccountVault, door: VaultDoor, way: Way): Promise<void> {
    const { account, share } = mine.signedIn;
    if (door.state !== "open") {
      if (stay === mine) emit({ type: "entered", account, gate: door });
      return;
    }
    forgetPasskey(mine);
    await vault.remember(share);
    const trusted = trail.useVault(vault);
    const fresh = door.code !== null;
    const desk = account.roles.includes("practitioner")
      ? await openStaffDesk({ sodium: await sodium, api, vault, fresh, record: trail.record })
      : null;
    const name = (await desk?.name()) ?? null;
    await trusted;
    // The first auditor makes the clinic's key. On her audit page it is told when that cannot be.
    if (way !== null && account.roles.includes("auditor"))
      await openClinicKey(vault, fresh).catch(() => undefined);
    if (way !== null) await trail.record({ action: "vault.unlocked", outcome: "success", details: { way } });
    if (stay !== mine) {
      desk?.leave();
      return;
    }
    mine.desk = desk;
    const stops = [
      vault.onChange((kind) => options.onRows(kind)),
      // Another tab, which says so itself and why; or this passkey was taken from the vault on another device.
      vault.onLock(
        () => void systemClock.after(OTHER_TAB_MS, () => mine.attendance.ended("ended-elsewhere")),
      ),
    ];
    mine.stopListening = () => {
      for (const stop of stops) stop();
    };
    sync();
    const { passphrase } = vault.slots();
    emit({ type: "entered", account, gate: { state: "open", name, passphrase, code: door.code } });
  }

  async function openClinicKey(vault: AccountVault, fresh: boolean): Promise<void> {
    // On a new device it is on its way: a seat of its own would wait for nothing.
    if (!fresh && (await vault.list("audit-key")).length === 0) await vault.sync();
    await options.auditKey.open();
  }

  function sync(): void {
    // Whatever goes wrong, this device has its rows, and tries again with the next connection.
    if (stay?.vault?.state === "open") stay.vault.sync().catch(() => undefined);
  }

  /** The screen is gone by now. */
  function lock(): void {
    const mine = stay;
    if (mine === null) return;
    stay = null;
    mine.attendance.close();
    mine.stopListening();
    mine.desk?.leave();
    forgetPasskey(mine);
    const { vault } = mine;
    vault
      ?.lock()
      .catch(() => undefined)
      .finally(() => vault.close());
    if (mine.endedThere) {
      access.forget();
      void trail.end();
    } else {
      tabs.tell({ t: "left", why: mine.why });
      leaveRelay(access, trail.end()).catch(() => undefined);
    }
  }

  return {
    get stay() {
      return stay;
    },
    enter: (entered) => inside(entered, (vault) => enterVault(vault, entered.passkey), "passkey"),
    resume: (signedIn) =>
      inside({ signedIn, passkey: null }, (vault) => resumed(vault, signedIn.share), null),
    async step(how, way) {
      const mine = stay;
      if (mine?.vault == null) return;
      await pass(mine, mine.vault, await how(mine.vault, mine.passkey), way);
    },
    renewed(signedIn) {
      if (stay === null) return;
      const { share } = stay.signedIn;
      stay.signedIn = signedIn;
      stay.attendance.renewed(signedIn);
      if (share !== signedIn.share && stay.vault?.state === "open")
        stay.vault.remember(signedIn.share).catch(() => undefined);
      emit({ type: "account", account: signedIn.account });
    },
    ended(why) {
      if (stay === null) return;
      stay.endedThere = true;
      stay.attendance.ended(why);
    },
    call(running) {
      calling = running;
      stay?.attendance.call(running);
    },
    sync,
    lock,
  };
}

/** What the relay keeps for this sign-in opens what this device kept of the vault. */
async function resumed(vault: AccountVault, share: string): Promise<VaultDoor | null> {
  if (vault.state === "open" || (await vault.resume(share))) return { state: "open", code: null };
  const { passphrase, credentials } = vault.slots();
  // A passkey would open it, and is touched at the door.
  return vault.state === "locked" && credentials.length === 0 ? { state: "unlock", passphrase } : null;
}

function forgetPasskey(mine: Stay): void {
  mine.passkey?.output.fill(0);
  mine.passkey = null;
}

// ---- leaving while the relay cannot be reached -----------------------------------------------------------------

/** That somebody has left, and the relay does not know it yet. */
const OWED = "quietroom-left";

export function owesLeaving(): boolean {
  return localStorage.getItem(OWED) !== null;
}

/** @param before what is done first. Rejects with ApiError; it is owed then, and done before anything else when the page is opened again. */
export async function leaveRelay(access: Pick<Access, "leave">, before?: Promise<void>): Promise<void> {
  localStorage.setItem(OWED, "");
  await before;
  await access.leave();
  localStorage.removeItem(OWED);
}
