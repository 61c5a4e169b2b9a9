/** A small moving picture for the browser's made-up camera: the least work that is still a call. */
import { writeFileSync } from "node:fs";

export const CAMERA = { width: 160, height: 120, fps: 10 } as const;
const FRAMES = 40;

/** Writes an uncompressed YUV4MPEG2 file that Chromium plays in a loop. */
export function writeCamera(path: string): void {
  const { width, height, fps } = CAMERA;
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`);
  const frames = Array.from({ length: FRAMES }, (_, time) =>
    Buffer.concat([
      Buffer.from("FRAME\n"),
      // A slope that wanders, so that every frame differs from the one before.
      Buffer.from(Array.from({ length: width * height }, (_, i) => ((i % width) + time * 6) & 0xff)),
      Buffer.alloc((width * height) / 2, 128),
    ]),
  );
  writeFileSync(path, Buffer.concat([header, ...frames]));
}
