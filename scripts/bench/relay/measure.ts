/** The relay's section of the bench: every server, with and without bufferutil, in several rounds one after another. */
import { type Row, type Section, spreadOf } from "../table.ts";
import { BARE, CONTENDERS, QUIETROOM } from "./contenders.ts";
import { type Figure, type Figures, FULL, IDLE, run, STEADY, type Variant } from "./run.ts";

const ROUNDS = 3;

const VARIANTS: readonly Variant[] = [true, false].flatMap((bufferutil) =>
  CONTENDERS.map((contender) => ({ contender, bufferutil })),
);

const nameOf = ({ contender, bufferutil }: Variant) =>
  bufferutil ? `${contender.name}, bufferutil` : contender.name;

/** How Quietroom, as it is installed, has to compare with a peer of the same run. */
interface Aim {
  readonly with: string;
  readonly atMost: number;
}
interface Measured {
  readonly what: string;
  readonly figure: Figure;
  readonly unit: string;
  readonly aims?: readonly Aim[];
  readonly below?: number;
}

const CPU_AIMS: readonly Aim[] = [
  { with: BARE, atMost: 0.6 },
  { with: "PeerJS", atMost: 0.5 },
  { with: "socket.io", atMost: 0.5 },
];
const P50_AIMS: readonly Aim[] = [{ with: BARE, atMost: 1.2 }];
const MEMORY_AIMS: readonly Aim[] = [{ with: BARE, atMost: 1.15 }];

const MEASURED: readonly Measured[] = [
  { what: "CPU per 4 KB frame, full rate", figure: "fullCpuUs", unit: "us", aims: CPU_AIMS },
  { what: "CPU per 4 KB frame, steady", figure: "steadyCpuUs", unit: "us" },
  { what: "latency p50, steady", figure: "steadyP50Us", unit: "us", aims: P50_AIMS },
  { what: "latency p99, steady", figure: "steadyP99Us", unit: "us" },
  { what: "latency p50, full rate", figure: "fullP50Us", unit: "us", aims: P50_AIMS },
  { what: "latency p99, full rate", figure: "fullP99Us", unit: "us" },
  { what: "frames through", figure: "fullPerSecond", unit: "frames/s" },
  { what: "resident memory per idle connection", figure: "idleRssKb", unit: "KB", aims: MEMORY_AIMS },
  { what: "heap per idle connection", figure: "idleHeapKb", unit: "KB" },
  { what: "connections accepted", figure: "acceptPerSecond", unit: "1/s" },
  { what: "CPU per accepted connection", figure: "acceptCpuUs", unit: "us" },
  { what: "cold start", figure: "startMs", unit: "ms", below: 2_000 },
];

export async function measureRelay(): Promise<readonly Section[]> {
  const figures = new Map<string, Figures[]>(VARIANTS.map((variant) => [nameOf(variant), []]));
  for (let round = 1; round <= ROUNDS; round++)
    for (const variant of VARIANTS) {
      const name = nameOf(variant);
      console.error(`  round ${round} of ${ROUNDS}: ${name}`);
      figures.get(name)?.push(await run(variant));
    }
  const rows = MEASURED.flatMap((measured) => rowsOf(measured, figures));
  return [{ title: "Relay", rows, notes: NOTES }];
}

function rowsOf({ what, figure, unit, aims, below }: Measured, all: ReadonlyMap<string, Figures[]>): Row[] {
  const spread = (name: string) => spreadOf((all.get(name) ?? []).map((figures) => figures[figure]));
  return Array.from(all.keys(), (who): Row => {
    const value = spread(who);
    if (who !== OURS) return { what, who, value, unit };
    if (below !== undefined)
      return { what, who, value, unit, aim: { text: `under ${below} ${unit}`, met: value.median < below } };
    if (aims === undefined) return { what, who, value, unit };
    const compared = aims.map((aim) => {
      // Peers as they are without bufferutil: what most installations of them are.
      const ratio = value.median / spread(aim.with).median;
      return { text: `${ratio.toFixed(2)} of ${aim.with} (${aim.atMost})`, met: ratio <= aim.atMost };
    });
    const text = compared.map((each) => each.text).join(", ");
    return { what, who, value, unit, aim: { text, met: compared.every(({ met }) => met) } };
  });
}

const OURS = `${QUIETROOM}, bufferutil`;

const NOTES = [
  "Each figure is the median of " +
    `${ROUNDS} runs, in which every server was started anew, one after another, beside the same load generator.`,
  "One desk talks with 16 guests, in both directions. A frame carries 4 096 characters that every format passes as " +
    "they are; sealed bytes would cost the JSON formats a third more for base64.",
  `Steady: ${STEADY.perSecond} frames a second. Full rate: ${FULL.underWay} frames under way, sent in bursts; there the ` +
    "generator, not the server, is the bottleneck, so frames/s and latency compare no servers beyond it.",
  "CPU has an aim at full rate only. At a steady rate every frame wakes the process alone, and that costs more (poll, " +
    "read, write, and cold caches) than all that any of these servers does to a frame.",
  `Idle: ${IDLE} connections to one desk, garbage collected, after a first 2 500 that came and went.`,
  "Accepting is TCP, upgrade and the first words. Ours has a signed ticket verified, used up and its session noted in " +
    "the database (what fetched the ticket is not in it); the peers check nothing.",
  "Without bufferutil means WS_NO_BUFFER_UTIL=1. Aims compare our relay as it is installed with peers as they are: " +
    "without bufferutil.",
];
