/**
 * `npm test`: everything, or only the files named (`npm test -- tests/crypto/noise.test.ts`). Files that drive
 * browsers run one after another, since two browser suites at once would starve each other; the rest runs side by side.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, sep } from "node:path";

const root = join(import.meta.dirname, "..");
const BROWSER = new RegExp(`tests\\${sep}(browser|lab)\\${sep}`);

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
const browser = files.filter((file) => BROWSER.test(file));

const codes: number[] = [];
if (quick.length > 0) codes.push(await nodeTest(quick, availableParallelism()));
if (browser.length > 0) codes.push(await nodeTest(browser, 1));
if (codes.length === 0) console.error("No test file matches.");
process.exitCode = codes.length > 0 && codes.every((code) => code === 0) ? 0 : 1;
