/** Moving pictures of nobody: drawn, so that the gallery needs no camera and looks the same everywhere. */

interface Look {
  readonly wall: string;
  readonly light: string;
  readonly skin: string;
  readonly hair: string;
  readonly coat: string;
}

export const LOOKS = {
  therapist: { wall: "#b9a68c", light: "#e3d3b8", skin: "#8d5a3c", hair: "#2a1d18", coat: "#22504d" },
  patient: { wall: "#8b98a3", light: "#c3ccd1", skin: "#e0b594", hair: "#a5a09a", coat: "#6a4a5f" },
} as const satisfies Record<string, Look>;

/** A stream of one drawn person, gently moving. */
export function person(look: keyof typeof LOOKS, width: number, height: number): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  const draw = (time: number) => drawPerson(context, LOOKS[look], width, height, time / 1000);
  draw(0);
  setInterval(() => draw(performance.now()), 100);
  return canvas.captureStream(10);
}

function drawPerson(
  context: CanvasRenderingContext2D,
  look: Look,
  width: number,
  height: number,
  time: number,
): void {
  const wall = context.createLinearGradient(0, 0, width, height);
  wall.addColorStop(0, look.light);
  wall.addColorStop(1, look.wall);
  context.fillStyle = wall;
  context.fillRect(0, 0, width, height);

  const x = width / 2 + Math.sin(time / 3) * width * 0.01;
  const size = Math.min(width, height) * 0.2;
  const y = height * 0.45;
  const blob = (colour: string, dx: number, dy: number, rx: number, ry: number) => {
    context.fillStyle = colour;
    context.beginPath();
    context.ellipse(x + dx * size, y + dy * size, rx * size, ry * size, 0, 0, Math.PI * 2);
    context.fill();
  };
  blob(look.hair, 0, -0.25, 1.02, 1.15);
  blob(look.coat, 0, 3.1, 2.1, 1.75);
  blob(look.skin, 0, 1.1, 0.42, 0.7);
  blob(look.skin, 0, 0, 0.8, 1.02);
  blob(look.hair, 0, -0.85, 0.82, 0.42);
  blob("#2b211d", -0.3, -0.02, 0.075, 0.09);
  blob("#2b211d", 0.3, -0.02, 0.075, 0.09);
  context.strokeStyle = "#2b211d";
  context.lineWidth = size * 0.06;
  context.lineCap = "round";
  context.beginPath();
  context.arc(x, y + size * 0.3, size * 0.28, Math.PI * 0.2, Math.PI * 0.8);
  context.stroke();
}
