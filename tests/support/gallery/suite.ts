/** For the tests of a file that look at the gallery: one browser, and a page in it at the size of a desktop. */
import { after, before } from "node:test";
import type { Page } from "puppeteer-core";
import { launchChromium, type TestBrowser } from "../browsers.ts";
import { type Gallery, startGallery } from "./server.ts";
import { SIZES } from "./visit.ts";

export interface GalleryVisit {
  readonly browser: TestBrowser;
  readonly gallery: Gallery;
  readonly page: Page;
}

/** @param arrived is given the three before the first test; they are closed after the last */
export function visitGallery(arrived: (visit: GalleryVisit) => void): void {
  let gallery: Gallery | undefined;
  let browser: TestBrowser | undefined;
  before(async () => {
    gallery = await startGallery();
    browser = await launchChromium();
    const { page } = await browser.person({ viewport: SIZES.desktop });
    arrived({ browser, gallery, page });
  });
  after(async () => {
    await browser?.close();
    await gallery?.close();
  });
}
