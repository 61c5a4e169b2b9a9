/**
 * The part of set-up that npm cannot bring: the programs that the tests drive. Looks for Chromium, Firefox, coturn,
 * openssl and the tools of the network lab; installs what is missing where that is ours to do (root on Debian or
 * Ubuntu), and otherwise says exactly what is missing and how to get it.
 *
 * Runs on the system's Node before node_modules exists: plain JavaScript, built-in modules only. Starts no process and
 * takes a few milliseconds when everything is there.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/**
 * @typedef {"chromium" | "firefox" | "turnserver" | "openssl" | "ip" | "nft" | "tcpdump"} Tool
 * @typedef {Record<Tool, string | null>} Found where each tool is, or null
 * @typedef {{ platform: string, isRoot: boolean, hasApt: boolean, distribution: string }} Machine
 * `distribution` is the ID of /etc/os-release, or "".
 */

/**
 * Those that do not exist for macOS make the network lab (tests/lab/), which only root on Linux can have.
 * @type {Record<Tool, { title: string, variable: string, names: string[], debian: string, ubuntu: string, fedora: string, macos: string | null }>}
 */
const TOOLS = {
  chromium: {
    title: "Chromium",
    variable: "CHROMIUM_PATH",
    names: [
      "chromium",
      "chromium-browser",
      "google-chrome",
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
    debian: "chromium",
    ubuntu: "chromium-browser",
    fedora: "chromium",
    macos: "--cask chromium",
  },
  firefox: {
    title: "Firefox",
    variable: "FIREFOX_PATH",
    names: ["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"],
    debian: "firefox-esr",
    ubuntu: "firefox",
    fedora: "firefox",
    macos: "--cask firefox",
  },
  turnserver: {
    title: "coturn (turnserver)",
    variable: "TURNSERVER_PATH",
    names: ["turnserver"],
    debian: "coturn",
    ubuntu: "coturn",
    fedora: "coturn",
    macos: "coturn",
  },
  openssl: {
    title: "openssl",
    variable: "OPENSSL_PATH",
    names: ["openssl"],
    debian: "openssl",
    ubuntu: "openssl",
    fedora: "openssl",
    macos: "openssl",
  },
  ip: {
    title: "iproute2 (ip)",
    variable: "IP_PATH",
    names: ["ip"],
    debian: "iproute2",
    ubuntu: "iproute2",
    fedora: "iproute",
    macos: null,
  },
  nft: {
    title: "nftables (nft)",
    variable: "NFT_PATH",
    names: ["nft"],
    debian: "nftables",
    ubuntu: "nftables",
    fedora: "nftables",
    macos: null,
  },
  tcpdump: {
    title: "tcpdump",
    variable: "TCPDUMP_PATH",
    names: ["tcpdump"],
    debian: "tcpdump",
    ubuntu: "tcpdump",
    fedora: "tcpdump",
    macos: null,
  },
};
const NAMES = /** @type {Tool[]} */ (Object.keys(TOOLS));

/**
 * Where the tools are. A path given in its variable (CHROMIUM_PATH, FIREFOX_PATH, TURNSERVER_PATH, OPENSSL_PATH,
 * IP_PATH, NFT_PATH, TCPDUMP_PATH) is the only place that tool is looked for.
 * @param {Record<string, string | undefined>} env
 * @param {(path: string) => boolean} isProgram
 * @returns {Found}
 */
export function findTestTools(env = process.env, isProgram = isExecutableFile) {
  // Daemons live in sbin, which is not on an ordinary user's PATH.
  const folders = [...(env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin"].filter(isAbsolute);
  const find = (/** @type {Tool} */ tool) => {
    const given = env[TOOLS[tool].variable];
    const candidates = given
      ? [given]
      : TOOLS[tool].names.flatMap((name) =>
          isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name)),
        );
    return candidates.find(isProgram) ?? null;
  };
  return {
    chromium: find("chromium"),
    firefox: find("firefox"),
    turnserver: find("turnserver"),
    openssl: find("openssl"),
    ip: find("ip"),
    nft: find("nft"),
    tcpdump: find("tcpdump"),
  };
}

/** @param {string} path */
function isExecutableFile(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * What to do about what was found. Pure.
 * @param {Found} found
 * @param {Machine} machine
 * @param {Record<string, string | undefined>} env for the variables that name a tool's path
 * @returns {{ action: "nothing" } | { action: "install", packages: string[] } | { action: "explain", message: string }}
 */
export function plan(found, machine, env = {}) {
  const missing = missingFrom(found, machine);
  if (missing.length === 0) return { action: "nothing" };
  // A path that was given and is wrong is a mistake to point out; installing something else would hide it.
  const mistaken = missing.some((tool) => env[TOOLS[tool].variable]);
  if (mistaken || machine.platform !== "linux" || !machine.isRoot || !machine.hasApt)
    return { action: "explain", message: explain(missing, machine, env) };
  const family = machine.distribution === "ubuntu" ? "ubuntu" : "debian";
  return { action: "install", packages: missing.map((tool) => TOOLS[tool][family]) };
}

/**
 * @param {Found} found
 * @param {Machine} machine
 */
function missingFrom(found, { platform, isRoot }) {
  const canHaveLab = platform === "linux" && isRoot;
  return NAMES.filter((tool) => found[tool] === null && (canHaveLab || TOOLS[tool].macos !== null));
}

/**
 * @param {Tool[]} missing
 * @param {Machine} machine
 * @param {Record<string, string | undefined>} env
 */
function explain(missing, machine, env) {
  const packages = (/** @type {"debian" | "ubuntu" | "fedora" | "macos"} */ system) =>
    missing.flatMap((tool) => TOOLS[tool][system] ?? []);
  const lines = ["The tests need programs that are not here:", ""];
  for (const tool of missing) {
    const { title, variable, names } = TOOLS[tool];
    const given = env[variable];
    const looked = given
      ? `${variable} says ${given}, which is no program that can be run`
      : `looked for ${names.filter((name) => !isAbsolute(name)).join(", ")} on the PATH`;
    lines.push(`  ${title}: ${looked}`);
  }
  lines.push("", "How to get them:", "");
  if (machine.hasApt && !machine.isRoot) lines.push("  here            run npm test as root once, or:");
  lines.push(
    `  Debian          sudo apt-get install --no-install-recommends ${packages("debian").join(" ")}`,
    `  Ubuntu          sudo apt-get install --no-install-recommends ${packages("ubuntu").join(" ")}`,
    `  Fedora          sudo dnf install ${packages("fedora").join(" ")}`,
    ...(packages("macos").length === 0
      ? []
      : [
          `  macOS           ${packages("macos")
            .map((name) => `brew install ${name}`)
            .join(" && ")}`,
        ]),
    "",
    `Somewhere else already? Say where: ${missing.map((tool) => `${TOOLS[tool].variable}=/path`).join(" ")}`,
  );
  return lines.join("\n");
}

/** @returns {Machine} */
function thisMachine() {
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasApt: existsSync("/usr/bin/apt-get"),
    distribution: distribution(),
  };
}

function distribution() {
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    return /^ID="?([a-z0-9._-]+)"?$/m.exec(text)?.[1] ?? "";
  } catch {
    return "";
  }
}

/**
 * Makes sure that every tool is there. Ends the process with code 1 and an explanation where that cannot be done.
 * @param {{ log: (line: string) => void }} options
 * @returns {Found}
 */
export function ensureTestTools({ log }) {
  const found = findTestTools();
  const todo = plan(found, thisMachine(), process.env);
  if (todo.action === "nothing") return found;
  if (todo.action === "explain") return stop(log, todo.message);

  log(`Installing what the tests drive: ${todo.packages.join(", ")} (once, a few minutes) ...`);
  const failed = install(todo.packages);
  if (todo.packages.includes("coturn")) stopPackagedCoturn(log);
  const now = findTestTools();
  const stillMissing = missingFrom(now, thisMachine());
  if (stillMissing.length === 0) return now;
  const reason = failed ?? "The packages were installed, but not every program came with them.";
  return stop(log, `${reason}\n\n${explain(stillMissing, thisMachine(), process.env)}`);
}

/**
 * @param {(line: string) => void} log
 * @param {string} message
 * @returns {never}
 */
function stop(log, message) {
  log(`\n${message}\n`);
  process.exit(1);
}

/**
 * @param {string[]} packages
 * @returns {string | null} why it failed
 */
function install(packages) {
  const apt = (/** @type {string[]} */ ...args) =>
    spawnSync("/usr/bin/apt-get", ["-o", "DPkg::Lock::Timeout=120", ...args], {
      // Its progress is for the person waiting; our own standard output stays clean.
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status === 0;
  // One unreachable source fails the update and need not matter: the installation decides.
  const updated = apt("update");
  if (apt("install", "-y", "--no-install-recommends", ...packages)) return null;
  const step = updated ? "install" : "update";
  return `"apt-get ${step}" failed; its reason is above.`;
}

/**
 * Debian starts a service as soon as its package is installed. The packaged coturn would listen on every address of
 * this machine, with a sample configuration that is not ours; the tests start their own, on loopback. Only called when
 * it was installed just now, so a TURN server that somebody runs on purpose is never touched.
 * @param {(line: string) => void} log
 */
function stopPackagedCoturn(log) {
  const command = existsSync("/run/systemd/system")
    ? ["systemctl", "disable", "--now", "coturn.service"]
    : ["service", "coturn", "stop"];
  const [program = "", ...args] = command;
  const result = spawnSync(program, args, { stdio: "ignore" });
  if (result.status === 0)
    log("Stopped the coturn service that came with the package: its sample set-up would listen everywhere.");
}
