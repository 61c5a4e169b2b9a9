/** Our relay, whole: pages, books and sockets. Its options come as JSON in the first argument. */
import { runRelay } from "../../../../relay/process.ts";
import { testConfig } from "../../../../tests/support/relay.ts";
import { report } from "../usage.ts";

const { port, setupToken } = await runRelay(testConfig(JSON.parse(process.argv[2] ?? "{}")));
report({ port, setupToken });
