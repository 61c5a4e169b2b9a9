/** In a real page: the outbox of a browser, held to its contract. */
import { openDexieOutbox } from "../../../client/audit/dexie-outbox.ts";
import { outboxCases } from "../../contract/outbox.ts";

declare global {
  /** Runs one rule. @returns what was wrong, or null */
  var runOutboxCase: (rule: string) => Promise<string | null>;
}

let databases = 0;

globalThis.runOutboxCase = async (rule) => {
  const found = outboxCases.find(({ name }) => name === rule);
  if (found === undefined) return `no rule ${rule}`;
  databases += 1;
  const name = `outbox-test-${databases}`;
  try {
    const outbox = await openDexieOutbox(name);
    await found.run({ outbox, reopen: () => openDexieOutbox(name) });
    return null;
  } catch (error) {
    return String(error);
  }
};
