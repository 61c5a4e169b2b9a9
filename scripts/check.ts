/** `npm run check`: types per environment, lint and format, the import graph. All at once; seconds. */
import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { importViolations } from "./import-graph.ts";

const root = join(import.meta.dirname, "..");

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
}

function run(name: string, command: string, args: readonly string[]): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const child = spawn(join(root, "node_modules", ".bin", command), args, { cwd: root });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  child.on("error", (error) => resolve({ name, ok: false, output: error.message }));
  child.on("close", (code) => resolve({ name, ok: code === 0, output }));
  return promise;
}

function importGraph(): Outcome {
  const violations = importViolations(root);
  const output = violations.map((v) => `${v.file} imports ${v.imports}: ${v.reason}`).join("\n");
  return { name: "import graph", ok: violations.length === 0, output };
}

const projects = globSync("{crypto,relay,turn,client,scripts,tests}/**/tsconfig.json", { cwd: root }).map(
  dirname,
);
const outcomes = await Promise.all([
  importGraph(),
  run("lint and format", "biome", ["ci", "--error-on-warnings", "."]),
  ...projects
    .filter((project) => existsSync(join(root, project)))
    .map((project) => run(`types of ${project}`, "tsc", ["-p", project, "--pretty", "false"])),
]);

for (const { name, ok, output } of outcomes) {
  console.log(`${ok ? "ok  " : "FAIL"} ${name}`);
  if (!ok) console.log(output.trimEnd());
}
process.exitCode = outcomes.every((outcome) => outcome.ok) ? 0 : 1;
