/** How the relay's capabilities put on record what they do; the log itself is in audit/. */
import type { RelayHappening } from "../crypto/audit/registry.ts";

/**
 * Resolves when the event is in the log and on the disk, signed with the relay's key.
 * @throws Refusal LOG-UNAVAILABLE: what cannot be put on record must not happen
 */
export type RecordEvent = (event: RelayHappening) => Promise<void>;

/**
 * For what protects somebody and therefore happens all the same: a sign-in ends, an invite is burnt. What the log cannot
 * take now waits in the database until it can. Never throws.
 */
export type RecordAnyway = (event: RelayHappening) => Promise<void>;

export type RefusedEvent = Extract<
  RelayHappening,
  { readonly action: "sign-in.passkey" | "invite.refused" | "invite.unknown" }
>;

/**
 * For what strangers can bring about as often as they like: so many events of a bucket are put on record; those beyond
 * are counted, and the next one that is put on record says how many there were.
 * @param like what is counted together
 * @throws Refusal LOG-UNAVAILABLE
 */
export type RecordRefusal = (
  bucket: string,
  like: string,
  event: RefusedEvent & { readonly outcome: "failure" },
) => Promise<void>;
