/**
 * The therapist herself: the X25519 key pair that her links name, made once on this device and kept in the vault, and
 * the name that patients see.
 */

import * as v from "valibot";
import { adopt, type Bytes, fromUtf8, utf8 } from "../../crypto/bytes.ts";
import { isDisplayName } from "../../crypto/invite.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import { isPersonName } from "../transport/person-name.ts";
import { decodeRecord, encodeRecord } from "../vault/record.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";

export interface Identity {
  /** X25519, 32 bytes; in every link she makes. */
  readonly publicKey: Bytes;
  /** 32 bytes; whoever uses it wipes it when the desk closes. */
  readonly privateKey: Bytes;
}

const Header = v.strictObject({ type: v.literal("X25519") });
const ID = "this";

/**
 * The stored key pair; the first call on a device makes one.
 * @throws VaultError RECORD-DAMAGED when there is one that cannot be read: a new one would silently break every link
 *   she has given out
 */
export function loadIdentity(sodium: Sodium, random: Random, store: SealedStore): Promise<Identity> {
  // Two tabs at a first sign-in must not make two.
  return navigator.locks.request("quietroom-identity", async () => {
    const stored = await store.get("identity", ID);
    const privateKey = stored === null ? await makeKey(random, store) : readKey(stored);
    stored?.fill(0);
    return { publicKey: adopt(sodium.crypto_scalarmult_base(privateKey)), privateKey };
  });
}

async function makeKey(random: Random, store: SealedStore): Promise<Bytes> {
  const privateKey = random(32);
  const record = encodeRecord(Header, { type: "X25519" }, [privateKey]);
  await store.put("identity", ID, record);
  record.fill(0);
  return privateKey;
}

function readKey(stored: Bytes): Bytes {
  const [privateKey, more] = decodeRecord(Header, stored)?.fields ?? [];
  if (privateKey?.length !== 32 || more !== undefined) throw new VaultError("RECORD-DAMAGED");
  return privateKey;
}

/** `null` before she has introduced herself, or when the record cannot be read: she is asked again. */
export async function loadName(store: SealedStore): Promise<string | null> {
  try {
    const stored = await store.get("profile", ID);
    const name = stored && fromUtf8(stored);
    return name !== null && isDisplayName(name) && isPersonName(name) ? name : null;
  } catch (error) {
    if (error instanceof VaultError && error.code === "RECORD-DAMAGED") return null;
    throw error;
  }
}

/** @throws RangeError for a name that no link and no message can carry: see `isDisplayName`, `isPersonName` */
export async function saveName(store: SealedStore, name: string): Promise<void> {
  if (!isDisplayName(name) || !isPersonName(name)) throw new RangeError("not a display name");
  await store.put("profile", ID, utf8(name));
}
