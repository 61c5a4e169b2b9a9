/**
 * Signing in: a set-up code becomes a cookie, a cookie becomes a login. The one place that passkeys will change.
 */
import { createHash } from "node:crypto";
import { Refusal } from "../refusal.ts";
import type { SetupCode } from "./setup-code.ts";
import type { AccountStore, Login } from "./store.ts";

/** A cookie ends this long after the sign-in, used or not. */
export const LOGIN_MS = 12 * 60 * 60 * 1000;

const COOKIE_BYTES = 32;
const COOKIE = /^[A-Za-z0-9_-]{43}$/;

export interface SignInDependencies {
  readonly store: AccountStore;
  readonly setupCode: SetupCode;
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  /** A signed-out browser loses its connections too. */
  readonly signedOut: (login: string) => void;
}

export interface SignIns {
  /** @throws Refusal SIGN-IN-REFUSED */
  signIn(code: string): Promise<{ login: Login; cookie: string }>;
  /** The login of this cookie's value. @throws Refusal SIGN-IN-REQUIRED */
  require(cookie: string | null): Promise<Login>;
  signOut(cookie: string | null): Promise<void>;
}

export function createSignIns({ store, setupCode, now, random, signedOut }: SignInDependencies): SignIns {
  async function find(cookie: string | null): Promise<Login | null> {
    if (cookie === null || !COOKIE.test(cookie)) return null;
    return store.findLogin(hashCookie(cookie), now());
  }

  return {
    async signIn(code) {
      if (!setupCode.redeem(code)) throw new Refusal("SIGN-IN-REFUSED");
      const time = now();
      // A crash between here and the cookie's answer costs the code; the next start makes a new one.
      await store.pruneLogins(time);
      const account = await store.practitioner(toText(random(16)), time);
      const cookie = toText(random(COOKIE_BYTES));
      const login = {
        id: toText(random(16)),
        account,
        cookieHash: hashCookie(cookie),
        expires: time + LOGIN_MS,
      };
      await store.addLogin(login);
      return { login, cookie };
    },

    async require(cookie) {
      const login = await find(cookie);
      if (login === null) throw new Refusal("SIGN-IN-REQUIRED");
      return login;
    },

    async signOut(cookie) {
      const login = await find(cookie);
      if (login === null) return;
      await store.removeLogin(login.cookieHash);
      signedOut(login.id);
    },
  };
}

function hashCookie(cookie: string): Uint8Array {
  return createHash("sha256").update(cookie).digest();
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
