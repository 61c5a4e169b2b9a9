/** Searches bytes for what must not be in them, in every shape that it could have there. */

/** The bytes as they are, in hexadecimal, and in base64 at each of its three alignments. */
function disguises(secret: Buffer): string[] {
  const encoded = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), secret]).toString("base64url");
    // The first and last digits also depend on the neighbours.
    return text.slice(shift === 0 ? 0 : 4, -2);
  });
  const standard = encoded.map((text) => text.replaceAll("-", "+").replaceAll("_", "/"));
  return [
    secret.toString("latin1"),
    secret.toString("utf16le"),
    secret.toString("hex"),
    ...encoded,
    ...standard,
  ];
}

export function contains(haystack: Buffer, secret: Buffer): boolean {
  const text = haystack.toString("latin1");
  return disguises(secret).some((needle) => needle.length > 3 && text.includes(needle));
}
