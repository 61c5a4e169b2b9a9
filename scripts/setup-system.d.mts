/** Types of setup-system.mjs, which must stay plain JavaScript; see there for what each does. */
export type Tool = "chromium" | "firefox" | "turnserver" | "openssl" | "ip" | "nft" | "tcpdump";
export type Found = Readonly<Record<Tool, string | null>>;

export interface Machine {
  readonly platform: string;
  readonly isRoot: boolean;
  readonly hasApt: boolean;
  readonly distribution: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function findTestTools(env?: Environment, isProgram?: (path: string) => boolean): Found;
export function plan(
  found: Found,
  machine: Machine,
  env?: Environment,
):
  | { readonly action: "nothing" }
  | { readonly action: "install"; readonly packages: readonly string[] }
  | { readonly action: "explain"; readonly message: string };
export function ensureTestTools(options: { readonly log: (line: string) => void }): Found;
