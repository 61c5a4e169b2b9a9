/**
 * Imported into the process of every test file: ends one that something left open keeps alive, a browser or a server that
 * a failed test did not close. Without it the whole run would wait for it, and say nothing.
 */
import { basename } from "node:path";

/** Far more than any of them needs, on a slow machine too. */
const FILE_MS = 480_000;

/** Not in the runner itself, which imports this too and lasts as long as all of them. */
if (process.env["NODE_TEST_CONTEXT"] !== undefined) {
  const deadline = setTimeout(() => {
    const file = basename(process.argv[1] ?? "");
    const open = process.getActiveResourcesInfo().join(", ");
    console.error(`${file} does not end within ${FILE_MS / 60_000} minutes; still open: ${open}`);
    process.exit(1);
  }, FILE_MS);
  deadline.unref();
}
