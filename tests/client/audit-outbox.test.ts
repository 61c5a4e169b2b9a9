/** The outbox in memory. That of a browser is held to the same contract in tests/browser/audit.test.ts. */
import { test } from "node:test";
import { newOutboxDisk, openMemoryOutbox } from "../../client/audit/memory-outbox.ts";
import { outboxCases } from "../contract/outbox.ts";

for (const { name, run } of outboxCases)
  test(`memory outbox: ${name}`, async () => {
    const disk = newOutboxDisk();
    await run({ outbox: openMemoryOutbox(disk), reopen: async () => openMemoryOutbox(disk) });
  });
