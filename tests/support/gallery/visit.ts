/** How tests and the screenshot script get to a screen of the gallery and act on it as a person would. */
import type { Page } from "puppeteer-core";
import type { Gallery } from "./server.ts";

export const SIZES = {
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  desktop: { width: 1280, height: 800 },
} as const;

/** Opens a screen and waits until it is drawn: its heading is there and its pictures have begun. */
export async function openScreen(
  page: Page,
  gallery: Gallery,
  screen: string,
  colours: "light" | "dark" | (string & {}) = "light",
): Promise<void> {
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: colours },
    // Still pictures: an animation would be caught anywhere on its way.
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.goto(gallery.url(screen));
  await page.waitForFunction(
    () =>
      window.gallery !== undefined &&
      document.querySelector("h1") !== null &&
      document.querySelector('[aria-busy="true"] h1')?.textContent !== "Opening the room…" &&
      [...document.querySelectorAll("video")].every((video) => video.videoWidth > 0),
  );
}

/** Presses the visible control of that accessible name: exactly, or else one that begins so. */
export async function press(page: Page, name: string): Promise<void> {
  const found = await page.evaluateHandle((wanted) => {
    const controls = [...document.querySelectorAll<HTMLElement>("button, summary, label.choice, a")].filter(
      (control) => control.checkVisibility(),
    );
    const nameOf = (control: HTMLElement) =>
      (control.ariaLabel ?? control.innerText).trim().replace(/\s+/g, " ");
    const match =
      controls.find((control) => nameOf(control) === wanted) ??
      controls.find((control) => nameOf(control).startsWith(wanted));
    return match ?? null;
  }, name);
  const element = found.asElement();
  if (element === null) throw new Error(`nothing to press is called "${name}"`);
  await element.evaluate((control) => {
    if (control instanceof HTMLElement) control.focus();
  });
  await element.evaluate((control) => {
    if (control instanceof HTMLElement) control.click();
  });
}
