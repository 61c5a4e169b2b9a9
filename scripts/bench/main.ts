/**
 * `npm run bench`: measures what DESIGN's budgets name, each beside its peers in the same run. `npm run bench -- relay`
 * runs only the sections named. Nothing here is a test: figures belong to the machine that they were measured on.
 */
import { availableParallelism, cpus } from "node:os";
import { render, type Section } from "./table.ts";

/** Loaded only when asked for: one section must not need what another measures with. */
const SECTIONS: Readonly<Record<string, () => Promise<() => Promise<readonly Section[]>>>> = {
  relay: async () => (await import("./relay/measure.ts")).measureRelay,
  frames: async () => (await import("./frames/frames.ts")).measureFrames,
  audit: async () => (await import("./audit/audit.ts")).measureAudit,
  weight: async () => (await import("./weight/weight.ts")).measureWeight,
  "audit-verify": async () => (await import("./audit/verify.ts")).measureVerify,
  "audit-page": async () => (await import("./audit/page.ts")).measurePage,
  setup: async () => (await import("./setup/setup.ts")).measureSetup,
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) {
  console.error(`No such section: ${unknown.join(", ")}. There are: ${Object.keys(SECTIONS).join(", ")}.`);
  process.exit(2);
}

console.log(`# Quietroom bench\n`);
console.log(
  `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, ${process.version}\n`,
);
for (const [name, load] of Object.entries(SECTIONS)) {
  if (named.length > 0 && !named.includes(name)) continue;
  console.error(`measuring ${name} ...`);
  const measure = await load();
  for (const section of await measure()) console.log(render(section));
}
