/**
 * HACK: the sign-in of the release before, by the set-up code and the cookie alone, for the one account without a name
 * that it knew, and only until there is an admin. It goes as soon as no page and no test asks for it.
 */
import { Refusal } from "../refusal.ts";
import type { Logins } from "./logins.ts";
import { newId, type Random } from "./secrets.ts";
import type { SetupCode } from "./setup-code.ts";
import type { AccountStore } from "./store.ts";

export interface LegacySignIn {
  /** @throws Refusal SIGN-IN-REFUSED */
  signIn(code: string): Promise<{ account: string; cookie: string }>;
}

export function createLegacySignIn(dependencies: {
  readonly store: AccountStore;
  readonly logins: Logins;
  readonly setupCode: SetupCode;
  readonly now: () => number;
  readonly random: Random;
}): LegacySignIn {
  const { store, logins, setupCode, now, random } = dependencies;
  return {
    async signIn(code) {
      if ((await store.hasAdmin()) || !setupCode.redeem(code)) throw new Refusal("SIGN-IN-REFUSED");
      const account = await store.makeNameless(newId(random), now());
      const { row, cookie, cookieHash } = logins.begin("A browser");
      await store.addLogin({ ...row, account }, cookieHash);
      return { account, cookie };
    },
  };
}
