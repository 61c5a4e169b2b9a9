import { CryptoError } from "../../crypto/errors.ts";

/** What a cryptographic function refuses, as a value; anything else it throws is a mistake of ours. */
export function attempt<T>(action: () => T): T | CryptoError {
  try {
    return action();
  } catch (error) {
    if (error instanceof CryptoError) return error;
    throw error;
  }
}
