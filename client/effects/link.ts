/** From the address bar to an invite, and nothing of it left there. */
import { fromBase64Url } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { type Invite, parseInvite } from "../../crypto/invite.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import type { JoinProblem } from "../state/model.ts";
import { loadSodium, loadSodiumSumo } from "../transport/sodium.ts";

/** The fragment without its '#'; empty when there is none. */
export function linkInAddress(): string {
  return location.hash.slice(1);
}

/** The secret must not stay in the address bar, the history, or a screenshot. */
export function clearAddress(): void {
  history.replaceState(null, "", location.pathname);
}

/**
 * Only a link with a passcode needs libsodium's larger build, and its second byte says so. A mangled link may load the
 * wrong one; it is refused in either case.
 */
function asksForPasscode(link: string): boolean {
  return ((fromBase64Url(link.slice(0, 4))?.[1] ?? 0) & 1) === 1;
}

export type ReadLink =
  | { readonly sodium: Sodium; readonly invite: Invite }
  | { readonly problem: JoinProblem };

/** Rejects when libsodium cannot be loaded. */
export async function readLink(link: string): Promise<ReadLink> {
  if (link === "") return { problem: { code: "LINK-MISSING" } };
  const sodium = asksForPasscode(link) ? await loadSodiumSumo() : await loadSodium();
  try {
    return { sodium, invite: parseInvite(sodium, link) };
  } catch (error) {
    const newer = error instanceof CryptoError && error.code === "VERSION-UNKNOWN";
    return { problem: { code: newer ? "VERSION-UNKNOWN" : "LINK-MALFORMED" } };
  }
}
