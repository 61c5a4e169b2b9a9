/** What a guest asks of the relay: relay/wire/requests.ts. */
import { Ice, Joined, Rejoined } from "../../relay/wire/requests.ts";
import type { Ask } from "./api.ts";

/** Every call rejects with `ApiError` and nothing else. */
export interface GuestApi {
  /** @param token 32 bytes as base64url, derived from the link */
  join(room: string, token: string): Promise<Joined>;
  rejoin(session: string, resume: string): Promise<Rejoined>;
  guestIce(session: string, resume: string): Promise<Ice>;
}

export function guestApi(ask: Ask): GuestApi {
  return {
    join: (room, token) => ask("POST", "/api/join", Joined, { room, token }),
    rejoin: (session, resume) => ask("POST", "/api/rejoin", Rejoined, { session, resume }),
    guestIce: (session, resume) => ask("POST", "/api/ice", Ice, { session, resume }),
  };
}
