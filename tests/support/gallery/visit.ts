/** How tests and the screenshot script get to a screen of the gallery and act on it as a person would. */
import type { ElementHandle, Page } from "puppeteer-core";
import { OPENING, OPENING_LOG, OUTSIDE } from "../../../client/ui/words/opening.ts";
import type { Gallery } from "./server.ts";

export const SIZES = {
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  desktop: { width: 1280, height: 800 },
} as const;

export type Colours = "light" | "dark";

/** Opens a screen and waits until it is drawn: its heading is there and its pictures have begun. */
export async function openScreen(
  page: Page,
  gallery: Gallery,
  screen: string,
  colours: Colours = "light",
): Promise<void> {
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: colours },
    // Still pictures: an animation would be caught anywhere on its way.
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.goto(gallery.url(screen));
  await drawn(page);
}

/** Changes the state to that of another screen of the same side, as a reducer would, and waits until it is drawn. */
export async function showScreen(page: Page, screen: string): Promise<void> {
  await page.evaluate((name) => window.gallery.show(name), screen);
  await drawn(page);
}

/** What stands there while a part of the page is on its way. */
const ON_THE_WAY: readonly string[] = [OPENING, OPENING_LOG, OUTSIDE].map(({ title }) => title);

async function drawn(page: Page): Promise<void> {
  await page.waitForFunction(
    (onTheWay) =>
      window.gallery !== undefined &&
      document.querySelector("h1") !== null &&
      !onTheWay.includes(document.querySelector("h1")?.textContent ?? "") &&
      [...document.querySelectorAll("video")].every((video) => video.videoWidth > 0),
    {},
    ON_THE_WAY,
  );
}

const CONTROLS = "button, summary, select, label.choice, label.filter-choice, input:not([type=radio])";

/** The visible control of that accessible name, exactly, or else one whose name begins so; waits for it. */
export async function control(
  page: Page,
  name: string,
  selector: string = CONTROLS,
): Promise<ElementHandle<HTMLElement>> {
  const found = page.waitForFunction(
    (wanted, among) => {
      const all = [...document.querySelectorAll<HTMLElement>(among)];
      const nameOf = (element: HTMLElement): string => {
        const labelled =
          element instanceof HTMLInputElement ||
          element instanceof HTMLSelectElement ||
          element instanceof HTMLTextAreaElement;
        const label = labelled ? element.labels?.[0] : null;
        return (element.ariaLabel ?? (label ?? element).innerText).trim().replace(/\s+/g, " ");
      };
      const shown = all.filter((element) => element.checkVisibility());
      return (
        shown.find((element) => nameOf(element) === wanted) ??
        shown.find((element) => nameOf(element).startsWith(wanted))
      );
    },
    { timeout: 5_000 },
    name,
    selector,
  );
  return (
    await found.catch((cause: unknown) => {
      throw new Error(`nothing on the screen is called "${name}"`, { cause });
    })
  ).asElement() as ElementHandle<HTMLElement>;
}

/** Clicks it with the mouse: something that lies over it would get the click instead. */
export async function press(page: Page, name: string): Promise<void> {
  await (await control(page, name)).click();
}

export async function fill(page: Page, name: string, text: string): Promise<void> {
  const field = await control(page, name, "input");
  await field.evaluate((element) => {
    if (element instanceof HTMLInputElement) element.select();
  });
  await field.type(text);
}

/** What the view has sent so far, oldest first. */
export function sent(page: Page): Promise<unknown[]> {
  return page.evaluate(() => window.gallery.sent);
}

/** The accessible name, or else the text, of what has the focus. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return "";
    const label =
      element instanceof HTMLInputElement ||
      element instanceof HTMLSelectElement ||
      element instanceof HTMLTextAreaElement
        ? element.labels?.[0]
        : null;
    return (element.ariaLabel ?? (label ?? element).innerText).trim().replace(/\s+/g, " ");
  });
}
