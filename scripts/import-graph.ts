/**
 * Which folder may import which. The arrows are the architecture: when one is missing for a feature, the feature is in
 * the wrong place.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

/** Folder -> the folders of ours it may import from, besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  crypto: [],
  turn: [],
  "relay/wire": [],
  relay: ["relay/wire", "crypto", "turn"],
  client: ["crypto", "relay/wire"],
  scripts: ["client", "crypto", "relay", "relay/wire", "turn", "tests"],
  tests: ["client", "crypto", "relay", "relay/wire", "turn", "scripts"],
};

/** Inside relay/: capabilities meet in core.ts and door.ts only, and the signalling knows none of them. */
const RELAY_CAPABILITIES = ["signal", "accounts", "invites", "vault", "policy", "audit", "alerts"] as const;

/** Packages that only one place of the product may touch. */
const CONFINED: Readonly<Record<string, RegExp>> = {
  "simple-peer": /^client\/media\/peer\.ts$/,
  dexie: /^client\/(vault|audit)\//,
  ws: /^relay\/signal\//,
  jose: /^relay\//,
  nodemailer: /^relay\/alerts\//,
  "prom-client": /^relay\/metrics\//,
  "@simplewebauthn/browser": /^client\/identity\/passkeys\.ts$/,
};

/** What is measured and tested is also driven from the outside. */
const UNCONFINED = /^(tests|scripts\/bench)\//;

/** Built-in modules have no place where browsers and servers share the code. */
const NO_BUILTINS = /^(crypto|relay\/wire|client)\//;

export interface Violation {
  readonly file: string;
  readonly imports: string;
  readonly reason: string;
}

function area(path: string): string {
  if (path.startsWith("relay/wire/")) return "relay/wire";
  return path.split("/")[0] ?? "";
}

function capability(path: string): string | undefined {
  const [top, folder] = path.split("/");
  return top === "relay" ? RELAY_CAPABILITIES.find((name) => name === folder) : undefined;
}

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/g;

/** Judges one file's import specifiers. `file` is relative to the root, with forward slashes. */
export function violationsIn(file: string, source: string): Violation[] {
  const found: Violation[] = [];
  for (const [, specifier = ""] of source.matchAll(IMPORT)) {
    const reason = specifier.startsWith(".")
      ? judgeOwn(file, join(dirname(file), specifier).split(sep).join("/"))
      : judgePackage(file, specifier);
    if (reason !== null) found.push({ file, imports: specifier, reason });
  }
  return found;
}

function judgeOwn(file: string, target: string): string | null {
  const from = area(file);
  const to = area(target);
  if (from !== to && !(ALLOWED[from] ?? []).includes(to)) return `${from}/ may not import ${to}/`;
  const fromCapability = capability(file);
  const toCapability = capability(target);
  if (fromCapability && toCapability && fromCapability !== toCapability)
    return `relay/${fromCapability} and relay/${toCapability} may meet in relay/core.ts and relay/door.ts only`;
  return null;
}

function judgePackage(file: string, specifier: string): string | null {
  if (specifier.startsWith("node:") && NO_BUILTINS.test(file))
    return "built-in modules do not exist in browsers";
  const name = specifier.startsWith("@")
    ? specifier.split("/").slice(0, 2).join("/")
    : (specifier.split("/")[0] ?? "");
  const place = CONFINED[name];
  return place && !UNCONFINED.test(file) && !place.test(file)
    ? `${name} is confined to ${place.source}`
    : null;
}

/** All violations of the tree below `root`. */
export function importViolations(root: string): Violation[] {
  return Object.keys(ALLOWED)
    .filter((folder) => !folder.includes("/"))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${sep}dist${sep}`))
    .flatMap((path) => violationsIn(relative(root, path).split(sep).join("/"), readFileSync(path, "utf8")));
}
