/**
 * TURN credentials that live minutes ("TURN REST API", draft-uberti-behave-turn-rest-00 §2.2, coturn's
 * `use-auth-secret`): the relay and the TURN server share a secret, the name says when it ends, and the password is a
 * MAC over the name. The TURN server checks both without asking anybody.
 */
import { createHmac } from "node:crypto";
import type { TurnSecret } from "./secret.ts";

export interface Issue {
  readonly secret: TurnSecret;
  /** How long a new allocation may be made with them, whole seconds from 60 to 3600. */
  readonly ttlSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `length` random bytes. */
  readonly random: (length: number) => Uint8Array;
}

export interface TurnCredentials {
  /** `<unix seconds when it ends>:<random id>`. coturn logs it, so nothing in it names a person or a session. */
  readonly username: string;
  /** HMAC-SHA1 of the username, base64. SHA-1 is what the scheme and coturn ask for; HMAC does not need collisions to be hard. */
  readonly credential: string;
  /** When they end, milliseconds since 1970. An allocation made before goes on; only new ones are refused. */
  readonly expires: number;
}

const ID_BYTES = 16;

/** @throws RangeError when `ttlSeconds` is not a whole number of seconds from 60 to 3600 */
export function issueCredentials({ secret, ttlSeconds, now, random }: Issue): TurnCredentials {
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 60 || ttlSeconds > 3600)
    throw new RangeError("ttlSeconds must be a whole number from 60 to 3600");
  const ends = Math.floor(now / 1000) + ttlSeconds;
  // Hex and nothing else: coturn refuses names with quotes, blanks, or both "union" and "select" in them.
  const id = Buffer.from(random(ID_BYTES)).toString("hex");
  const username = `${ends}:${id}`;
  const credential = createHmac("sha1", secret).update(username).digest("base64");
  return { username, credential, expires: ends * 1000 };
}
