/**
 * Who is signed in. With the set-up code for now; passkeys will come in behind these three functions, and nothing else
 * of the client will notice. The session is a cookie that no script can read.
 */
import type { Account } from "../../relay/wire/requests.ts";
import { ApiError } from "../transport/api.ts";
import type { RelayApi } from "../transport/api-code.ts";

export interface AccountAccess {
  /** `null` when nobody is signed in. Rejects with ApiError when the relay cannot be asked. */
  current(): Promise<Account | null>;
  /** Rejects with ApiError: SIGN-IN-REFUSED, RATE-LIMITED, OFFLINE, … */
  signIn(code: string): Promise<Account>;
  /** What is in the vault stays. */
  signOut(): Promise<void>;
}

export function accountAccess(api: Pick<RelayApi, "account" | "signIn" | "signOut">): AccountAccess {
  return {
    async current() {
      try {
        return await api.account();
      } catch (error) {
        if (error instanceof ApiError && error.code === "SIGN-IN-REQUIRED") return null;
        throw error;
      }
    },
    // Copied from a terminal, with what comes along.
    signIn: (code) => api.signIn(code.trim()),
    signOut: () => api.signOut(),
  };
}
