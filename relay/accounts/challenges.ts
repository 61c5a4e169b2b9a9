/**
 * WebAuthn challenges that are kept nowhere: `expiry ‖ random ‖ HMAC(purpose, subject, expiry, random)` under a key that
 * is made at every start. One is taken once, for the purpose and the subject that it was made for.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** Long enough to find a security key. */
export const CHALLENGE_MS = 5 * 60_000;

export type ChallengePurpose = "enrol" | "sign-in" | "touch" | "passkey";

export interface Challenges {
  /** @param subject what the purpose is about, such as the login that touches; the same when it is redeemed */
  issue(purpose: ChallengePurpose, subject: string): Uint8Array<ArrayBuffer>;
  /** True once. */
  redeem(purpose: ChallengePurpose, subject: string, challenge: string): Promise<boolean>;
}

export interface ChallengesDependencies {
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  /** True for the first caller with this id until that time; see backplane.ts. */
  readonly once: (id: string, until: number) => Promise<boolean>;
}

const TIME_BYTES = 8;
const HEAD_BYTES = TIME_BYTES + 16;
const MAC_BYTES = 32;
const TEXT = /^[A-Za-z0-9_-]+$/;

export function createChallenges({ now, random, once }: ChallengesDependencies): Challenges {
  const key = random(32);

  function mac(purpose: ChallengePurpose, subject: string, head: Uint8Array): Buffer {
    const about = Buffer.from(JSON.stringify([purpose, subject]));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(about.length);
    return createHmac("sha256", key).update(length).update(about).update(head).digest();
  }

  return {
    issue(purpose, subject) {
      const challenge = new Uint8Array(HEAD_BYTES + MAC_BYTES);
      new DataView(challenge.buffer).setBigUint64(0, BigInt(now() + CHALLENGE_MS));
      challenge.set(random(HEAD_BYTES - TIME_BYTES), TIME_BYTES);
      challenge.set(mac(purpose, subject, challenge.subarray(0, HEAD_BYTES)), HEAD_BYTES);
      return challenge;
    },

    async redeem(purpose, subject, text) {
      const challenge = TEXT.test(text) ? Buffer.from(text, "base64url") : Buffer.alloc(0);
      if (challenge.length !== HEAD_BYTES + MAC_BYTES) return false;
      const head = challenge.subarray(0, HEAD_BYTES);
      if (!timingSafeEqual(challenge.subarray(HEAD_BYTES), mac(purpose, subject, head))) return false;
      const until = Number(head.readBigUInt64BE(0));
      if (now() >= until) return false;
      return once(`challenge ${head.toString("base64url")}`, until);
    },
  };
}
