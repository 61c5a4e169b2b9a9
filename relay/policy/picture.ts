/**
 * What may be a logo: PNG, JPEG or WebP by its first bytes, of a bounded size. It is never decoded here; browsers do
 * that, in an <img>, where none of the three can run anything. An SVG could, and is refused.
 */
import { createHash } from "node:crypto";
import { MAX_LOGO_BYTES } from "../wire/branding.ts";
import type { Logo } from "./store.ts";

const PNG = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const JPEG = Buffer.of(0xff, 0xd8, 0xff);
const RIFF = Buffer.from("RIFF");
const WEBP = Buffer.from("WEBP");

/** @param base64 canonical, with padding. @returns `null` for what is no picture of these */
export function parseLogo(base64: string): Logo | null {
  const picture = Buffer.from(base64, "base64");
  if (picture.length > MAX_LOGO_BYTES || picture.toString("base64") !== base64) return null;
  const type = typeOf(picture);
  if (type === null) return null;
  return { hash: createHash("sha256").update(picture).digest("hex").slice(0, 16), type, picture };
}

function typeOf(picture: Buffer): Logo["type"] | null {
  if (startsWith(picture, PNG, 0)) return "image/png";
  if (startsWith(picture, JPEG, 0)) return "image/jpeg";
  if (startsWith(picture, RIFF, 0) && startsWith(picture, WEBP, 8)) return "image/webp";
  return null;
}

function startsWith(picture: Buffer, magic: Buffer, at: number): boolean {
  return picture.subarray(at, at + magic.length).equals(magic);
}
