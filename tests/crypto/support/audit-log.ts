/** A small log as a relay would keep it, and its exports. The same bytes in every run. */
import assert from "node:assert/strict";
import { encodeVerifierKey, signCheckpoint } from "../../../crypto/audit/checkpoint.ts";
import { encodeEntry } from "../../../crypto/audit/entry.ts";
import { type AuditEvent, eventHash, eventId, signEvent } from "../../../crypto/audit/event.ts";
import { encodeExportEnd, encodeExportHeader, encodeExportLine } from "../../../crypto/audit/export.ts";
import {
  append,
  EMPTY_RANGE,
  leafHash,
  type Node,
  proveInclusion,
  rootOf,
} from "../../../crypto/audit/merkle.ts";
import type { EventName } from "../../../crypto/audit/registry.ts";
import { type Bytes, toBase64Url } from "../../../crypto/bytes.ts";
import { type SigningKey, START, sha256, signingKey, someId } from "./audit.ts";
import { seededRandom } from "./session.ts";

export const ORIGIN = `quietroom.log/${someId("origin")}`;

export interface Said {
  readonly action: EventName;
  readonly outcome?: "failure";
  readonly account?: string | null;
  readonly session?: string | null;
  readonly subject?: string | null;
}

interface Entry {
  readonly received: number;
  readonly text: string;
  readonly event: AuditEvent;
  readonly leaf: Bytes;
  purged: boolean;
}

export class TestLog {
  readonly logKey = signingKey("log key");
  readonly relay = signingKey("relay key");
  readonly verifierKey = encodeVerifierKey(sha256, ORIGIN, this.logKey.publicKey);
  readonly entries: Entry[] = [];
  now = START;
  readonly #heads = new Map<string, { readonly seq: number; readonly hash: string }>();
  readonly #nodes = new Map<string, Bytes>();
  readonly #random = seededRandom("audit log");
  #range = EMPTY_RANGE;

  /** Signs an event as the next of its key, and appends it. `changes` are made before it is signed. */
  async say(key: SigningKey, said: Said, changes: Partial<AuditEvent> = {}): Promise<Entry> {
    const head = this.#heads.get(key.actor);
    const size = this.entries.length;
    this.now += 1_000;
    const event: AuditEvent = {
      id: eventId(this.now, this.#random(10)),
      actor: key.actor,
      seq: head?.seq ?? 0,
      prev: head?.hash ?? null,
      time: this.now,
      account: said.account ?? null,
      session: said.session ?? null,
      subject: said.subject ?? null,
      action: said.action,
      outcome: said.outcome ?? "success",
      device: "Firefox on Linux",
      checkpoint: size === 0 ? null : { size, root: toBase64Url(rootOf(sha256, this.#range)) },
      details: null,
      ...changes,
    };
    const text = await signEvent(event, key.sign);
    this.#heads.set(key.actor, { seq: event.seq + 1, hash: eventHash(sha256, text) });
    return this.put(event, text);
  }

  /** Appends what it is given, as a relay that does not check would. */
  put(event: AuditEvent, text: string, received = this.now): Entry {
    const leaf = leafHash(sha256, encodeEntry({ received, event: text }));
    const entry = { received, text, event, leaf, purged: false };
    this.entries.push(entry);
    this.#range = append(sha256, this.#range, leaf, ({ level, index }, hash) =>
      this.#nodes.set(`${level}/${index}`, hash),
    );
    return entry;
  }

  async introduce(key: SigningKey, owner: { account: string } | { session: string }): Promise<void> {
    await this.say(this.relay, {
      action: "log.key-added",
      subject: toBase64Url(sha256(key.publicKey)),
      ...owner,
    });
  }

  checkpoint(size = this.entries.length): Promise<string> {
    const range = this.entries
      .slice(0, size)
      .reduce((tree, { leaf }) => append(sha256, tree, leaf), EMPTY_RANGE);
    const root = rootOf(sha256, range);
    return signCheckpoint(sha256, { origin: ORIGIN, size, root }, this.logKey.publicKey, this.logKey.sign);
  }

  async export(first = 0, second = this.entries.length, session: string | null = null): Promise<string[]> {
    const size = this.entries.length;
    const whole = session === null && first === 0 && second === size;
    const header = {
      log: this.verifierKey,
      relay: this.relay.actor,
      checkpoint: await this.checkpoint(),
      first,
      second,
      session,
    };
    const read = ({ level, index }: Node) => this.#nodes.get(`${level}/${index}`) ?? assert.fail();
    const lines = this.#indexes(first, second, session).map((index) => {
      const { received, text, leaf, purged } = this.entries[index] ?? assert.fail();
      const proof = whole ? null : proveInclusion(sha256, read, index, size);
      return encodeExportLine({ index, received, body: purged ? { leaf } : { event: text }, proof });
    });
    return [encodeExportHeader(header), ...lines, encodeExportEnd(lines.length)];
  }

  #indexes(first: number, second: number, session: string | null): number[] {
    const events = this.entries.map(({ event }, index) => ({ event, index })).slice(first, second);
    if (session === null) return events.map(({ index }) => index);
    const own = events.filter(({ event }) => event.session === session);
    const keys = new Set(own.map(({ event }) => event.actor));
    const added = events.filter(({ event }) => event.action === "log.key-added");
    const named = added.filter(({ event }) =>
      [...keys].some((actor) => toBase64Url(sha256(Buffer.from(actor, "base64url"))) === event.subject),
    );
    return [...new Set([...own, ...named].map(({ index }) => index))].sort((a, b) => a - b);
  }
}

export const ACCOUNT = someId("ada");
export const ROOM = someId("room");
export const SESSIONS = [someId("session 1"), someId("session 2"), someId("session 3")] as const;
export const staff = signingKey("ada's key");
export const guests = SESSIONS.map((_, i) => signingKey(`guest ${i}`));

/** A day: the relay starts, a therapist unlocks her vault, three patients are seen one after the other. */
export async function aDay(log = new TestLog()): Promise<TestLog> {
  await log.say(log.relay, { action: "log.opened" });
  await log.say(log.relay, { action: "relay.started" });
  await log.say(log.relay, { action: "sign-in.passkey", account: ACCOUNT, subject: someId("login") });
  await log.introduce(staff, { account: ACCOUNT });
  await log.say(staff, { action: "vault.unlocked", account: ACCOUNT });
  await log.say(staff, { action: "invite.made", account: ACCOUNT, subject: ROOM });
  for (const [i, session] of SESSIONS.entries()) await aSession(log, session, guests[i] ?? assert.fail());
  await log.say(log.relay, { action: "sign-in.passkey", outcome: "failure" });
  return log;
}

async function aSession(log: TestLog, session: string, guest: SigningKey): Promise<void> {
  const own = { account: ACCOUNT, session };
  await log.say(log.relay, { action: "invite.opened", ...own, subject: ROOM });
  await log.introduce(guest, { session });
  await log.say(guest, { action: "knock", session });
  await log.say(guest, { action: "consent.given", session });
  await log.say(staff, { action: "admit", ...own });
  await log.say(guest, { action: "words.compared", session });
  await log.say(staff, { action: "words.compared", ...own });
  await log.say(staff, { action: "vault.changed", account: ACCOUNT });
  await log.say(staff, { action: "call.ended", ...own });
}
