/** What she is told of an error on the screens around an account. */
import { PasskeyError } from "../identity/passkeys.ts";
import type { AccountProblem } from "../state/account-model.ts";
import { ApiError } from "../transport/api.ts";
import { VaultError } from "../vault/store.ts";

/** Refusals of the relay that these screens have words for. */
const KNOWN: ReadonlySet<string> = new Set<AccountProblem>([
  "SIGN-IN-REFUSED",
  "ENROLMENT-UNKNOWN",
  "RATE-LIMITED",
  "LOG-UNAVAILABLE",
  "OFFLINE",
  "NOT-ALLOWED",
  "LAST-PASSKEY",
  "LAST-ADMIN",
  "PASSKEY-LIMIT",
  "PERSON-UNKNOWN",
  "VAULT-CONFLICT",
  "VAULT-FULL",
]);
const isKnown = (code: string): code is AccountProblem => KNOWN.has(code);

/** @param typed what she has just typed, where something is wrong with a secret */
export function accountProblem(
  error: unknown,
  typed: "passphrase" | "recovery" = "passphrase",
): AccountProblem {
  if (error instanceof PasskeyError) return error.code;
  if (error instanceof VaultError) return vaultProblem(error, typed);
  return error instanceof ApiError && isKnown(error.code) ? error.code : "UNEXPECTED";
}

function vaultProblem({ code }: VaultError, typed: "passphrase" | "recovery"): AccountProblem {
  switch (code) {
    case "SECRET-WRONG":
      return typed === "passphrase" ? "PASSPHRASE-WRONG" : "RECOVERY-WRONG";
    case "RECOVERY-MISTYPED":
    case "VAULT-DAMAGED":
    case "VAULT-NEWER":
    case "VAULT-REPLACED":
    case "VAULT-FULL":
      return code;
    case "RECORD-DAMAGED":
      return "VAULT-DAMAGED";
    case "STORE-UNAVAILABLE":
      return "STORAGE-FAILED";
    case "VAULT-LOCKED":
      return "UNEXPECTED";
  }
}
