/** Where the self-view sits: one of four corners, so that it is found again and never half outside. Pure. */

export type Corner = "top-start" | "top-end" | "bottom-end" | "bottom-start";

const CLOCKWISE: readonly Corner[] = ["top-start", "top-end", "bottom-end", "bottom-start"];

export function nextCorner(corner: Corner): Corner {
  return CLOCKWISE[(CLOCKWISE.indexOf(corner) + 1) % CLOCKWISE.length] ?? corner;
}

/** The corner that an arrow key leads to; null for any other key. */
export function cornerTowards(corner: Corner, key: string): Corner | null {
  const [row, column] = corner.split("-");
  switch (key) {
    case "ArrowUp":
      return column === "start" ? "top-start" : "top-end";
    case "ArrowDown":
      return column === "start" ? "bottom-start" : "bottom-end";
    case "ArrowLeft":
      return row === "top" ? "top-start" : "bottom-start";
    case "ArrowRight":
      return row === "top" ? "top-end" : "bottom-end";
    default:
      return null;
  }
}

/** The corner nearest to a point of a stage, both in pixels. */
export function cornerAt(x: number, y: number, width: number, height: number): Corner {
  if (y < height / 2) return x < width / 2 ? "top-start" : "top-end";
  return x < width / 2 ? "bottom-start" : "bottom-end";
}
