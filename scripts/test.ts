/**
 * `npm test`: everything, or only the files named (`npm test -- tests/crypto/noise.test.ts`). Files in which browsers
 * hold calls run one after another, since two calls at once would starve each other. Two files that only look at
 * screens and stores can share the machine; everything without a browser runs side by side.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, sep } from "node:path";

const root = join(import.meta.dirname, "..");
const BROWSER = new RegExp(`tests\\${sep}(browser|lab)\\${sep}`);
/** Screens of made-up state, and storage: no camera, no clock that matters. */
const CALM = new RegExp(
  `tests\\${sep}browser\\${sep}(ui|ui-.*|vault|account-vault|audit-verify)\\.test\\.ts$`,
);

function nodeTest(files: readonly string[], concurrency: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const args = ["--test", `--test-concurrency=${concurrency}`, "--test-timeout=300000", ...files];
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.on("close", (code) => resolve(code ?? 1));
  return promise;
}

const named = process.argv.slice(2);
const files = (named.length > 0 ? named : globSync("tests/**/*.test.ts", { cwd: root })).sort();
const quick = files.filter((file) => !BROWSER.test(file));
const calm = files.filter((file) => CALM.test(file));
const calls = files.filter((file) => BROWSER.test(file) && !CALM.test(file));

const codes: number[] = [];
if (quick.length > 0) codes.push(await nodeTest(quick, availableParallelism()));
if (calm.length > 0) codes.push(await nodeTest(calm, 2));
if (calls.length > 0) codes.push(await nodeTest(calls, 1));
if (codes.length === 0) console.error("No test file matches.");
process.exitCode = codes.length > 0 && codes.every((code) => code === 0) ? 0 : 1;
