/**
 * Her invites. The relay knows a room, a hash and a validity; the vault knows the link, the passcode and the label; the
 * list shows both together. A link is shown only after both have it: first the vault, then the relay, so that no
 * crash leaves a link that nobody can answer.
 *
 * Why a passcode may be short: it is never a key by itself. Without the link it is useless; with the link, CPace allows
 * one guess for each handshake with the therapist's own browser, which counts it before it answers, and the third wrong
 * one burns the invite. Six digits then give a finder of the link 3 chances in a million, however fast he computes. A
 * personal room takes three guesses every quarter of an hour (transport/host-strikes.ts), so its passcode is longer.
 */
import type { StaffHappening } from "../../crypto/audit/registry.ts";
import { linkSecret } from "../../crypto/brands.ts";
import { type Bytes, toBase64Url } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { deriveRoom, encodeInvite, type Invite, parseInvite } from "../../crypto/invite.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import type { InviteState, InviteUse, Invite as RelayInvite } from "../../relay/wire/requests.ts";
import { ApiError, isPassing } from "../transport/api.ts";
import type { DeskApi } from "../transport/api-desk.ts";
import { lockOf } from "../transport/host-strikes.ts";
import type { HostInvite } from "../transport/types.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";
import { decodeInviteRecord, encodeInviteRecord, type InviteRecord } from "./invite-record.ts";

export interface InviteForm {
  /** For her eyes alone; at most MAX_LABEL_CHARACTERS. */
  readonly label: string;
  /** In the form that both sides agree on (ui/passcode.ts); null for none. */
  readonly passcode: string | null;
  readonly relayOnly: boolean;
  readonly use: InviteUse;
  /** Milliseconds since 1970, on the relay's clock. */
  readonly notBefore: number;
  readonly expires: number;
}

export interface InviteEntry {
  readonly room: string;
  readonly label: string;
  /** Empty when it was made on another device, or opens nothing any more. */
  readonly link: string;
  readonly passcode: string | null;
  /** It asks for a passcode, or did; false also when this vault does not know. */
  readonly asks: boolean;
  readonly relayOnly: boolean;
  readonly use: InviteUse;
  readonly created: number;
  readonly notBefore: number;
  readonly expires: number;
  readonly strikes: number;
  readonly state: InviteState;
  /** Of a locked personal room: by this desk's own count, else as the relay says; null where neither has a lock. */
  readonly lockedUntil: number | null;
  /** False for an invite that this vault does not know. */
  readonly here: boolean;
}

export interface InviteBookOptions {
  readonly sodium: Sodium;
  readonly random: Random;
  readonly api: Pick<DeskApi, "createInvite" | "invites" | "revokeInvite" | "pauseInvite">;
  readonly store: SealedStore;
  /** Her X25519 public key. */
  readonly publicKey: Bytes;
  /** Of the page that patients open: `location.origin`. */
  readonly origin: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves when it is written down: before that, nothing of it happens. Never rejects. */
  readonly record: (happening: StaffHappening) => Promise<void>;
}

/** Everything rejects with ApiError or VaultError. */
export interface InviteBook {
  /** @param therapist her display name. @returns the room */
  create(form: InviteForm, therapist: string): Promise<string>;
  /** The relay's order: newest first. Tidies the vault on the way. */
  list(): Promise<InviteEntry[]>;
  /** Forgets its link here, so that no desk with this vault answers it, then closes it at the relay. */
  revoke(room: string): Promise<void>;
  /** Changes the label, which only this vault has. Nothing happens to an invite that it does not know. */
  rename(room: string, label: string): Promise<void>;
  /** Closes a personal room for a while, or opens it again. This desk answers nobody there, whatever the relay does. */
  pause(room: string, paused: boolean): Promise<void>;
  /**
   * Another link in the place of an open one. First the new invite, then the end of the old one: whatever fails, there
   * is one that works. @returns the new room, and why the old one could not be closed at the relay
   */
  rotate(
    room: string,
    form: InviteForm,
    therapist: string,
  ): Promise<{ readonly room: string; readonly failure: unknown }>;
  /** Somebody was let in with a single-use invite: its link opens nothing here any more, whatever the relay says. */
  spend(room: string): Promise<void>;
  /** What the desk answers. Damaged records are left out: their guests hear INVITE-ELSEWHERE. */
  forHost(): Promise<HostInvite[]>;
}

/** Another tab may be between vault and relay for so long. */
const CREATION_MS = 60_000;
/** Somebody who knocked in time may still wait when it has expired. */
const KEEP_EXPIRED_MS = 24 * 3_600_000;

export function createInviteBook(options: InviteBookOptions): InviteBook {
  const { sodium, api, store, now } = options;
  const save = (room: string, record: InviteRecord) => store.put("invite", room, encodeInviteRecord(record));

  async function create(form: InviteForm, therapist: string): Promise<string> {
    const { room, tokenHash, fragment } = await newInvite(options, form, therapist);
    const { label, passcode, relayOnly, use, notBefore, expires } = form;
    const record = { label, use, created: now(), expires, relayOnly, fragment, passcode };
    await save(room, { ...record, registered: false });
    await made(room, form);
    try {
      await api.createInvite({ room, tokenHash, use, notBefore, expires });
    } catch (error) {
      // Refused for certain. Whether an answer got lost on the way, `list` will find out.
      if (error instanceof ApiError && !isPassing(error.code)) {
        await withdrawn(room, error.code);
        await store.delete("invite", room);
      }
      throw error;
    }
    await save(room, { ...record, registered: true });
    return room;
  }

  const made = (room: string, { use, notBefore, expires, passcode }: InviteForm) =>
    options.record({
      action: "invite.made",
      outcome: "success",
      subject: room,
      details: { use, from: notBefore, until: expires, passcode: passcode === null ? "none" : "asked" },
    });
  const withdrawn = (room: string, reason: string) =>
    options.record({ action: "invite.revoked", outcome: "success", subject: room, details: { reason } });

  async function revoke(room: string): Promise<void> {
    await withdrawn(room, "revoked");
    await forgetLink(store, room);
    await api.revokeInvite(room);
  }

  async function change(room: string, changes: (record: InviteRecord) => InviteRecord): Promise<void> {
    const record = await read(store, room);
    if (record !== null) await save(room, changes(record));
  }

  return {
    create,

    async list() {
      const { invites, now: relayNow } = await api.invites();
      const known = new Map(invites.map((invite) => [invite.room, invite]));
      const records = await readAll(store);
      for (const [room, record] of records) {
        const tidied = tidy(record, known.get(room) ?? null, relayNow, now());
        if (tidied === null) await store.delete("invite", room);
        else if (tidied !== record) await save(room, tidied);
        if (tidied === null) records.delete(room);
        else records.set(room, tidied);
      }
      const entries: InviteEntry[] = [];
      for (const invite of invites) {
        const record = records.get(invite.room) ?? null;
        const until = invite.use === "reusable" ? await lockOf(store, invite.room, now()) : null;
        entries.push(entryOf(invite, record, options.origin, until));
      }
      return entries;
    },

    revoke,

    rename: (room, label) => change(room, (record) => ({ ...record, label })),

    async pause(room, paused) {
      // Closing is done here first and opening last: between the two nobody is answered.
      const here = () =>
        change(room, ({ paused: _, ...record }) => (paused ? { ...record, paused } : record));
      await options.record({
        action: "invite.paused",
        outcome: "success",
        subject: room,
        details: { paused: paused ? "paused" : "open" },
      });
      if (paused) await here();
      await api.pauseInvite(room, paused);
      if (!paused) await here();
    },

    async rotate(room, form, therapist) {
      const made = await create(form, therapist);
      try {
        await revoke(room);
        return { room: made, failure: null };
      } catch (failure) {
        return { room: made, failure };
      }
    },

    spend: (room) => forgetLink(store, room),

    async forHost() {
      const invites: HostInvite[] = [];
      for (const [room, { fragment, passcode, use, paused = false }] of await readAll(store)) {
        const invite = fragment === null ? null : parsed(sodium, fragment);
        if (invite !== null) invites.push({ room, invite, passcode, use, paused });
      }
      return invites;
    },
  };
}

async function newInvite(
  { sodium, random, publicKey }: InviteBookOptions,
  { passcode, relayOnly }: InviteForm,
  name: string,
): Promise<{ readonly room: string; readonly tokenHash: string; readonly fragment: string }> {
  const secret = linkSecret(random(32));
  const invite: Invite = {
    version: 1,
    passcode: passcode !== null,
    relayOnly,
    secret,
    therapistKey: publicKey,
    name,
  };
  const fragment = encodeInvite(sodium, invite);
  const { room, token, psk } = deriveRoom(sodium, secret);
  const tokenHash = toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", token)));
  for (const bytes of [secret, token, psk]) sodium.memzero(bytes);
  return { room: toBase64Url(room), tokenHash, fragment };
}

/** The label stays, for the list. */
async function forgetLink(store: SealedStore, room: string): Promise<void> {
  const record = await read(store, room);
  if (record !== null) await store.put("invite", room, encodeInviteRecord(withoutLink(record)));
}

function withoutLink(record: InviteRecord): InviteRecord {
  return { ...record, fragment: null, passcode: null, asked: asks(record) };
}

const asks = ({ passcode, asked }: InviteRecord): boolean => passcode !== null || asked === true;

/** Every record that can be read, by room. */
async function readAll(store: SealedStore): Promise<Map<string, InviteRecord>> {
  const records = new Map<string, InviteRecord>();
  for (const room of await store.list("invite")) {
    const record = await read(store, room);
    if (record !== null) records.set(room, record);
  }
  return records;
}

async function read(store: SealedStore, room: string): Promise<InviteRecord | null> {
  try {
    const bytes = await store.get("invite", room);
    const record = bytes && decodeInviteRecord(bytes);
    bytes?.fill(0);
    return record;
  } catch (error) {
    if (error instanceof VaultError && error.code === "RECORD-DAMAGED") return null;
    throw error;
  }
}

/** What becomes of a record, given what the relay says; `null` to forget it whole. */
function tidy(
  record: InviteRecord,
  invite: RelayInvite | null,
  relayNow: number,
  now: number,
): InviteRecord | null {
  // By both clocks: a link that was thrown away because one of them is wrong, or lies, is gone for good.
  const over = Math.min(relayNow, now) > record.expires + KEEP_EXPIRED_MS;
  if (invite === null) {
    const abandoned = !record.registered && now > record.created + CREATION_MS;
    return over || abandoned ? null : record;
  }
  const closed = over || invite.state === "revoked" || invite.state === "burnt" || invite.state === "used";
  if (closed && record.fragment !== null) return { ...withoutLink(record), registered: true };
  return record.registered ? record : { ...record, registered: true };
}

function entryOf(
  invite: RelayInvite,
  record: InviteRecord | null,
  origin: string,
  lockedUntil: number | null,
): InviteEntry {
  const fragment = record?.fragment ?? null;
  // What she chose is in the vault; the relay is asked for what happened since.
  const { use, expires } = record ?? invite;
  return {
    room: invite.room,
    created: invite.created,
    notBefore: invite.notBefore,
    strikes: invite.strikes,
    use,
    expires,
    label: record?.label ?? "",
    link: fragment === null ? "" : `${origin}/j#${fragment}`,
    passcode: record?.passcode ?? null,
    asks: record !== null && asks(record),
    state: stateOf(invite.state, record?.paused === true, lockedUntil !== null),
    lockedUntil: lockedUntil ?? invite.until ?? null,
    relayOnly: record?.relayOnly ?? false,
    here: record !== null,
  };
}

/** What this desk does itself counts also where the relay has not heard of it. */
function stateOf(state: InviteState, paused: boolean, locked: boolean): InviteState {
  if (state !== "active" && state !== "not-yet" && state !== "paused" && state !== "locked") return state;
  if (locked) return "locked";
  return paused ? "paused" : state;
}

function parsed(sodium: Sodium, fragment: string): Invite | null {
  try {
    return parseInvite(sodium, fragment);
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}
