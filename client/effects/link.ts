/** From a link to an invite. */
import { CryptoError } from "../../crypto/errors.ts";
import { type Invite, parseInvite } from "../../crypto/invite.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import type { JoinProblem } from "../state/model.ts";
import { loadSodiumFor } from "./address.ts";

export type ReadLink =
  | { readonly sodium: Sodium; readonly invite: Invite }
  | { readonly problem: JoinProblem };

/** Rejects when libsodium cannot be loaded. */
export async function readLink(link: string): Promise<ReadLink> {
  if (link === "") return { problem: { code: "LINK-MISSING" } };
  const sodium = await loadSodiumFor(link);
  try {
    return { sodium, invite: parseInvite(sodium, link) };
  } catch (error) {
    const newer = error instanceof CryptoError && error.code === "VERSION-UNKNOWN";
    return { problem: { code: newer ? "VERSION-UNKNOWN" : "LINK-MALFORMED" } };
  }
}
