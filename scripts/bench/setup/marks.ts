/** What happened on a page, and when: noted by the page itself, so that no test driver's delay is measured. */
import type { Page } from "puppeteer-core";

export interface Marks {
  /** Milliseconds since 1970, by name; of several, the first. */
  readonly at: Readonly<Record<string, number>>;
}

declare global {
  var benchMarks: Record<string, number>;
}

/** Runs before a page's own scripts. Notes buttons that appear or are pressed, and the other person's first picture. */
function watchPage(): void {
  // `timeOrigin` is when the navigation began: before the first byte was asked for.
  globalThis.benchMarks = { opened: performance.timeOrigin };
  const mark = (name: string) => {
    globalThis.benchMarks[name] ??= performance.timeOrigin + performance.now();
  };
  const nameOf = (button: HTMLElement) => (button.ariaLabel ?? button.innerText).replace(/\s+/g, " ").trim();
  const isRemote = (video: HTMLVideoElement) =>
    video.srcObject instanceof MediaStream &&
    video.srcObject
      .getVideoTracks()
      .some((track) =>
        globalThis.quietroomConnections.some((each) =>
          each.getReceivers().some((receiver) => receiver.track.id === track.id),
        ),
      );
  const watched = new WeakSet<HTMLVideoElement>();
  const look = () => {
    for (const button of document.querySelectorAll("button")) mark(`shown ${nameOf(button)}`);
    for (const video of document.querySelectorAll("video")) {
      if (watched.has(video) || !isRemote(video)) continue;
      watched.add(video);
      video.requestVideoFrameCallback(() => mark("picture"));
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  // A track that joins a stream changes no element.
  setInterval(look, 10);
  document.addEventListener(
    "click",
    ({ target }) => {
      const button = target instanceof Element ? target.closest("button") : null;
      if (button) mark(`pressed ${nameOf(button)}`);
    },
    { capture: true },
  );
}

/** For `PersonOptions.before`. */
export const WATCH_PAGE = `(${watchPage.toString()})();`;

export function marksOf(page: Page): Promise<Marks["at"]> {
  return page.evaluate(() => ({ ...globalThis.benchMarks }));
}

export function forgetMarks(page: Page): Promise<void> {
  return page.evaluate(() => {
    globalThis.benchMarks = {};
  });
}

/** Milliseconds between two marks. @throws Error when one of them was never set */
export function between(from: number | undefined, to: number | undefined): number {
  if (from === undefined || to === undefined) throw new Error("something did not happen");
  return to - from;
}
