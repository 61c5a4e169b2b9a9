/** What a benchmark prints: medians with their spread, beside the aim and the peers of the same run. Pure. */

/** One measured figure over several runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export interface Row {
  /** What was measured, e.g. `CPU per forwarded 4 KB frame`. */
  readonly what: string;
  /** Who did it: `quietroom` or the name of a peer. */
  readonly who: string;
  readonly value: Spread;
  /** SI unit or a count, e.g. `us`, `frames/s`, `KB`. */
  readonly unit: string;
  /** What DESIGN asks for, in words, with the verdict; only on Quietroom's own rows. */
  readonly aim?: { readonly text: string; readonly met: boolean };
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  /** How it was measured, and what the figures do not say. */
  readonly notes: readonly string[];
}

/** @throws RangeError without a value */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new RangeError("no values");
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? min) + (sorted[Math.ceil(middle)] ?? max)) / 2;
  return { median, min, max, runs: sorted.length };
}

/** Three significant digits, without an exponent. */
export function figure(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

const HEAD = ["what", "who", "median", "min - max", "unit", "aim"] as const;

/** A Markdown table, and the notes below it. */
export function render({ title, rows, notes }: Section): string {
  const cells = rows.map(({ what, who, value, unit, aim }) => [
    what,
    who,
    figure(value.median),
    `${figure(value.min)} - ${figure(value.max)}`,
    unit,
    aim === undefined ? "" : `${aim.text}: ${aim.met ? "met" : "NOT MET"}`,
  ]);
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [
    `## ${title}`,
    "",
    line(HEAD),
    rule,
    ...cells.map(line),
    "",
    ...notes.map((note) => `- ${note}`),
    "",
  ].join("\n");
}
