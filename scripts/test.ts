/**
 * `npm test`: everything, or only the files named (`npm test -- tests/crypto/noise.test.ts`). How many files share the
 * machine depends on what they wait for: calls would starve each other of the time that pictures and sounds need, while
 * screens, stores and sign-ins only take a little longer.
 */
import { spawn } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { buildClient } from "./build.ts";

const root = join(import.meta.dirname, "..");
const deadline = pathToFileURL(join(root, "tests/support/deadline.ts"));
const BROWSER = new RegExp(`tests\\${sep}(browser|lab)\\${sep}`);

/** Browsers, and nobody who waits for a picture, or one for whom it may come late. */
const CALM = [
  "account-vault",
  "accounts",
  "admin",
  "audit-page",
  "audit-verify",
  "invites",
  "media-devices",
  "passkeys",
  "passphrase",
  "personal-room",
  "recovery",
  "refusals",
  "second-device",
  "start-over",
  "stolen-cookie",
  "ui",
  "ui-account",
  "ui-admin",
  "ui-audit",
  "ui-intents",
  "ui-keyboard",
  "vault",
  "vault-at-rest",
  "virtual-authenticator",
];
/** Calls that spend much of their time waiting, and measure nothing that another call would spoil. */
const PATIENT = [
  "hostile-relay",
  "media-refusals",
  "outage",
  "privacy",
  "resume",
  "session",
  "sleep",
  "turn",
  "turn-failure",
  "two-places",
  "wire",
];

interface Group {
  readonly has: (file: string) => boolean;
  readonly atOnce: number;
}

const nameOf = (file: string) => basename(file, ".test.ts");
const cores = availableParallelism();
/** The first one that has a file takes it. They run one after another. */
const GROUPS: readonly Group[] = [
  // Most of them wait now and then.
  { has: (file) => !BROWSER.test(file), atOnce: 2 * cores },
  { has: (file) => CALM.includes(nameOf(file)), atOnce: 2 },
  { has: (file) => PATIENT.includes(nameOf(file)), atOnce: 2 },
  { has: () => true, atOnce: 1 },
];

/** Every file is a process of its own, and most read the same sources: Node keeps what it has made of them here. */
const cache = mkdtempSync(join(tmpdir(), "quietroom-compiled-"));

function nodeTest(files: readonly string[], atOnce: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const args = [
    "--test",
    `--test-concurrency=${atOnce}`,
    "--test-timeout=300000",
    `--import=${deadline}`,
    ...files,
  ];
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.on("close", (code) => resolve(code ?? 1));
  return promise;
}

const named = process.argv.slice(2);
const files = (named.length > 0 ? named : globSync("tests/**/*.test.ts", { cwd: root })).sort();
const codes: number[] = [];
try {
  for (const group of GROUPS) {
    const own = files.filter((file) => GROUPS.find(({ has }) => has(file)) === group);
    if (own.length === 0) continue;
    // Before several files want to at once.
    if (own.some((file) => BROWSER.test(file))) await buildClient();
    codes.push(await nodeTest(own, group.atOnce));
  }
} finally {
  rmSync(cache, { recursive: true, force: true });
}
if (codes.length === 0) console.error("No test file matches.");
process.exitCode = codes.length > 0 && codes.every((code) => code === 0) ? 0 : 1;
