/** Behind the staff pages: the vault, her keys, her invites, and the desk's connection. */
import type { SodiumSumo } from "../../crypto/sodium.ts";
import { type AccountAccess, accountAccess } from "../identity/account.ts";
import { createInviteBook, type InviteBook } from "../identity/invites.ts";
import { type Identity, loadIdentity, loadName, saveName } from "../identity/keys.ts";
import type { StaffProblem } from "../state/model.ts";
import { ApiError } from "../transport/api.ts";
import { createApi } from "../transport/api-code.ts";
import { systemClock } from "../transport/clock.ts";
import { openHost } from "../transport/host.ts";
import { browserNetwork } from "../transport/network.ts";
import { loadSodiumSumo, systemRandom } from "../transport/sodium.ts";
import type { HostEvent, HostTransport } from "../transport/types.ts";
import { bellBeside, browserWake } from "../transport/wake.ts";
import { openVault, type Vault } from "../vault/dexie-store.ts";
import { VaultError } from "../vault/store.ts";

export interface StaffDesk {
  readonly sodium: SodiumSumo;
  readonly accounts: AccountAccess;
  /** Null while the desk is closed. */
  readonly host: HostTransport | null;
  readonly invites: InviteBook;
  name(): Promise<string | null>;
  introduce(name: string): Promise<void>;
  open(emit: (event: HostEvent) => void): void;
  /** Makes sure that the connection to the relay is alive, or makes a new one. */
  checkRelay(): void;
  close(): void;
}

/** Opens the vault and loads or makes her keys. Rejects with VaultError, or when libsodium does not load. */
export async function openStaffDesk(): Promise<StaffDesk> {
  const [sodium, vault] = await Promise.all([loadSodiumSumo(), openVault()]);
  const identity = await loadIdentity(sodium, systemRandom, vault);
  return staffDesk(sodium, vault, identity);
}

function staffDesk(sodium: SodiumSumo, store: Vault, { publicKey, privateKey }: Identity): StaffDesk {
  const api = createApi({ base: "", fetch, clock: systemClock });
  const { origin } = location;
  const random = systemRandom;
  const invites = createInviteBook({ sodium, random, api, store, publicKey, origin, now: Date.now });
  const bell = bellBeside(browserWake);
  let host: HostTransport | null = null;
  return {
    sodium,
    accounts: accountAccess(api),
    get host() {
      return host;
    },
    invites,
    name: () => loadName(store),
    introduce: (name) => saveName(store, name),
    open(emit) {
      host?.close();
      host = openHost({
        sodium,
        random,
        api,
        store,
        privateKey,
        invites: invites.forHost,
        spend: invites.spend,
        network: browserNetwork(origin, bell.wake),
        emit,
      });
    },
    checkRelay: () => bell.ring(),
    close() {
      host?.close();
      host = null;
    },
  };
}

/** The codes that the staff pages have words for. */
const KNOWN: ReadonlySet<string> = new Set<StaffProblem>([
  "SIGN-IN-REFUSED",
  "RATE-LIMITED",
  "OFFLINE",
  "INVITE-LIMIT",
  "INVITE-TOO-LONG",
  "SESSION-UNKNOWN",
  "SESSION-ENDED",
]);
const isKnown = (code: string): code is StaffProblem => KNOWN.has(code);

/** What she is told of an error of the relay's or the vault's. */
export function staffProblem(error: unknown): StaffProblem {
  if (error instanceof VaultError) return "STORAGE-FAILED";
  return error instanceof ApiError && isKnown(error.code) ? error.code : "UNEXPECTED";
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.code === "SIGN-IN-REQUIRED";
}
