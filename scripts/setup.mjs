/**
 * Brings what is missing before any other command: the packages of the lock file and, where the system's Node is
 * older than the project needs, a pinned newer one inside node_modules (npm puts node_modules/.bin first on the PATH,
 * so every `npm run` uses it). `--tests` also brings the browsers and the TURN server that the tests drive.
 *
 * Runs on the system's Node before node_modules exists: plain JavaScript, built-in modules only.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureTestTools } from "./setup-system.mjs";

const NEEDED_NODE_MAJOR = 24;
const PINNED_NODE = "node@26.10.0";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const stampFile = join(modules, ".quietroom-setup");

const log = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

/** The system's own Node is too old; also true when this very process already runs on the one we brought. */
function needsOwnNode() {
  const major = Number(process.versions.node.split(".")[0]);
  return major < NEEDED_NODE_MAJOR || process.execPath.startsWith(modules + sep);
}

function npm(/** @type {string[]} */ ...args) {
  const result = spawnSync("npm", args, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (result.status === 0) return;
  log(
    `\nSet-up stopped: "npm ${args.join(" ")}" failed. The reason is above; most often there is no way to the`,
  );
  log("package registry, or no room on the disk. Nothing is half-installed: run the same command again.");
  process.exit(1);
}

function ensurePackages() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(needsOwnNode() ? PINNED_NODE : "system")
    .digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;

  const own = needsOwnNode();
  rmSync(stampFile, { force: true });
  log("Installing packages (once, about a minute) ...");
  // No package of ours needs its install script, so none runs.
  npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
  if (own) {
    log(
      `Bringing ${PINNED_NODE}: Quietroom needs Node ${NEEDED_NODE_MAJOR} or newer, this machine has an older one ...`,
    );
    npm(
      "install",
      "--no-save",
      "--no-package-lock",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      PINNED_NODE,
    );
  }
  writeFileSync(stampFile, wanted);
}

ensurePackages();
if (process.argv.includes("--tests")) ensureTestTools({ log });
