/**
 * Signs what happened, as the next event of this browser's key, and writes it down. The key is made on this device and
 * is never given out; all tabs of one account sign with it, one after the other.
 */
import type { Checkpoint } from "../../crypto/audit/checkpoint.ts";
import { sealDetails } from "../../crypto/audit/details.ts";
import { eventHash, eventId, parseEvent, signEvent } from "../../crypto/audit/event.ts";
import { EVENTS, type Happening } from "../../crypto/audit/registry.ts";
import { type Bytes, toBase64Url } from "../../crypto/bytes.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import type { Locks } from "./locks.ts";
import { type Actor, type Outbox, OutboxError, type Owner, type Queued } from "./outbox.ts";
import { sha256 } from "./sha256.ts";

/** Who signs. */
export type Signatory =
  | { readonly kind: "staff"; readonly account: string }
  /** @param resume what the relay takes this session's events for */
  | { readonly kind: "guest"; readonly session: string; readonly resume: string };

export function ownerOf(signatory: Signatory): Owner {
  return signatory.kind === "staff" ? `staff:${signatory.account}` : `guest:${signatory.session}`;
}

export interface PenOptions {
  readonly outbox: Outbox;
  readonly signatory: Signatory;
  readonly locks: Locks;
  readonly sodium: Pick<Sodium, "crypto_box_seal" | "crypto_box_seal_open">;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Browser and system, such as "Firefox on Linux". */
  readonly device: string;
  /** Newest verified checkpoint, and what details are sealed to. */
  readonly known: () => { readonly newest: Checkpoint | null; readonly audit: Bytes | null };
}

export interface Pen {
  /** Resolves when it is in the outbox. @throws OutboxError */
  write(happening: Happening): Promise<void>;
  /**
   * Signs everything that waits once more, from where the log says that this key stands. The events stay what they are,
   * with their ids. @throws OutboxError
   */
  rechain(head: { readonly seq: number; readonly hash: string | null }): Promise<void>;
}

/** The browser has no such keys. */
export class NoKeysError extends Error {
  override readonly name = "NoKeysError";
}

const MOST_QUEUED = 1_000_000;

/** @throws OutboxError, NoKeysError */
export async function openPen(options: PenOptions): Promise<Pen> {
  const { outbox, signatory, locks, random } = options;
  const owner = ownerOf(signatory);
  if ((await outbox.actor(owner)) === null) await outbox.begin(await newActor(signatory));

  const alone = <T>(work: (actor: Actor) => Promise<T>) =>
    locks.alone(`quietroom-pen-${owner}`, async () => {
      const actor = await outbox.actor(owner);
      // Somebody has emptied this browser's storage under the page.
      if (actor === null) throw new OutboxError();
      return work(actor);
    });

  return {
    write: (happening) =>
      alone(async (actor) => {
        const time = options.wall();
        const { newest, audit } = options.known();
        const text = await signEvent(
          {
            id: eventId(time, random(10)),
            actor: actor.publicKey,
            seq: actor.seq,
            prev: actor.head,
            time,
            account: signatory.kind === "staff" ? signatory.account : null,
            session: sessionOf(signatory, happening),
            subject: happening.subject ?? null,
            action: happening.action,
            outcome: happening.outcome,
            device: options.device,
            checkpoint: newest && { size: newest.size, root: toBase64Url(newest.root) },
            details: sealed(options, audit, happening),
          },
          signWith(actor),
        );
        const event: Queued = { owner, seq: actor.seq, action: happening.action, text };
        if (!(await outbox.append(event, eventHash(sha256, text)))) throw new OutboxError();
      }),

    rechain: (head) =>
      alone(async (actor) => {
        const waiting = await outbox.queued(owner, MOST_QUEUED);
        const events: Queued[] = [];
        let { seq, hash } = head;
        for (const queued of waiting) {
          const { event } = parseEvent(queued.text);
          const text = await signEvent({ ...event, seq, prev: hash }, signWith(actor));
          events.push({ ...queued, seq, text });
          hash = eventHash(sha256, text);
          seq += 1;
        }
        await outbox.rechain(actor, events, { seq, head: hash });
      }),
  };
}

function sessionOf(signatory: Signatory, { action, session = null }: Happening): string | null {
  if (signatory.kind === "staff") return session;
  return EVENTS[action].session === "never" ? null : signatory.session;
}

function sealed(
  { sodium }: PenOptions,
  audit: Bytes | null,
  { action, details = {} }: Happening,
): string | null {
  const box = audit && sealDetails(sodium, audit, action, defined(details));
  return box && toBase64Url(box);
}

const defined = (details: object): Record<string, string | number> =>
  Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));

const signWith = (actor: Actor) => async (signed: Bytes) =>
  new Uint8Array(await crypto.subtle.sign("Ed25519", actor.key, signed));

async function newActor(signatory: Signatory): Promise<Actor> {
  const { privateKey, publicKey } = await newKeys();
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  return {
    owner: ownerOf(signatory),
    key: privateKey,
    publicKey: toBase64Url(raw),
    seq: 0,
    head: null,
    receipted: 0,
    resume: signatory.kind === "guest" ? signatory.resume : null,
  };
}

async function newKeys(): Promise<CryptoKeyPair> {
  try {
    return await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  } catch {
    throw new NoKeysError();
  }
}
