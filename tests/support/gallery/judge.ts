/** What is wrong with the screen that a page shows: by axe, by its width, by the size of what can be pressed. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Page } from "puppeteer-core";

/** Given to the page once, after each time that it was opened. */
export const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds to be serious or critical; text at 7:1. */
export async function findings(page: Page): Promise<string[]> {
  const results = await page.evaluate(async () => {
    const tool: typeof axe = Reflect.get(window, "axe");
    const { violations } = await tool.run(document, {
      resultTypes: ["violations"],
      rules: { "color-contrast-enhanced": { enabled: true } },
    });
    return violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      where: nodes.map((node) => node.html.slice(0, 160)),
    }));
  });
  return results
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, where }) => `${id}: ${where.join(" | ")}`);
}

/** What is wider than the window, by its class. */
export function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width && document.querySelector(".call") === null) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.checkVisibility() && !element.closest(".visually-hidden"))
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        return right > width + 1 || left < -1;
      })
      .map((element) => `${element.tagName}.${element.getAttribute("class")}`);
  });
}

/** What can be pressed and is less than 44 pixels high or wide. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("button, summary, select, input, a")]
      .map((element) => element.closest("label.choice") ?? element)
      .filter((element) => element.checkVisibility() && !element.closest(".visually-hidden"))
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 44 || height < 44;
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );
}
