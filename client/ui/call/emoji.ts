const SIZE = 16;

/**
 * Whether this machine has a font with coloured emoji. Without one they would be empty boxes, and the words do alone.
 * A browser that hands out noise instead of pixels counts as having one.
 */
export function drawsEmoji(): boolean {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return true;
  context.font = `${SIZE}px sans-serif`;
  context.textBaseline = "top";
  context.fillStyle = "#000";
  context.fillText("🦋", 0, 0);
  const { data } = context.getImageData(0, 0, SIZE, SIZE);
  for (let at = 0; at < data.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
    if (red !== green || green !== blue) return true;
  }
  return false;
}
