/** Which module a page's bytes come from. Pure. */
import { type Row, type Section, spreadOf } from "../table.ts";

export interface Sizes {
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
}

export interface File {
  readonly sizes: Sizes;
  readonly parts: ReadonlyMap<string, Sizes>;
}

/** Bytes. */
const KB = 1_024;
export const MOST_FIRST = 150 * KB;
export const MOST_OWN = 40 * KB;
const PACKAGE = " (package)";
const STYLES = "styles";
const MARKUP = "markup";
/** Modules below this are added up. */
const LEAST_SHOWN = 1 * KB;

/** A compressed file has no borders inside: each module is charged its share of the bytes before compression. */
export function shareOut(
  sizes: Sizes,
  inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>,
): Map<string, Sizes> {
  const total = Object.values(inputs).reduce((sum, { bytesInOutput }) => sum + bytesInOutput, 0);
  const parts = new Map<string, Sizes>();
  for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
    const name = partOf(input);
    const share = total === 0 ? 0 : bytesInOutput / total;
    parts.set(name, add(parts.get(name), scale(sizes, share)));
  }
  if (total === 0) parts.set("entries", sizes);
  return parts;
}

/** A package, or a folder of ours, two deep. */
export function partOf(input: string): string {
  const packaged = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
  if (packaged !== undefined) return `${packaged}${PACKAGE}`;
  if (input.startsWith("wasm:")) return `${input.slice("wasm:".length)}${PACKAGE}`;
  if (input.endsWith(".css")) return STYLES;
  if (input.endsWith(".html")) return MARKUP;
  const [top = "", folder = "", ...rest] = input.split("/");
  return rest.length === 0 && folder.includes(".") ? top : `${top}/${folder}`;
}

export interface Weight {
  readonly total: Sizes;
  /** Without packages, styles and the page itself. */
  readonly own: Sizes;
  readonly parts: ReadonlyMap<string, Sizes>;
}

export function weigh(files: readonly File[]): Weight {
  const parts = new Map<string, Sizes>();
  for (const file of files)
    for (const [name, sizes] of file.parts) parts.set(name, add(parts.get(name), sizes));
  const own = [...parts].filter(([name]) => !name.endsWith(PACKAGE) && name !== STYLES && name !== MARKUP);
  return { total: sum([...parts.values()]), own: sum(own.map(([, sizes]) => sizes)), parts };
}

export function pageSection(page: string, first: readonly File[], all: readonly File[]): Section {
  const until = page === "join.html" ? "until the knock" : "until the desk";
  const { total, own, parts } = weigh(first);
  const aimed = page === "join.html";
  const shown = [...parts].sort(([, a], [, b]) => b.brotli - a.brotli);
  const small = shown.filter(([, { brotli }]) => brotli < LEAST_SHOWN);
  return {
    title: `Weight of ${page}`,
    rows: [
      ...sizeRows(until, total, aimed ? MOST_FIRST : undefined),
      ...sizeRows("of that, own code", own, aimed ? MOST_OWN : undefined),
      ...sizeRows("in all, with a call", weigh(all).total, undefined),
      ...shown
        .filter(([, { brotli }]) => brotli >= LEAST_SHOWN)
        .map(([name, { brotli }]) => row(`${until}: ${name}`, brotli, "KB brotli")),
      row(`${until}: ${small.length} smaller ones`, sum(small.map(([, sizes]) => sizes)).brotli, "KB brotli"),
    ],
    notes: [
      "1 KB = 1,024 bytes, each file compressed as the relay sends it. Headers and the icon are not counted.",
      ...(aimed
        ? [
            "The first load is that of an invite without a passcode; libsodium's larger build is only in the sum of all.",
          ]
        : []),
    ],
  };
}

const ZERO: Sizes = { raw: 0, gzip: 0, brotli: 0 };

const sum = (all: readonly Sizes[]): Sizes => all.reduce((so, each) => add(so, each), ZERO);

function add(a: Sizes = ZERO, b: Sizes): Sizes {
  return { raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli };
}

function scale({ raw, gzip, brotli }: Sizes, share: number): Sizes {
  return { raw: raw * share, gzip: gzip * share, brotli: brotli * share };
}

function row(what: string, bytes: number, unit: string): Row {
  return { what, who: "quietroom", value: spreadOf([bytes / KB]), unit };
}

function sizeRows(what: string, sizes: Sizes, most: number | undefined): Row[] {
  const brotli = row(what, sizes.brotli, "KB brotli");
  const aim = most && { text: `at most ${most / KB} KB`, met: sizes.brotli <= most };
  return [
    aim ? { ...brotli, aim } : brotli,
    row(what, sizes.gzip, "KB gzip"),
    row(what, sizes.raw, "KB raw"),
  ];
}
