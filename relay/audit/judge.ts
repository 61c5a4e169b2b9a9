/**
 * Whether an event may be added to the log. Pure: everything that the log knows is an argument. Its form and its
 * signature were looked at before (examine.ts); a clock that is far off is flagged and no reason to refuse.
 */
import { type AuditEvent, maySign } from "../../crypto/audit/event.ts";
import type { Signer } from "../../crypto/audit/registry.ts";
import type { EventRefusal } from "../wire/audit.ts";

/** Who has sent an event, as the gate or the resume secret says. */
export type Sender =
  | { readonly signer: "staff"; readonly account: string }
  | {
      readonly signer: "guest";
      readonly session: string;
      /** The resume secret was shown. Without it only keys that are known may speak: their session may be long gone. */
      readonly proven: boolean;
    };

/** A key that is known. */
export interface Speaker {
  readonly signer: Signer;
  readonly account: string | null;
  readonly session: string | null;
  /** Events of this key so far. */
  readonly seq: number;
  /** Hash of the last of them, base64url. */
  readonly head: string | null;
}

/** What the log knows when the event's turn has come. */
export interface Standing {
  /** Null for a key that is new. */
  readonly speaker: Speaker | null;
  /** Keys of this account or session so far; of no account where the speaker is known. */
  readonly keys: number;
  /** Whether the log has an event of this id, and whether it is this very one. */
  readonly sameId: "none" | "this" | "another";
  /** The account that the event's session belongs to; null without a session, or where none was opened. */
  readonly host: string | null;
}

/** For each kind of sender. */
export interface EventLimits {
  /** Events of one key. */
  readonly events: Readonly<Record<Sender["signer"], number>>;
  /** Keys of one account, or of one session. */
  readonly keys: Readonly<Record<Sender["signer"], number>>;
}

export interface Head {
  readonly seq: number;
  readonly hash: string | null;
}

export type Verdict =
  /** `introduces`: its key is new, and has to be made known first. */
  | { readonly verdict: "new"; readonly introduces: boolean }
  /** It is in the log already. */
  | { readonly verdict: "there" }
  | { readonly verdict: "refused"; readonly code: EventRefusal; readonly head?: Head };

export function judge(event: AuditEvent, sender: Sender, standing: Standing, most: EventLimits): Verdict {
  const { speaker, keys, sameId, host } = standing;
  if (speaker === null ? !mayIntroduce(sender) : !isSendersOwn(speaker, sender)) return refuse("AUDIT-ACTOR");
  if (sameId === "this") return { verdict: "there" };
  if (sameId === "another") return refuse("AUDIT-DUPLICATE");
  if (!maySay(event, sender, host)) return refuse("AUDIT-RIGHT");
  const { signer } = sender;
  const isTooMuch = speaker === null ? keys >= most.keys[signer] : speaker.seq >= most.events[signer];
  if (isTooMuch) return refuse("AUDIT-LIMIT");
  const head: Head = { seq: speaker?.seq ?? 0, hash: speaker?.head ?? null };
  if (event.seq !== head.seq || event.prev !== head.hash)
    return { verdict: "refused", code: "AUDIT-CHAIN", head };
  return { verdict: "new", introduces: speaker === null };
}

const refuse = (code: EventRefusal): Verdict => ({ verdict: "refused", code });

function mayIntroduce(sender: Sender): boolean {
  return sender.signer === "staff" || sender.proven;
}

function isSendersOwn({ signer, account, session }: Speaker, sender: Sender): boolean {
  if (signer !== sender.signer) return false;
  return sender.signer === "staff" ? account === sender.account : session === sender.session;
}

/** Staff speak of themselves, and of sessions of theirs; guests of their session. */
function maySay(event: AuditEvent, sender: Sender, host: string | null): boolean {
  if (!maySign(event, sender.signer)) return false;
  if (sender.signer === "guest") return event.account === null && event.session === sender.session;
  return event.account === sender.account && (event.session === null || host === sender.account);
}
