/**
 * The clinic's audit key (X25519): what the details of all events are sealed to, and what an auditor opens them with. Its
 * private half is in the vaults of auditors and nowhere else; the relay has the public half.
 *
 *   no key at the relay       the first auditor's page makes one: first her vault, then the relay
 *   one that she does not have     she takes a seat: her page posts a key that it may be sealed to, and waits
 *   an auditor who has it     compares digits with her, and seals it to her seat
 *
 * Not trusted: the relay. It could hand out a seat key of its own; so two people compare the digits, which both keys go
 * into, by a way that the relay has no part in. It could name an audit key of its own; so everybody keeps the first one
 * that they saw (client/audit/trust.ts), and another one is an alarm.
 */
import * as v from "valibot";
import { adopt, type Bytes, equal, fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { hash } from "../../crypto/kdf.ts";
import { AUDIT_SEAT } from "../../crypto/labels.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import type { AuditKey, Seats } from "../../relay/wire/audit.ts";
import { ApiError } from "../transport/api.ts";
import { decodeRecord, encodeRecord } from "../vault/record.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";

export interface AuditKeys {
  /** 32 bytes each. */
  readonly publicKey: Bytes;
  /** Whoever uses it wipes it when the vault locks. */
  readonly privateKey: Bytes;
}

/** Every call rejects with ApiError. What is `fresh` there touches the passkey by itself. */
export interface AuditKeyApi {
  auditKey(): Promise<AuditKey>;
  storeAuditKey(key: string): Promise<AuditKey>;
  takeSeat(key: string): Promise<Seats>;
  seats(): Promise<Seats>;
  fillSeat(account: string, seat: { readonly key: string; readonly sealed: string }): Promise<Seats>;
}

export interface AuditKeyOptions {
  readonly sodium: Sodium;
  readonly random: Random;
  readonly api: AuditKeyApi;
  /** Her open vault. */
  readonly store: SealedStore;
  /** Her account's id. */
  readonly account: string;
}

export type AuditKeyState =
  | { readonly state: "held"; readonly keys: AuditKeys }
  /** Nobody has handed it over yet. `fingerprint`: what she reads to an auditor who has it. */
  | { readonly state: "waiting"; readonly fingerprint: string };

/** A seat that waits for the key. */
export interface OpenSeat {
  readonly account: string;
  readonly name: string;
  readonly fingerprint: string;
}

const Header = v.strictObject({ type: v.literal("X25519"), use: v.picklist(["audit", "seat"]) });
type Use = v.InferOutput<typeof Header>["use"];

const KEY_BYTES = 32;
const SEAL_BYTES = 48;

/**
 * Where this auditor stands; makes the clinic's key if there is none, or takes her seat. Call it when her vault opens,
 * and again to see whether the key was handed over.
 * @param auditKey the clinic's public key as she has it pinned; null before the first sight of one
 * @throws ApiError, VaultError
 */
export function openAuditKey(options: AuditKeyOptions, auditKey: Bytes | null): Promise<AuditKeyState> {
  // Two tabs at a first sign-in must not make two.
  return navigator.locks.request("quietroom-audit-key", async () => {
    const stored = await readKeys(options, "audit");
    const held = (key: Bytes) => stored.find(({ publicKey }) => equal(publicKey, key));
    const pinned = auditKey && held(auditKey);
    // She has what she needs; whether the relay is there, and what it says by now, changes nothing of that.
    if (pinned) return { state: "held", keys: pinned };
    const known =
      auditKey ?? keyOf(await options.api.auditKey()) ?? (await giveFirst(options, stored[0] ?? null));
    const keys =
      held(known) ?? (await readKeys(options, "audit")).find(({ publicKey }) => equal(publicKey, known));
    return keys === undefined ? takeSeat(options, known) : { state: "held", keys };
  });
}

/** The seats that wait, but for her own. @throws ApiError */
export async function openSeats(
  { sodium, api, account }: AuditKeyOptions,
  { publicKey }: AuditKeys,
): Promise<OpenSeat[]> {
  const { seats } = await api.seats();
  return seats
    .filter((seat) => seat.sealed === null && seat.account !== account)
    .map((seat) => ({
      account: seat.account,
      name: seat.name,
      fingerprint: seatFingerprint(sodium, publicKey, bytes32(seat.key)),
    }));
}

/**
 * Hands the key over, after the two have compared the digits.
 * @param seat as it was shown: a seat that has other digits by now is not filled
 * @returns false when it has
 * @throws ApiError
 */
export async function fillSeat(
  { sodium, api }: AuditKeyOptions,
  { publicKey, privateKey }: AuditKeys,
  seat: Pick<OpenSeat, "account" | "fingerprint">,
): Promise<boolean> {
  const { seats } = await api.seats();
  const now = seats.find(({ account }) => account === seat.account);
  if (now === undefined) return false;
  const key = bytes32(now.key);
  if (seatFingerprint(sodium, publicKey, key) !== seat.fingerprint) return false;
  const sealed = toBase64Url(adopt(sodium.crypto_box_seal(privateKey, key)));
  await api.fillSeat(seat.account, { key: now.key, sealed });
  return true;
}

/** Six groups of four digits (80 bits), to be read aloud: of the clinic's audit key and of one seat together. */
export function seatFingerprint(sodium: Sodium, auditKey: Bytes, seatKey: Bytes): string {
  const bytes = hash(sodium, AUDIT_SEAT, 32, auditKey, seatKey);
  const groups = Array.from({ length: 6 }, (_, index) => {
    const word = bytes.subarray(5 * index, 5 * index + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    return (word % 10_000).toString().padStart(4, "0");
  });
  return groups.join(" ");
}

// ---- the first auditor -----------------------------------------------------------------------------------------

/**
 * A crash after the vault and before the relay: the same key is given to the relay the next time.
 * @returns the clinic's key, which is another auditor's where she was faster
 */
async function giveFirst(options: AuditKeyOptions, made: AuditKeys | null): Promise<Bytes> {
  const { publicKey } = made ?? (await makeKeys(options, "audit"));
  try {
    await options.api.storeAuditKey(toBase64Url(publicKey));
    return publicKey;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "AUDIT-KEY-EXISTS") throw error;
    const first = keyOf(await options.api.auditKey());
    if (first === null) throw error;
    return first;
  }
}

// ---- the others ------------------------------------------------------------------------------------------------

async function takeSeat(options: AuditKeyOptions, auditKey: Bytes): Promise<AuditKeyState> {
  const { sodium, api, account } = options;
  const [before] = await readKeys(options, "seat");
  const seat = before ?? (await makeKeys(options, "seat"));
  const key = toBase64Url(seat.publicKey);
  const seats = await api.seats();
  const mine = seats.seats.find((each) => each.account === account);
  const sealed = mine?.key === key ? mine.sealed : null;
  if (mine?.key !== key) await api.takeSeat(key);
  const privateKey = sealed === null ? null : unsealed(sodium, sealed, seat, auditKey);
  if (privateKey === null)
    return { state: "waiting", fingerprint: seatFingerprint(sodium, auditKey, seat.publicKey) };
  const keys = { publicKey: auditKey, privateKey };
  await writeKeys(options.store, "audit", keys);
  return { state: "held", keys };
}

/** `null` for anything but the private half of this very key: whoever sealed it does not have it. */
function unsealed(sodium: Sodium, sealed: string, seat: AuditKeys, auditKey: Bytes): Bytes | null {
  const bytes = fromBase64Url(sealed);
  if (bytes?.length !== KEY_BYTES + SEAL_BYTES) return null;
  try {
    const privateKey = adopt(sodium.crypto_box_seal_open(bytes, seat.publicKey, seat.privateKey));
    return equal(adopt(sodium.crypto_scalarmult_base(privateKey)), auditKey) ? privateKey : null;
  } catch {
    return null;
  }
}

// ---- in the vault ----------------------------------------------------------------------------------------------

async function makeKeys({ sodium, random, store }: AuditKeyOptions, use: Use): Promise<AuditKeys> {
  const privateKey = random(KEY_BYTES);
  const keys = { publicKey: adopt(sodium.crypto_scalarmult_base(privateKey)), privateKey };
  await writeKeys(store, use, keys);
  return keys;
}

/** Each under its own name: two that were made apart, on two devices, never take each other's place. */
async function writeKeys(store: SealedStore, use: Use, { publicKey, privateKey }: AuditKeys): Promise<void> {
  const record = encodeRecord(Header, { type: "X25519", use }, [privateKey]);
  await store.put("audit-key", toBase64Url(publicKey), record);
  record.fill(0);
}

/** All of this use, in the same order on every device. Damaged ones are left out. */
async function readKeys({ sodium, store }: AuditKeyOptions, use: Use): Promise<AuditKeys[]> {
  const keys: AuditKeys[] = [];
  for (const id of await store.list("audit-key")) {
    const record = await read(store, id);
    const [privateKey, more] = record?.fields ?? [];
    if (record?.header.use !== use || privateKey?.length !== KEY_BYTES || more !== undefined) continue;
    const publicKey = adopt(sodium.crypto_scalarmult_base(privateKey));
    if (toBase64Url(publicKey) === id) keys.push({ publicKey, privateKey });
  }
  return keys;
}

async function read(
  store: SealedStore,
  id: string,
): Promise<ReturnType<typeof decodeRecord<v.InferOutput<typeof Header>>>> {
  try {
    const bytes = await store.get("audit-key", id);
    const record = bytes && decodeRecord(Header, bytes);
    bytes?.fill(0);
    return record;
  } catch (error) {
    if (error instanceof VaultError && error.code === "RECORD-DAMAGED") return null;
    throw error;
  }
}

function keyOf({ key }: AuditKey): Bytes | null {
  return key === null ? null : bytes32(key);
}

function bytes32(text: string): Bytes {
  const bytes = fromBase64Url(text);
  if (bytes?.length !== KEY_BYTES) throw new ApiError("UNEXPECTED");
  return bytes;
}
