/** What the log knows of keys, ids and sessions: in the draft, in memory, in the store. And what it says itself. */
import { encodeEntry } from "../../crypto/audit/entry.ts";
import { type AuditEvent, eventId, signEvent } from "../../crypto/audit/event.ts";
import { leafHash } from "../../crypto/audit/merkle.ts";
import { equal } from "../../crypto/bytes.ts";
import type { EventRefusal } from "../wire/audit.ts";
import { type Added, type Draft, idBytes, type Owner } from "./draft.ts";
import type { SigningKey } from "./ed25519.ts";
import type { LogEnd } from "./end.ts";
import type { Examined } from "./examine.ts";
import { type EventLimits, type Head, judge, type Sender, type Standing } from "./judge.ts";
import { sha256, toText } from "./sha256.ts";
import type { ActorRow, AuditStore } from "./store.ts";

/** What the relay says itself, with its details sealed; the log gives it its place, time and signature. */
export type OwnEvent = Pick<
  AuditEvent,
  "action" | "outcome" | "account" | "session" | "subject" | "device" | "details"
>;

export type Judged =
  | { readonly outcome: "taken"; readonly index: number; readonly received: number }
  | { readonly outcome: "refused"; readonly code: EventRefusal; readonly head?: Head };

export interface Books {
  /** Puts the event into the draft if it may be there, and its key before it if that is new. */
  take(draft: Draft, examined: Examined, sender: Sender): Promise<Judged>;
  /** @throws CryptoError when it is no event; then the draft is as it was */
  putOwn(draft: Draft, event: OwnEvent): Promise<Added>;
  /** The draft is on the disk. */
  learn(draft: Draft): void;
}

export interface BooksDependencies {
  readonly store: AuditStore;
  readonly relayKey: SigningKey;
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly limits: { readonly auditEvents: EventLimits };
  /** What is committed. */
  readonly end: () => LogEnd;
}

/** Keys kept in memory. */
const MOST_ACTORS = 4_096;
const RELAY: Owner = { signer: "relay", account: null, session: null };

export function createBooks(dependencies: BooksDependencies): Books {
  const { store, relayKey, now, random, limits, end } = dependencies;
  const relay = toText(relayKey.publicKey);
  const actors = new Map<string, ActorRow>();

  function keep(key: string, actor: ActorRow): void {
    // Put back at the end: the first of them is the one that has been silent the longest.
    actors.delete(key);
    actors.set(key, actor);
    if (actors.size > MOST_ACTORS) actors.delete(actors.keys().next().value ?? key);
  }

  async function actorOf(draft: Draft, key: string, bytes: Uint8Array): Promise<ActorRow | null> {
    const known = draft.actor(key) ?? actors.get(key);
    if (known !== undefined) return known;
    const found = await store.findActor(bytes);
    if (found !== null) keep(key, found);
    return found;
  }

  async function sameIdAs(draft: Draft, { event, text }: Examined): Promise<Standing["sameId"]> {
    const found = draft.entry(event.id) ?? (await store.findEntry(idBytes(event.id)));
    if (found === null) return "none";
    const leaf = leafHash(sha256, encodeEntry({ received: found.received, event: text }));
    return equal(leaf, found.leaf) ? "this" : "another";
  }

  async function standingOf(
    draft: Draft,
    examined: Examined,
    sender: Sender,
    actor: ActorRow | null,
  ): Promise<Standing> {
    const { session } = examined.event;
    const owner = ownerOf(sender);
    const asHost = sender.signer === "staff" && session !== null;
    return {
      speaker: actor && { ...actor, head: actor.head && toText(actor.head) },
      keys: actor === null ? (await countKeys(sender)) + draft.newKeysOf(owner) : 0,
      sameId: await sameIdAs(draft, examined),
      host: asHost ? (draft.host(session) ?? (await store.findHost(session))) : null,
    };
  }

  function countKeys(sender: Sender): Promise<number> {
    return store.countActors(
      sender.signer === "staff" ? { account: sender.account } : { session: sender.session },
    );
  }

  async function putOwn(draft: Draft, own: OwnEvent): Promise<Added> {
    const known = await actorOf(draft, relay, relayKey.publicKey);
    const time = now();
    const { range, root } = end();
    const event: AuditEvent = {
      ...own,
      id: eventId(time, random(10)),
      actor: relay,
      seq: known?.seq ?? 0,
      prev: known?.head ? toText(known.head) : null,
      time,
      checkpoint: range.size === 0 ? null : { size: range.size, root: toText(root) },
    };
    const text = await signEvent(event, relayKey.sign);
    const actor = known ?? draft.newActor(relay, relayKey.publicKey, RELAY);
    return draft.put(actor, event, text);
  }

  /** From now on this key may speak. */
  async function introduce(draft: Draft, { event, key }: Examined, sender: Sender): Promise<ActorRow> {
    const owner = ownerOf(sender);
    await putOwn(draft, {
      action: "log.key-added",
      outcome: "success",
      account: owner.account,
      session: owner.session,
      subject: toText(sha256(key)),
      device: event.device,
      details: null,
    });
    return draft.newActor(event.actor, key, owner);
  }

  return {
    async take(draft, examined, sender) {
      const { event, text, key } = examined;
      const known = await actorOf(draft, event.actor, key);
      const verdict = judge(
        event,
        sender,
        await standingOf(draft, examined, sender, known),
        limits.auditEvents,
      );
      if (verdict.verdict === "refused") {
        const { code, head } = verdict;
        return { outcome: "refused", code, ...(head === undefined ? {} : { head }) };
      }
      if (verdict.verdict === "there") return placeOf(draft, examined);
      const actor = known ?? (await introduce(draft, examined, sender));
      const { index, received } = draft.put(actor, event, text);
      return { outcome: "taken", index, received };
    },
    putOwn,
    learn(draft) {
      for (const [key, actor] of draft.changedActors()) keep(key, actor);
    },
  };

  async function placeOf(draft: Draft, { event }: Examined): Promise<Judged> {
    const found = draft.entry(event.id) ?? (await store.findEntry(idBytes(event.id)));
    if (found === null) throw new Error("an event that was there is gone");
    return { outcome: "taken", index: found.index, received: found.received };
  }
}

function ownerOf(sender: Sender): Owner {
  return sender.signer === "staff"
    ? { signer: "staff", account: sender.account, session: null }
    : { signer: "guest", account: null, session: sender.session };
}
