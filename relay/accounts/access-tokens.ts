/**
 * Access tokens: compact JWS (EdDSA) that live minutes and say which sign-in they are of, nothing more: whether it still
 * holds and what it may do is looked up at every request. The key is made at every start and never stored.
 */
import { generateKeyPair, jwtVerify, SignJWT } from "jose";
import * as v from "valibot";

const TYPE = "quietroom-access+jwt";
const AUDIENCE = "quietroom relay";
const Claims = v.object({ sid: v.string() });

export interface AccessTokens {
  issue(login: string, lifeMs: number): Promise<string>;
  /** The login, or null when the token is over or none of ours. Never throws. */
  read(token: string): Promise<string | null>;
}

export async function createAccessTokens(now: () => number): Promise<AccessTokens> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA");
  return {
    issue: (login, lifeMs) =>
      new SignJWT({ sid: login })
        .setProtectedHeader({ alg: "EdDSA", typ: TYPE })
        .setAudience(AUDIENCE)
        .setExpirationTime(Math.ceil((now() + lifeMs) / 1000))
        .sign(privateKey),
    async read(token) {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: ["EdDSA"],
          typ: TYPE,
          audience: AUDIENCE,
          requiredClaims: ["exp"],
          currentDate: new Date(now()),
        });
        return v.parse(Claims, payload).sid;
      } catch {
        return null;
      }
    },
  };
}
