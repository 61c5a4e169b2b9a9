import { type BrowserFamily, browserFamily } from "../browser.ts";

const BROWSERS: Record<Exclude<BrowserFamily, "ios" | "other">, string> = {
  chrome: "Chrome",
  "chrome-android": "Chrome",
  edge: "Edge",
  firefox: "Firefox",
  "firefox-android": "Firefox",
  safari: "Safari",
};

/** The first that is in the browser's own description; Android calls itself Linux, too. */
const SYSTEMS: readonly (readonly [token: string, name: string])[] = [
  ["Android", "Android"],
  ["Windows", "Windows"],
  ["CrOS", "ChromeOS"],
  ["Macintosh", "Mac"],
  ["Linux", "Linux"],
];

/** "Chrome on Windows", "iPhone": what a person calls the device that she sits at. */
export function deviceName(userAgent: string, touchPoints: number): string {
  const family = browserFamily(userAgent, touchPoints);
  if (family === "ios") return userAgent.includes("iPhone") ? "iPhone" : "iPad";
  const browser = family === "other" ? "Browser" : BROWSERS[family];
  const system = SYSTEMS.find(([token]) => userAgent.includes(token));
  return system === undefined ? browser : `${browser} on ${system[1]}`;
}
