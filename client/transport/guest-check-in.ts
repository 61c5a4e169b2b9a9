/**
 * Asks the relay for a place before the patient knocks, so that a dead link is told at once and not after camera,
 * microphone and name. The place is stored; `openGuest` goes on from it. Nobody sees it: the desk hears of a guest only
 * when its socket connects.
 */
import { toBase64Url } from "../../crypto/bytes.ts";
import { deriveRoom, type Invite } from "../../crypto/invite.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import type { SealedStore } from "../vault/store.ts";
import type { GuestApi } from "./api-guest.ts";
import { guestStorage } from "./guest-storage.ts";

export interface CheckIn {
  readonly sodium: Sodium;
  readonly api: Pick<GuestApi, "join">;
  readonly store: SealedStore;
  readonly invite: Invite;
}

/** What shows the relay that one has the link. */
export function joinOf(sodium: Sodium, invite: Invite): { readonly room: string; readonly token: string } {
  const { room, token, psk } = deriveRoom(sodium, invite.secret);
  sodium.memzero(psk);
  return { room: toBase64Url(room), token: toBase64Url(token) };
}

/** Does nothing where a session is stored already. Rejects with ApiError (why there is no place) or VaultError. */
export async function checkIn({ sodium, api, store, invite }: CheckIn): Promise<void> {
  const { room, token } = joinOf(sodium, invite);
  const storage = guestStorage(sodium, store, room);
  if ((await storage.load()) !== null) return;
  const { session, resume } = await api.join(room, token);
  await storage.joined({ session, resume });
}
