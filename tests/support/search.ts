/** Searches bytes for what must not be in them, in every shape that it could have there. */

/** Of both alphabets. */
const BASE64 = /[\w+/-]{4,}/g;

/** As it is, in UTF-16, in hexadecimal, and inside base64 at each alignment. All of it: a part would be found by chance. */
export function contains(haystack: Buffer, secret: Buffer): boolean {
  const text = haystack.toString("latin1");
  const wide = Buffer.from(secret.toString(), "utf16le");
  const plain = [secret.toString("latin1"), wide.toString("latin1"), secret.toString("hex")];
  if (plain.some((needle) => text.includes(needle))) return true;
  return [...text.matchAll(BASE64)].some(([run]) => isInside(run, secret));
}

/** A run may begin in the middle of what was encoded, behind other text of the same alphabet. */
function isInside(run: string, secret: Buffer): boolean {
  return [0, 1, 2, 3].some((offset) => Buffer.from(run.slice(offset), "base64url").includes(secret));
}
