/** Which browser's menus the help has to describe. For words only: nothing else depends on it. */
export type BrowserFamily =
  | "chrome-android"
  | "chrome"
  | "edge"
  | "firefox"
  | "firefox-android"
  | "safari"
  | "ios"
  | "other";

/** @param touchPoints tells an iPad, which calls itself a Mac, from one */
export function browserFamily(userAgent: string, touchPoints: number): BrowserFamily {
  const android = userAgent.includes("Android");
  if (/iPhone|iPad|iPod/u.test(userAgent)) return "ios";
  if (userAgent.includes("Macintosh") && touchPoints > 1) return "ios";
  if (userAgent.includes("Firefox/")) return android ? "firefox-android" : "firefox";
  if (userAgent.includes("Edg/")) return "edge";
  if (userAgent.includes("Chrome/")) return android ? "chrome-android" : "chrome";
  return userAgent.includes("Safari/") ? "safari" : "other";
}

export function thisBrowser(): BrowserFamily {
  return browserFamily(navigator.userAgent, navigator.maxTouchPoints);
}
