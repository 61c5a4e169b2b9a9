/**
 * Real browsers for the tests: Chromium over CDP and Firefox over WebDriver BiDi behind one API, with made-up cameras
 * and microphones. One browser per test file and kind, one context per person, and no process left behind: Chromium
 * ends when its pipe closes, Firefox by puppeteer's handlers of SIGINT, SIGTERM, SIGHUP and exit.
 */
import assert from "node:assert/strict";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer, { type Browser, type BrowserContext, type Page } from "puppeteer-core";

export type BrowserName = "chromium" | "firefox";

/** What a page may do with camera and microphone. `deny` is what a person who presses "Block" gets. */
export type DevicePolicy = "allow" | "deny" | "deny-camera";

const EXECUTABLES: Record<BrowserName, { readonly variable: string; readonly names: readonly string[] }> = {
  chromium: { variable: "CHROMIUM_PATH", names: ["chromium", "chromium-browser", "google-chrome"] },
  firefox: { variable: "FIREFOX_PATH", names: ["firefox-esr", "firefox"] },
};

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  // A page in the background of a headless browser is throttled otherwise, and so would the other side of a call be.
  "--disable-renderer-backgrounding",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--autoplay-policy=no-user-gesture-required",
];

const FIREFOX_PREFS = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  "media.peerconnection.ice.loopback": true,
  "media.autoplay.default": 0,
  "media.autoplay.blocking_policy": 0,
  "dom.min_background_timeout_value": 4,
  "datareporting.policy.dataSubmissionEnabled": false,
  "app.normandy.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  // Passkeys of software alone (virtual-authenticator.ts), added through Marionette, at any free port.
  "marionette.port": 0,
  "security.webauth.webauthn_enable_softtoken": true,
  "security.webauth.webauthn_enable_usbtoken": false,
};

/** Where the browser is: an environment variable, then PATH. @throws Error with the way out when it is nowhere */
export function executable(name: BrowserName): string {
  const { variable, names } = EXECUTABLES[name];
  const given = process.env[variable];
  if (given) return given;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const found = names.map((file) => join(folder, file)).find(isExecutable);
    if (found) return found;
  }
  throw new Error(`No ${name} on PATH (${names.join(", ")}): install it or set ${variable} to its path.`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface LaunchOptions {
  /** Hash of a self-signed certificate's public key, to be trusted (Chromium); Firefox then trusts all. */
  readonly trust?: string;
  readonly devices?: DevicePolicy;
  /** More of Chromium's command line, or of Firefox's preferences. */
  readonly flags?: readonly string[];
  readonly prefs?: Readonly<Record<string, string | number | boolean>>;
  /** A program to start in the browser's place, which starts it somewhere else. */
  readonly executable?: string;
  /** Of this machine, where Firefox is to be driven. */
  readonly port?: number;
}

/** One running browser. Close it in `after`. */
export interface TestBrowser {
  readonly name: BrowserName;
  readonly browser: Browser;
  /** A new person: a context of their own (no shared storage) with one page. */
  person(options?: PersonOptions): Promise<Person>;
  /** Closes everything. @throws AssertionError when a page reported an error that no test expected */
  close(): Promise<void>;
}

export interface PersonOptions {
  /**
   * Whose pages the browser remembers the device policy for. Chromium tells names of devices only to pages that it
   * remembers, and needs this for "deny-camera"; Firefox does not care.
   */
  readonly origin?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Source of a script to run in every page before its own. */
  readonly before?: string;
}

export interface Person {
  readonly name: BrowserName;
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the pages wrote to the console and could not catch, without what was expected. */
  readonly problems: string[];
  /** From now on, problems that match are none. */
  expectProblems(pattern: RegExp): void;
  close(): Promise<void>;
}

export function launch(name: BrowserName, options: LaunchOptions = {}): Promise<TestBrowser> {
  return name === "chromium" ? launchChromium(options) : launchFirefox(options);
}

const CHROMIUM_GRANTS: Record<DevicePolicy, readonly ("camera" | "microphone")[]> = {
  allow: ["camera", "microphone"],
  "deny-camera": ["microphone"],
  deny: [],
};

export async function launchChromium(options: LaunchOptions = {}): Promise<TestBrowser> {
  // The fake UI says yes to everything; without it nobody is there to be asked, which is a no.
  const answer = (options.devices ?? "allow") === "allow" ? ["--use-fake-ui-for-media-stream"] : [];
  const browser = await puppeteer.launch({
    executablePath: options.executable ?? executable("chromium"),
    pipe: true,
    args: [
      ...CHROMIUM_FLAGS,
      ...answer,
      ...(options.trust === undefined ? [] : [`--ignore-certificate-errors-spki-list=${options.trust}`]),
      ...(options.flags ?? []),
    ],
  });
  return testBrowser("chromium", browser, options);
}

/** How Firefox answers a page's request without asking: 1 allows, 2 denies. */
const firefoxAnswers = (camera: 1 | 2, microphone: 1 | 2) => ({
  "media.navigator.permission.disabled": false,
  "permissions.default.camera": camera,
  "permissions.default.microphone": microphone,
});
const FIREFOX_DEVICES: Record<DevicePolicy, object> = {
  allow: {},
  "deny-camera": firefoxAnswers(2, 1),
  deny: firefoxAnswers(2, 2),
};

export async function launchFirefox(options: LaunchOptions = {}): Promise<TestBrowser> {
  const { devices = "allow" } = options;
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: options.executable ?? executable("firefox"),
    args: ["--marionette"],
    ...(options.port === undefined ? {} : { debuggingPort: options.port }),
    acceptInsecureCerts: options.trust !== undefined,
    extraPrefsFirefox: {
      ...FIREFOX_PREFS,
      ...FIREFOX_DEVICES[devices],
      ...options.prefs,
    },
  });
  return testBrowser("firefox", browser, options);
}

function testBrowser(name: BrowserName, browser: Browser, { devices }: LaunchOptions): TestBrowser {
  const people: Person[] = [];
  const problems: string[] = [];
  return {
    name,
    browser,
    async person(options = {}) {
      const context = await browser.createBrowserContext();
      // A window each: Firefox halts what a tab in the background would draw, list or animate.
      const page = await context.newPage({ type: "window" });
      const person = watch(name, context, page, problems);
      people.push(person);
      if (name === "chromium" && options.origin !== undefined)
        await context.overridePermissions(options.origin, [...CHROMIUM_GRANTS[devices ?? "allow"]]);
      await page.setViewport(options.viewport ?? { width: 1280, height: 800 });
      await page.evaluateOnNewDocument(keepConnections);
      if (options.before !== undefined) await page.evaluateOnNewDocument(options.before);
      return person;
    },
    async close() {
      await Promise.allSettled(people.map((person) => person.close()));
      await browser.close();
      assert.deepEqual(problems, [], "errors in pages that no test expected");
    },
  };
}

function watch(name: BrowserName, context: BrowserContext, page: Page, all: string[]): Person {
  const expected: RegExp[] = [];
  const problems: string[] = [];
  const note = (problem: string) => {
    if (expected.some((pattern) => pattern.test(problem))) return;
    problems.push(problem);
    all.push(`${name}: ${problem}`);
  };
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warn") note(`console: ${message.text()}`);
  });
  page.on("error", (error) => note(`crashed: ${error instanceof Error ? error.message : String(error)}`));
  page.on("pageerror", (error) =>
    note(`uncaught: ${error instanceof Error ? error.message : String(error)}`),
  );
  let closed: Promise<void> | undefined;
  return {
    name,
    page,
    context,
    problems,
    expectProblems: (pattern) => void expected.push(pattern),
    close: () => {
      closed ??= context.close();
      return closed;
    },
  };
}

declare global {
  /** In test pages only: every RTCPeerConnection that was made, oldest first. */
  var quietroomConnections: RTCPeerConnection[];
}

/** Runs in the page before its own scripts: lets tests reach peer connections that the product keeps to itself. */
function keepConnections(): void {
  globalThis.quietroomConnections = [];
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      globalThis.quietroomConnections.push(this);
    }
  };
}

/** Totals over all open connections of a page, from getStats. */
export interface Received {
  readonly framesDecoded: number;
  /** Grows with every audible moment; stays 0 in silence. */
  readonly audioEnergy: number;
  readonly audioPackets: number;
  readonly videoPackets: number;
}

export function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const sum = { framesDecoded: 0, audioEnergy: 0, audioPackets: 0, videoPackets: 0 };
    // In Firefox, asking a connection that is just being closed may never be answered.
    const statsOf = (connection: RTCPeerConnection) =>
      Promise.race([
        connection.getStats(),
        new Promise<never[]>((resolve) => setTimeout(() => resolve([]), 2_000)),
      ]);
    for (const connection of globalThis.quietroomConnections) {
      if (connection.signalingState === "closed") continue;
      for (const report of (await statsOf(connection)).values()) {
        if (report.type !== "inbound-rtp") continue;
        sum.framesDecoded += report.framesDecoded ?? 0;
        sum.audioEnergy += report.totalAudioEnergy ?? 0;
        if (report.kind === "audio") sum.audioPackets += report.packetsReceived ?? 0;
        else sum.videoPackets += report.packetsReceived ?? 0;
      }
    }
    return sum;
  });
}

/** Frames of video that this page has decoded so far. */
export async function decodedFrames(page: Page): Promise<number> {
  return (await received(page)).framesDecoded;
}

/**
 * Looks until `probe` gives a value that is neither undefined, null nor false, and resolves to it.
 * @throws Error naming `what` after `timeout` milliseconds
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false>,
  timeout = 20_000,
): Promise<T> {
  const end = performance.now() + timeout;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > end) throw new Error(`not within ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until the page decodes `more` further frames than it has now. */
export async function decodesFurther(page: Page, more = 10, timeout = 20_000): Promise<void> {
  const before = await decodedFrames(page);
  await eventually(
    `${more} more decoded frames than ${before}`,
    async () => (await decodedFrames(page)) >= before + more,
    timeout,
  );
}

/** Waits until sound that is not silence comes out of a receiver of this page. */
export async function becomesAudible(page: Page, timeout = 20_000): Promise<void> {
  const before = (await received(page)).audioEnergy;
  await eventually("audible sound", async () => (await received(page)).audioEnergy > before + 1e-6, timeout);
}
