/**
 * Writes tests/vectors/audit-log.json from this implementation. Run by hand, and only when the format is meant to
 * change: `node tests/crypto/freeze-audit.ts`. Every changed line means that logs from before cannot be verified after.
 */
import { writeFileSync } from "node:fs";
import { auditVector } from "./support/frozen-audit.ts";

const file = new URL("../vectors/audit-log.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(await auditVector(), null, 2)}\n`);
