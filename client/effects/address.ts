/** The patient's address bar, where the link's secret arrives and must not stay. */
import { fromBase64Url } from "../../crypto/bytes.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import { loadSodium, loadSodiumSumo } from "../transport/sodium.ts";

/** The fragment without its '#'; empty when there is none. */
export function linkInAddress(): string {
  return location.hash.slice(1);
}

/** The secret must not stay in the address bar, the history, or a screenshot. */
export function clearAddress(): void {
  history.replaceState(null, "", location.pathname);
}

/** The build of libsodium that this link needs. Rejects when it cannot be loaded. */
export function loadSodiumFor(link: string): Promise<Sodium> {
  return asksForPasscode(link) ? loadSodiumSumo() : loadSodium();
}

/**
 * Only a link with a passcode needs libsodium's larger build, and its second byte says so. A mangled link may load the
 * wrong one; it is refused in either case.
 */
function asksForPasscode(link: string): boolean {
  return ((fromBase64Url(link.slice(0, 4))?.[1] ?? 0) & 1) === 1;
}
