/**
 * Makes a picked file a logo: drawn anew on a canvas, so that nothing of the file but its picture is left (no place and
 * no camera of a photograph), as PNG or WebP, no larger than relay/wire/branding.ts allows.
 */
import { MAX_LOGO_BYTES } from "../../relay/wire/branding.ts";

/** No picture, or one that stays too large. */
export class LogoError extends Error {
  override readonly name = "LogoError";
}

const MAX_SIDE = 512;
/** Of the picked file: a photograph, and no more. */
const MAX_FILE_BYTES = 20_971_520;

/** From the best to what fits. WebP that a browser cannot write comes out as PNG. */
const FORMATS = [
  { side: MAX_SIDE, type: "image/png", quality: 1 },
  { side: MAX_SIDE, type: "image/webp", quality: 0.92 },
  { side: MAX_SIDE, type: "image/webp", quality: 0.75 },
  { side: MAX_SIDE / 2, type: "image/png", quality: 1 },
  { side: MAX_SIDE / 2, type: "image/webp", quality: 0.75 },
  { side: MAX_SIDE / 4, type: "image/png", quality: 1 },
] as const;

/** As base64. Rejects with LogoError. */
export async function shrinkLogo(file: Blob): Promise<string> {
  if (file.size > MAX_FILE_BYTES) throw new LogoError("file");
  const picture = await decoded(file);
  for (const { side, type, quality } of FORMATS) {
    const drawn = await draw(picture, side, type, quality);
    if (drawn !== null && drawn.size <= MAX_LOGO_BYTES) return base64(await drawn.arrayBuffer());
  }
  throw new LogoError("size");
}

/** Through an <img>, where a browser also takes SVG and runs nothing that is in it. */
async function decoded(file: Blob): Promise<HTMLImageElement> {
  const address = URL.createObjectURL(file);
  try {
    const picture = Object.assign(new Image(), { src: address });
    await picture.decode();
    return picture;
  } catch {
    throw new LogoError("picture");
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** `null` where the browser cannot. Never larger than the picture itself, but for one that has no size of its own. */
async function draw(
  picture: HTMLImageElement,
  side: number,
  type: string,
  quality: number,
): Promise<Blob | null> {
  const [width, height] = [picture.naturalWidth || side, picture.naturalHeight || side];
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  if (context === null) return null;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}

function base64(bytes: ArrayBuffer): string {
  return btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
}
