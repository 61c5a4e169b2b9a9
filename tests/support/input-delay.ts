/**
 * How a page feels to the person in front of it: real clicks of a mouse while something else goes on, and in the page
 * the time from each to its handler, the time to the picture after it, and the longest time in which it did nothing.
 */
import type { ElementHandle } from "puppeteer-core";
import type { Person } from "./browsers.ts";

export interface InputDelay {
  readonly clicks: number;
  /** From the click to its handler, milliseconds. */
  readonly median: number;
  readonly worst: number;
  /** From the click to the next picture, milliseconds. */
  readonly painted: number;
  /** The longest time between two turns of a timer that is due every 20 ms. */
  readonly freeze: number;
}

declare global {
  var quietroomInput: { delays: number[]; paints: number[]; freeze: number };
}

/** From here on this page is watched, until it is left. */
export async function watchInput({ page }: Person): Promise<void> {
  await page.evaluate(() => {
    const seen = { delays: [] as number[], paints: [] as number[], freeze: 0 };
    globalThis.quietroomInput = seen;
    addEventListener(
      "pointerdown",
      ({ timeStamp }) => {
        seen.delays.push(performance.now() - timeStamp);
        // After the next frame is made.
        requestAnimationFrame(() => setTimeout(() => seen.paints.push(performance.now() - timeStamp)));
      },
      { capture: true },
    );
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      seen.freeze = Math.max(seen.freeze, now - last);
      last = now;
    }, 20);
  });
}

/** Clicks on this, again and again, until `until` settles. */
export async function clickWhile(
  { page }: Person,
  target: ElementHandle<Element>,
  until: Promise<unknown>,
): Promise<InputDelay> {
  let over = false;
  const end = until.finally(() => {
    over = true;
  });
  const box = await target.boundingBox();
  if (box === null) throw new Error("nothing to click on");
  while (!over) {
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await end;
  const { delays, paints, freeze } = await page.evaluate(() => globalThis.quietroomInput);
  return {
    clicks: delays.length,
    median: median(delays),
    worst: Math.max(...delays),
    painted: median(paints),
    freeze,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
