/** The colours keep their contrast in both schemes, and the pages keep to the strict policy. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { COMMON } from "../../client/ui/words.ts";
import { Accent } from "../../relay/wire/branding.ts";

const root = join(import.meta.dirname, "../../client");
const tokens = readFileSync(join(root, "ui/styles/tokens.css"), "utf8");

const [light = "", dark = ""] = tokens.split("@media (prefers-color-scheme: dark)");
type Palette = Readonly<Record<string, string>>;
const BASE = { light: plain(light), dark: { ...plain(light), ...plain(dark) } };
const MIXES = [
  ...tokens.matchAll(/--([a-z-]+): color-mix\(in srgb, var\(--([a-z-]+)\) (\d+)%, var\(--([a-z-]+)\)\);/g),
];
const SCHEMES = Object.fromEntries(
  Accent.options.flatMap((accent) =>
    (["light", "dark"] as const).map((scheme) => [`${scheme}, ${accent}`, palette(scheme, accent)]),
  ),
);

/** What stands at `:root`, without the accents' own rules. */
function plain(css: string): Palette {
  return values(css.replace(/\[data-accent="[^{]*\{[^}]*\}/g, ""));
}
function values(css: string): Palette {
  return Object.fromEntries(
    [...css.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}
/** Every colour of a page with this accent, the mixed ones worked out. */
function palette(scheme: "light" | "dark", accent: Accent): Palette {
  const own = new RegExp(`\\[data-accent="${accent}"\\] \\{([^}]*)\\}`).exec(
    scheme === "light" ? light : dark,
  );
  const set = { ...BASE[scheme], ...values(own?.[1] ?? "") };
  const mixed = MIXES.map(([, name = "", one = "", share = "", other = ""]) => [
    name,
    mix(set[one] ?? "", set[other] ?? "", Number(share) / 100),
  ]);
  return { ...set, ...Object.fromEntries(mixed) };
}
function mix(one: string, other: string, share: number): string {
  const parts = [1, 3, 5].map((at) => {
    const [a, b] = [one, other].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16));
    return Math.round((a ?? 0) * share + (b ?? 0) * (1 - share));
  });
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const TEXT: Record<string, readonly string[]> = {
  text: ["ground", "surface", "sunken", "wash", "danger-wash", "attention-wash"],
  soft: ["ground", "surface", "sunken", "wash", "danger-wash", "attention-wash"],
  accent: ["ground", "surface", "sunken", "wash"],
  danger: ["ground", "surface", "danger-wash"],
  attention: ["attention-wash"],
  "on-accent": ["accent", "accent-deep"],
  "on-stop": ["stop", "stop-deep"],
  "stage-text": ["stage"],
};
const INTERFACE: Record<string, readonly string[]> = {
  edge: ["ground", "surface", "sunken"],
  focus: ["ground", "surface", "sunken", "wash", "attention-wash", "danger-wash"],
  accent: ["line"],
};

test("each accent has a colour of its own in both schemes, and the page's own is teal", () => {
  for (const scheme of ["light", "dark"]) {
    const accents = Accent.options.map((accent) => SCHEMES[`${scheme}, ${accent}`]?.["accent"]);
    assert.equal(new Set(accents).size, Accent.options.length, accents.join());
    assert.equal(SCHEMES[`${scheme}, teal`]?.["accent"], BASE[scheme as "light" | "dark"]["accent"]);
  }
  assert.deepEqual(
    MIXES.map(([, name]) => name),
    ["accent-deep", "wash"],
  );
});

for (const [scheme, colours] of Object.entries(SCHEMES)) {
  const ratio = (one: string, other: string) => {
    const [a, b] = [colours[one], colours[other]];
    assert.ok(a !== undefined && b !== undefined, `${one} and ${other} are tokens`);
    return contrast(a, b);
  };
  test(`${scheme}: text has a contrast of 7:1 on every ground it stands on`, () => {
    for (const [ink, grounds] of Object.entries(TEXT))
      for (const ground of grounds)
        assert.ok(ratio(ink, ground) >= 7, `${ink} on ${ground}: ${ratio(ink, ground).toFixed(2)}`);
  });
  test(`${scheme}: lines that carry meaning have 4.5:1, the meter's bars 3:1 to what they are lit against`, () => {
    for (const [line, grounds] of Object.entries(INTERFACE))
      for (const ground of grounds) {
        const wanted = ground === "line" ? 3 : 4.5;
        assert.ok(ratio(line, ground) >= wanted, `${line} on ${ground}: ${ratio(line, ground).toFixed(2)}`);
      }
  });
}

test("colours are made in one file", () => {
  for (const file of globSync("ui/styles/*.css", { cwd: root })) {
    if (file.endsWith("tokens.css")) continue;
    // The stage is dark in both schemes, so what lies on it is fixed where it is used.
    const allowed = /(call|self-view)\.css$/.test(file) ? /#(ffffff|1b1916|3d3832|f6f2ea)\b/g : /(?!)/g;
    const rest = readFileSync(join(root, file), "utf8").replace(allowed, "");
    assert.doesNotMatch(rest, /:[^;{}]*#[0-9a-f]{3,8}\b/i, file);
  }
});

for (const page of ["pages/staff.html", "pages/join.html"]) {
  const html = readFileSync(join(root, page), "utf8");
  test(`${page} has no inline script or style and no foreign address`, () => {
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\bstyle=|\son[a-z]+=/i);
    assert.doesNotMatch(html, /\b(src|href)="(https?:)?\/\//);
    assert.deepEqual(html.match(/\{\{\w+\}\}/g)?.sort(), ["{{script}}", "{{style}}"]);
  });
  test(`${page} shows, before its script has come, what the script shows first`, () => {
    assert.match(html, /<html lang="en"/);
    assert.ok(html.includes(COMMON.loading) && html.includes(COMMON.loadingMeans));
    assert.match(html, /<noscript>/);
  });
}

/** The call's sheets are parts of one screen. */
const ONE_SCREEN = new Set(["call.css", "self-view.css"]);

test("a class is laid out in one sheet: two screens that mean different things by it would meet", () => {
  const sheets = new Map<string, Set<string>>();
  for (const sheet of globSync("ui/styles/*.css", { cwd: root })) {
    const css = readFileSync(join(root, sheet), "utf8");
    for (const [, name = ""] of css.matchAll(/^ {2}\.([a-z][\w-]*) \{$/gm))
      sheets.set(name, (sheets.get(name) ?? new Set()).add(sheet.replace(/^.*[\\/]/, "")));
  }
  assert.ok(sheets.size > 100, "the sheets were read");
  const shared = [...sheets].filter(
    ([, files]) => files.size > 1 && ![...files].every((file) => ONE_SCREEN.has(file)),
  );
  assert.deepEqual(shared, []);
});
