/** Somebody who signs audit events with a key of their own, as a page does, and can be made to sign anything. */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { type AuditEvent, eventId, signEvent } from "../../crypto/audit/event.ts";
import { sha256, toText } from "../../relay/audit/sha256.ts";

export interface Speaker {
  /** base64url */
  readonly key: string;
  /** The next event; with `changes` it may be any. What was said moves the chain on. */
  say(changes?: Partial<AuditEvent>): Promise<string>;
  /** The same, and the chain stays where it is. */
  draft(changes?: Partial<AuditEvent>): Promise<string>;
}

export const id = () => randomBytes(16).toString("base64url");

/** @param base what all events of this speaker have, e.g. the account of a member of staff */
export function createSpeaker(base: Partial<AuditEvent>): Speaker {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key = publicKey.export({ format: "jwk" }).x ?? "";
  let chain = { seq: 0, prev: null as string | null };

  function draft(changes: Partial<AuditEvent> = {}): Promise<string> {
    const time = changes.time ?? Date.now();
    const event: AuditEvent = {
      id: eventId(time, randomBytes(10)),
      actor: key,
      ...chain,
      time,
      account: null,
      session: null,
      subject: null,
      action: "log.read",
      outcome: "success",
      device: "Firefox on Linux",
      checkpoint: null,
      details: null,
      ...base,
      ...changes,
    };
    return signEvent(event, async (message) => sign(null, message, privateKey));
  }

  return {
    key,
    draft,
    async say(changes) {
      const text = await draft(changes);
      chain = { seq: chain.seq + 1, prev: toText(sha256(text)) };
      return text;
    },
  };
}

/** Somebody of the staff. */
export const staffSpeaker = (account: string) => createSpeaker({ account, action: "log.read" });
/** A guest of this session. */
export const guestSpeaker = (session: string) => createSpeaker({ session, action: "knock" });

/** Signs what the text says with another key than the one that it names. */
export function forge(text: string): string {
  const signed = text.slice(0, text.lastIndexOf("."));
  const { privateKey } = generateKeyPairSync("ed25519");
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
}
