/**
 * Import this first: everything below it runs on a machine of its own. The test file is started once more inside new
 * network, mount and process namespaces, as root of which it may lay cables, filter packets and cut them, and nothing of
 * that is seen outside. When the file ends, whichever way, the kernel ends all processes in there and takes the
 * interfaces, the filters and the mounts away: nothing is left to clean up.
 *
 * Where that is not permitted, `skip` says why, and the tests hand it to node:test.
 */
import { spawnSync } from "node:child_process";
import { findTestTools } from "../../scripts/setup-system.mjs";

const INSIDE = "QUIETROOM_LAB";

/** Where the relay and the TURN server are: an address that no person's network has. */
export const SERVER_ADDRESS = "203.0.113.10";
/** What people call it: no browser makes a passkey for an address. */
export const SERVER_NAME = "quietroom.test";

/** Names of its own, since no name server can be asked. */
const HOSTS = `127.0.0.1 localhost\\n${SERVER_ADDRESS} ${SERVER_NAME}\\n`;

const MOUNTS = [
  "mount -t tmpfs lab /run",
  `printf '${HOSTS}' > /run/hosts`,
  "mount --bind /run/hosts /etc/hosts",
  'exec "$@"',
].join(" && ");

/** The reason why there is no lab here, in the form that node:test takes. */
export const skip: string | false = process.env[INSIDE] === "inside" ? false : enter();

/** Does not return where it can enter: this process then ends with the exit code of the one inside. */
function enter(): string {
  const reason = whyNot();
  if (reason !== null) return `the network lab needs root and namespaces: ${reason}`;
  const { status } = spawnSync(
    "setpriv",
    inNamespaces(process.execPath, ...process.execArgv, ...process.argv.slice(1)),
    {
      stdio: "inherit",
      env: { ...process.env, [INSIDE]: "inside" },
    },
  );
  process.exit(status ?? 1);
}

function whyNot(): string | null {
  if (process.platform !== "linux") return `this is ${process.platform}, not Linux`;
  if (process.getuid?.() !== 0) return "the tests do not run as root";
  const tools = findTestTools();
  const missing = (["ip", "nft", "tcpdump"] as const).filter((tool) => tools[tool] === null);
  if (missing.length > 0) return `${missing.join(" and ")} missing; npm test brings what it can`;
  const { status, stderr, error } = spawnSync("setpriv", inNamespaces("true"), { encoding: "utf8" });
  if (error) return error.message;
  return status === 0 ? null : `the system refuses them (${stderr.trim()})`;
}

/**
 * Arguments of setpriv for a command in new namespaces. `--pdeathsig` and `--kill-child` hand the end of this process
 * on, `kill -9` included. `ip netns` keeps names in /run, where they would outlive the namespaces: it gets a /run of its
 * own.
 */
function inNamespaces(...command: readonly string[]): string[] {
  return [
    ...["--pdeathsig", "KILL"],
    ...["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
    ...["sh", "-c", MOUNTS, "sh"],
    ...command,
  ];
}
