/** Ed25519 by WebCrypto, which verifies on threads of its own. Making a key costs as much as using it: they are kept. */
import type { SignatureJob } from "../../../../crypto/audit/verify.ts";
import { adopt, toBase64Url } from "../../../../crypto/bytes.ts";

/** A guest's key speaks for one session; those of staff come again and again. */
const MOST_KEYS = 512;

export interface Signatures {
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  verifyAll(jobs: readonly SignatureJob[]): Promise<readonly boolean[]>;
}

export function createSignatures(subtle: SubtleCrypto): Signatures {
  const keys = new Map<string, Promise<CryptoKey | null>>();

  function keyOf(actor: string, bytes: Uint8Array): Promise<CryptoKey | null> {
    const key = keys.get(actor) ?? importKey(bytes);
    // Put back at the end: the first is the one that was not used for the longest.
    keys.delete(actor);
    keys.set(actor, key);
    const [oldest] = keys.keys();
    if (keys.size > MOST_KEYS && oldest !== undefined) keys.delete(oldest);
    return key;
  }

  /** `null` for bytes that are no key, which have signed nothing. */
  function importKey(bytes: Uint8Array): Promise<CryptoKey | null> {
    return subtle.importKey("raw", adopt(bytes), "Ed25519", false, ["verify"]).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "DataError") return null;
      throw error;
    });
  }

  async function verifyOne(actor: string, key: Uint8Array, message: Uint8Array, signature: Uint8Array) {
    const imported = await keyOf(actor, key);
    return imported !== null && subtle.verify("Ed25519", imported, adopt(signature), adopt(message));
  }

  return {
    verify: (key, message, signature) => verifyOne(toBase64Url(key), key, message, signature),
    verifyAll: (jobs) =>
      Promise.all(jobs.map(({ actor, key, signed, signature }) => verifyOne(actor, key, signed, signature))),
  };
}
