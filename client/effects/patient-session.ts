/** Behind the patient's page: the link, the tab's store, and the one session with the therapist. */
import type { Invite } from "../../crypto/invite.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import type { ClinicLook, JoinProblem } from "../state/model.ts";
import type { PatientEvent } from "../state/patient-events.ts";
import { ApiError, createAsk, isPassing } from "../transport/api.ts";
import { guestApi } from "../transport/api-guest.ts";
import { systemClock } from "../transport/clock.ts";
import { openGuest } from "../transport/guest.ts";
import { checkIn, joinOf } from "../transport/guest-check-in.ts";
import type { GuestMessage } from "../transport/messages.ts";
import { browserNetwork } from "../transport/network.ts";
import type { GuestEvent, GuestTransport } from "../transport/types.ts";
import { bellBeside, browserWake } from "../transport/wake.ts";
import { openMemoryStore } from "../vault/memory-store.ts";
import type { SealedStore } from "../vault/store.ts";
import { openTabStore } from "../vault/tab-store.ts";
import { clearAddress, linkInAddress } from "./address.ts";
import type { IceGrant } from "./call-runner.ts";
import { readLink } from "./link.ts";
import { type Knocked, loadPage, savePage } from "./page-record.ts";

export interface PatientLinkOptions {
  readonly random: Random;
  readonly onGuest: (event: GuestEvent) => void;
  readonly onRefused: (problem: JoinProblem) => void;
}

type Facts = Omit<Extract<PatientEvent, { type: "started" }>, "type" | "missing">;

export interface PatientLink {
  /** `null` when the link opens nothing; `facts` say why. */
  readonly session: PatientSession | null;
  readonly facts: Facts;
}

export interface PatientSession {
  readonly sodium: Sodium;
  readonly invite: Invite;
  /** How the clinic presents itself. Rejects when its code is not to be had. */
  look(): Promise<ClinicLook>;
  /** Tells `onRefused` when the relay refuses the link; silent when it cannot be asked. */
  check(): Promise<void>;
  knock(knock: Knocked): Promise<void>;
  /** Goes on with the knock that a reload interrupted. */
  resume(): Promise<void>;
  send(message: GuestMessage): void;
  remember(note: string): void;
  requestEpoch(): void;
  /** Makes sure that the connection to the relay is alive, or makes a new one. */
  checkRelay(): void;
  ice(): Promise<IceGrant>;
  callStands(stands: boolean): void;
  /** Closes the connection; a reload goes on. */
  suspend(): void;
  /** The session is over; the link stays for another try. */
  drop(): Promise<void>;
  /** Says goodbye if it can be heard; then nothing stays on this device, but for the link if asked. Never rejects. */
  leave(keepLink: boolean): Promise<void>;
  /** The session is over, and nothing of it stays on this device. Never rejects. */
  forget(): Promise<void>;
}

const refused = (problem: JoinProblem): PatientLink => ({
  session: null,
  facts: { link: null, problem, knock: null },
});

/** Reads the link from the address bar, or from before a reload, and clears the address bar. Never rejects. */
export async function openPatientLink(options: PatientLinkOptions): Promise<PatientLink> {
  const given = linkInAddress();
  const tab = await openStore(given !== "");
  if (tab === null) return refused({ code: "OPEN-ELSEWHERE" });
  clearAddress();
  const page = await loadPage(tab).catch(() => null);
  // The same link again goes on where it was; another one begins anew.
  const same = given === "" || given === page?.link;
  if (!same) await tab.clear().catch(() => undefined);
  const link = same ? (page?.link ?? given) : given;
  const knock = same ? (page?.knock ?? null) : null;
  await savePage(tab, { link, knock }).catch(() => undefined);
  try {
    const read = await readLink(link);
    if ("problem" in read) return refused(read.problem);
    const { sodium, invite } = read;
    return {
      session: patientSession({ ...options, sodium, invite, store: tab, link, knock }),
      facts: {
        link: { therapist: invite.name, passcodeNeeded: invite.passcode },
        problem: null,
        knock: knock && { name: knock.name, since: knock.since },
      },
    };
  } catch {
    // libsodium did not load.
    return refused({ code: "OFFLINE" });
  }
}

/** `null` when another tab goes on with this one's session. Where nothing can be stored, a reload loses the place. */
async function openStore(linkGiven: boolean): Promise<SealedStore | null> {
  try {
    const tab = await openTabStore({ fresh: false });
    if (tab.state === "open") return tab.store;
    if (!linkGiven) return null;
    const fresh = await openTabStore({ fresh: true });
    return fresh.state === "open" ? fresh.store : null;
  } catch {
    return openMemoryStore();
  }
}

interface SessionParts extends PatientLinkOptions {
  readonly sodium: Sodium;
  readonly invite: Invite;
  readonly store: SealedStore;
  readonly link: string;
  readonly knock: Knocked | null;
}

function patientSession(parts: SessionParts): PatientSession {
  const { sodium, invite, store, link, random, onGuest, onRefused } = parts;
  const ask = createAsk({ base: "", fetch, clock: systemClock });
  const api = guestApi(ask);
  const bell = bellBeside(browserWake);
  const network = browserNetwork(location.origin, bell.wake);
  let guest: GuestTransport | null = null;
  let checked: Promise<void> = Promise.resolve();

  function open(passcode: string | null): void {
    guest?.close();
    guest = openGuest({ sodium, random, api, store, invite, passcode, network, emit: onGuest });
  }

  function close(): void {
    guest?.close();
    guest = null;
  }

  /** A page that cannot store goes on; only a reload would lose the place. */
  const save = (knock: Knocked | null) => savePage(store, { link, knock }).catch(() => undefined);

  const forget = () => store.clear().catch(() => undefined);

  return {
    sodium,
    invite,
    async look() {
      const { findLook } = await import("./clinic-look.ts");
      return findLook(ask, joinOf(sodium, invite));
    },
    check() {
      checked = checkIn({ sodium, api, store, invite }).catch((error: unknown) => {
        const problem = refusalOf(error);
        if (problem !== null) onRefused(problem);
      });
      return checked;
    },
    async knock(knock) {
      await Promise.all([save({ name: knock.name, passcode: knock.passcode, since: knock.since }), checked]);
      open(knock.passcode);
    },
    async resume() {
      open(parts.knock?.passcode ?? null);
    },
    send: (message) => guest?.send(message),
    remember: (note) => guest?.remember(note),
    requestEpoch: () => guest?.requestEpoch(),
    checkRelay: () => bell.ring(),
    async ice() {
      if (guest === null) throw new ApiError("SESSION-UNKNOWN");
      return guest.ice();
    },
    callStands: (stands) => guest?.callStands(stands),
    suspend: close,
    async drop() {
      close();
      await save(null);
    },
    async leave(keepLink) {
      const leaving = guest;
      guest = null;
      await leaving?.leave().catch(() => undefined);
      await (keepLink ? save(null) : forget());
    },
    async forget() {
      close();
      await forget();
    },
  };
}

/** What the relay says of the link itself; `null` when it could not be asked, which the session will find out anew. */
function refusalOf(error: unknown): JoinProblem | null {
  if (!(error instanceof ApiError) || isPassing(error.code)) return null;
  const { code, opens } = error;
  if (code === "OFFLINE" || code === "UNEXPECTED") return null;
  return opens === null ? { code } : { code, opens };
}
