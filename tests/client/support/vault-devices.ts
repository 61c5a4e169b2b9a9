/** Devices of one person with one relay, in memory: disks, tabs, and ways in. */
import type { Clock } from "../../../client/transport/clock.ts";
import { systemRandom } from "../../../client/transport/sodium.ts";
import type { AccountVault, VaultSecret } from "../../../client/vault/account-vault.ts";
import type { Merges } from "../../../client/vault/kinds.ts";
import type { OldVault } from "../../../client/vault/old-vault.ts";
import { vaultOver } from "../../../client/vault/vault-over.ts";
import { toBase64Url } from "../../../crypto/bytes.ts";
import type { SodiumSumo } from "../../../crypto/sodium.ts";
import { sumo } from "../../crypto/support/handshake.ts";
import { type Disk, memoryDatabase, newDisk } from "./memory-database.ts";
import { type VaultRelay, vaultRelay } from "./vault-relay.ts";

/** @param named of another credential than its own */
export const passkey = (number: number, named = number): VaultSecret => ({
  type: "prf",
  credential: credentialOf(named),
  output: new Uint8Array(32).fill(number),
});
export const credentialOf = (number: number): string => toBase64Url(new Uint8Array(20).fill(number));
export const share = (number: number): string => toBase64Url(new Uint8Array(32).fill(number));

export interface Device {
  readonly disk: Disk;
  /** A page with the vault, locked. */
  page(): Promise<AccountVault>;
  /** Milliseconds since 1970. */
  time: number;
  old: OldVault | null;
  /** What waits for longer than a moment, until a test ends the wait. */
  readonly waits: Set<() => void>;
}

export function endWaits({ waits }: Device): void {
  for (const end of [...waits]) {
    waits.delete(end);
    end();
  }
}

export interface Person {
  readonly relay: VaultRelay;
  device(): Device;
}

let devices = 0;

export function person(merge?: Merges, relay: VaultRelay = vaultRelay(), sodium: SodiumSumo = sumo): Person {
  return {
    relay,
    device() {
      const disk = newDisk();
      devices += 1;
      const name = `vault-test-${process.pid}-${devices}`;
      const device: Device = {
        disk,
        time: 1_700_000_000_000,
        old: null,
        waits: new Set(),
        page: () =>
          vaultOver({
            sodium,
            random: systemRandom,
            api: relay,
            clock: clockOf(device),
            ...(merge && { merge }),
            database: memoryDatabase(disk),
            name,
            findOld: async () => device.old,
          }),
      };
      return device;
    },
  };
}

/** Syncs happen when a test says so: only the shortest waits come to their end by themselves. */
function clockOf(device: Device): Clock {
  return {
    now: () => device.time,
    wall: () => device.time,
    after(ms, callback) {
      if (ms >= 100) {
        device.waits.add(callback);
        return () => void device.waits.delete(callback);
      }
      const timer = setTimeout(callback, 0);
      return () => clearTimeout(timer);
    },
  };
}

/** A device whose vault is open, made if need be. */
export async function openOn(device: Device, secret: VaultSecret = passkey(1)): Promise<AccountVault> {
  const vault = await device.page();
  if (vault.state === "none") await vault.create(secret);
  else await vault.unlock(secret);
  return vault;
}

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));
export const text = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString();

/** For assert.rejects. */
export const refused = (code: string) => (error: unknown) =>
  error instanceof Error && "code" in error && error.code === code;
