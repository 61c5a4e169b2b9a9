/** A therapist's rooms behind an open vault: her keys, her invites, and the desk's connection. */
import type { StaffHappening } from "../../crypto/audit/registry.ts";
import type { SodiumSumo } from "../../crypto/sodium.ts";
import { createInviteBook, type InviteBook } from "../identity/invites.ts";
import { type Identity, loadIdentity, loadName, saveName } from "../identity/keys.ts";
import type { StaffProblem } from "../state/model.ts";
import { ApiError } from "../transport/api.ts";
import type { DeskApi } from "../transport/api-desk.ts";
import { openHost } from "../transport/host.ts";
import { browserNetwork } from "../transport/network.ts";
import { systemRandom } from "../transport/sodium.ts";
import type { HostEvent, HostTransport } from "../transport/types.ts";
import { bellBeside, browserWake } from "../transport/wake.ts";
import type { AccountVault } from "../vault/account-vault.ts";
import { VaultError } from "../vault/store.ts";

export interface StaffDesk {
  readonly sodium: SodiumSumo;
  /** Null while the desk is closed. */
  readonly host: HostTransport | null;
  readonly invites: InviteBook;
  name(): Promise<string | null>;
  introduce(name: string): Promise<void>;
  open(emit: (event: HostEvent) => void): void;
  /** Makes sure that the connection to the relay is alive, or makes a new one. */
  checkRelay(): void;
  /** Of the connection. The desk can be opened again. */
  close(): void;
  /** For good: the private key is wiped. */
  leave(): void;
}

export interface StaffDeskOptions {
  readonly sodium: SodiumSumo;
  readonly api: DeskApi;
  /** Open. */
  readonly vault: AccountVault;
  readonly record: (happening: StaffHappening) => Promise<void>;
  /** It was made just now: there is nothing of it at the relay that this device does not have. */
  readonly fresh: boolean;
}

/** Loads or makes her keys. Rejects with VaultError, or with ApiError where the relay has to be asked for them. */
export async function openStaffDesk(options: StaffDeskOptions): Promise<StaffDesk> {
  const { sodium, vault, fresh } = options;
  // On a new device they are on their way: a second pair of keys would break every link that she has given out.
  if (!fresh && (await vault.list("identity")).length === 0) await vault.sync();
  return staffDesk(options, await loadIdentity(sodium, systemRandom, vault));
}

function staffDesk(
  { sodium, api, vault: store, record }: StaffDeskOptions,
  { publicKey, privateKey }: Identity,
): StaffDesk {
  const { origin } = location;
  const random = systemRandom;
  const invites = createInviteBook({ sodium, random, api, store, publicKey, origin, now: Date.now, record });
  const bell = bellBeside(browserWake);
  let host: HostTransport | null = null;
  const stopListening = store.onChange((kind, id) => {
    if (kind === "strikes") host?.strikesChanged(id);
  });
  function close(): void {
    host?.close();
    host = null;
  }
  return {
    sodium,
    get host() {
      return host;
    },
    invites,
    name: () => loadName(store),
    introduce: (name) => saveName(store, name),
    open(emit) {
      close();
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
    close,
    leave() {
      stopListening();
      close();
      privateKey.fill(0);
    },
  };
}

/** The codes that the staff pages have words for. */
const KNOWN: ReadonlySet<string> = new Set<StaffProblem>([
  "RATE-LIMITED",
  "LOG-UNAVAILABLE",
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
