/**
 * The code that a session needs and the first page does not: its view and styles, its media, the frame worker. It is fetched into
 * the browser's cache while one waits, again and again if need be, since the relay may just be away when the door
 * opens. Only what is there is then imported: a module that could not be fetched once stays so for as long as the page
 * lives (Firefox, and what HTML §8.1.6.3 says).
 */

/** Filled in by the build (scripts/build.ts): addresses, which name the content of what they lead to. */
const LIST = 'meta[name="quietroom-later"]';
const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000] as const;

let fetched: Promise<void> | null = null;

/**
 * Resolves when all of it is there, however long that takes. Rejects when there is an answer without it, as from a
 * relay that serves a newer build.
 */
export function laterCode(): Promise<void> {
  fetched ??= fetchAll().catch((error: unknown) => {
    fetched = null;
    throw error;
  });
  return fetched;
}

async function fetchAll(): Promise<void> {
  const list = document.querySelector<HTMLMetaElement>(LIST)?.content.split(" ") ?? [];
  await Promise.all(list.map(fetchOne));
  await Promise.all(list.filter((url) => url.endsWith(".css")).map(applyStyles));
}

/** A view that comes later has its styles when it is shown. */
function applyStyles(href: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    document.head.append(Object.assign(link, { rel: "stylesheet", href, onload: resolve, onerror: reject }));
  });
}

async function fetchOne(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const response = await answerOf(url);
    if (response?.ok) return;
    if (response && response.status < 500) throw new Error(`no ${url}`);
    const pause = PAUSES_MS[attempt] ?? PAUSES_MS[PAUSES_MS.length - 1];
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** With its whole body, which the cache wants; `null` when the relay cannot be reached. */
async function answerOf(url: string): Promise<Response | null> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response;
  } catch {
    return null;
  }
}
