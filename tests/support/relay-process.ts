/** The child process of `spawnRelay`: tells its parent where it listens, then runs until it is stopped. */
import { runRelay } from "../../relay/process.ts";
import { testConfig } from "./relay.ts";

const { url, port, setupCode } = await runRelay(testConfig(JSON.parse(process.argv[2] ?? "{}")));
process.send?.({ url, port, setupCode });
