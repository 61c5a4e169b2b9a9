/** Random ids and tokens as text, and the hashes under which they are kept. */
import { createHash } from "node:crypto";

export type Random = (length: number) => Uint8Array;

export const newId = (random: Random): string => Buffer.from(random(16)).toString("base64url");
/** A cookie, a link's token, a login's share. */
export const newSecret = (random: Random): string => Buffer.from(random(32)).toString("base64url");

export function hashSecret(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
