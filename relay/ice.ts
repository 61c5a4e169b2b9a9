/** ICE servers for people in a session: the TURN server with credentials of their own, or none. */
import { issueCredentials } from "../turn/credentials.ts";
import type { TurnService } from "../turn/settings.ts";
import { turnUrls } from "../turn/urls.ts";
import type { Ice } from "./wire/requests.ts";

export interface IceDependencies {
  readonly turn: TurnService | null;
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
}

export function createIce({ turn, now, random }: IceDependencies): () => Ice {
  if (turn === null) return () => ({ iceServers: [], lifeMs: 0 });
  const urls = turnUrls(turn);
  return () => {
    const { secret, credentialSeconds: ttlSeconds } = turn;
    const issued = now();
    const { username, credential, expires } = issueCredentials({ secret, ttlSeconds, now: issued, random });
    return {
      iceServers: [{ urls, username, credential }],
      lifeMs: Math.max(0, Math.floor(expires - issued)),
    };
  };
}
