/** Ed25519 signatures of others. */
import type { Verify } from "../../crypto/audit/checkpoint.ts";

export const verify: Verify = async (key, message, signature) => {
  try {
    const imported = await crypto.subtle.importKey("raw", new Uint8Array(key), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify(
      "Ed25519",
      imported,
      new Uint8Array(signature),
      new Uint8Array(message),
    );
  } catch {
    return false;
  }
};
