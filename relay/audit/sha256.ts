import { hash } from "node:crypto";
import { adopt, type Bytes } from "../../crypto/bytes.ts";

/** Of bytes, or of a text's UTF-8. */
export function sha256(input: Uint8Array | string): Bytes {
  return adopt(hash("sha256", input, "buffer"));
}

/** RFC 4648 §5 without padding, as crypto/bytes.ts writes it, by what is at hand here. */
export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}
