/** The soak's verdict. Pure. */
import type { Both, Missing } from "./frames.ts";
import { missing } from "./frames.ts";
import { growthPerHour } from "./growth.ts";

/** Once every half minute. Bytes. */
export interface Sample {
  readonly minute: number;
  readonly both: Both;
  readonly therapistHeap: number;
  readonly patientHeap: number;
  readonly workerHeaps: number;
  readonly relayHeap: number;
  readonly relayRss: number;
}

/** One change of keys, seen from the second before it to the moment when the old keys were gone. */
export interface Rekey {
  readonly epoch: number;
  readonly before: Both;
  readonly after: Both;
}

export interface Soak {
  readonly minutes: number;
  readonly samples: readonly Sample[];
  readonly rekeys: readonly Rekey[];
  /** How many the protocol owes for this time. */
  readonly rekeysDue: number;
  /** With nothing on its way, before the first sample and after the last. */
  readonly atRest: { readonly first: Both; readonly last: Both };
  /** After the session was ended. */
  readonly ended: Both;
}

export interface Finding {
  readonly what: string;
  readonly found: string;
  readonly ok: boolean;
}

const KB = 1_024;
/**
 * Growth that is none, in bytes an hour: code is still compiled and samples scatter. A leak of a hundred bytes a second
 * is above it.
 */
const TOLERANCE: readonly (readonly [string, keyof Sample, number])[] = [
  ["therapist's page, heap", "therapistHeap", 320 * KB],
  ["patient's page, heap", "patientHeap", 320 * KB],
  ["frame workers, heap", "workerHeaps", 512 * KB],
  ["relay, heap", "relayHeap", 320 * KB],
  ["relay, resident", "relayRss", 4_096 * KB],
];
/** The first part fills caches and compiles code, in the relay for twenty minutes and longer. */
const WARM_UP_SHARE = 0.4;
/** In less time than this, a slope is warming up and noise: it is told, and not judged. */
const JUDGE_GROWTH_MINUTES = 45;

export function judge(soak: Soak): Finding[] {
  return [...growth(soak), alive(soak), over(soak), rekeyed(soak), refused(soak), lost(soak), froze(soak)];
}

function growth({ samples, minutes }: Soak): Finding[] {
  const warm = samples.filter(({ minute }) => minute >= minutes * WARM_UP_SHARE);
  return TOLERANCE.map(([what, key, most]) => {
    const perHour = growthPerHour(
      warm.map((sample) => ({ minute: sample.minute, value: Number(sample[key]) })),
    );
    const rate = `${Math.round(perHour / KB)} KB an hour, at most ${most / KB}`;
    if (minutes < JUDGE_GROWTH_MINUTES) return { what, found: `${rate} (too short to judge)`, ok: true };
    return { what, found: rate, ok: perHour <= most };
  });
}

function alive({ samples }: Soak): Finding {
  const seen = samples.flatMap(({ both }) => [both.therapist, both.patient]);
  const connections = Math.max(...seen.map((each) => each.connections));
  const workers = Math.max(...seen.map((each) => each.workers));
  const found = `at most ${connections} and ${workers} a page`;
  return { what: "peer connections, workers", found, ok: connections === 1 && workers === 1 };
}

function over({ ended }: Soak): Finding {
  const left = [ended.therapist, ended.patient].map((each) => each.connections + each.workers);
  return { what: "left after the end", found: left.join(" and "), ok: left.every((count) => count === 0) };
}

function rekeyed({ rekeys, rekeysDue }: Soak): Finding {
  const found = `${rekeys.length} of ${rekeysDue}`;
  return { what: "rekeys", found, ok: rekeys.length >= rekeysDue };
}

function refused({ atRest: { last } }: Soak): Finding {
  const count = last.therapist.refused + last.patient.refused;
  return { what: "frames refused", found: String(count), ok: count === 0 };
}

/**
 * Counted exactly, between two moments of rest. Audio is not sent again, so what the network lost of it is nobody's
 * fault here; a lost picture is.
 */
function lost({ atRest: { first, last } }: Soak): Finding {
  const gone = difference(missing(last), missing(first));
  const packets = packetsLost(last) - packetsLost(first);
  const sent = last.therapist.sealed.video + last.patient.sealed.video;
  return {
    what: "frames lost",
    found: `${gone.video} of ${sent} pictures; ${gone.audio} of sound, ${packets} of them by the network`,
    ok: gone.video <= 0 && gone.audio <= packets,
  };
}

function froze({ samples, rekeys }: Soak): Finding {
  const during = rekeys.reduce((sum, { before, after }) => sum + freezes(after) - freezes(before), 0);
  // Coming to rest is a freeze as well: before the first sample, and after the last.
  const [, begin] = samples;
  const end = samples.at(-1);
  const all = begin && end ? freezes(end.both) - freezes(begin.both) : 0;
  const found = `${during} at rekeys, ${all - during} elsewhere`;
  // A machine that is busy with something else freezes pictures at any time; at a rekey no more often than else.
  return { what: "freezes", found, ok: during <= Math.ceil(all * REKEY_SHARE) };
}

/** Of a call's time, what lies in the seconds that count as a rekey's; roomy. */
const REKEY_SHARE = 0.05;

function freezes({ therapist, patient }: Both): number {
  return therapist.freezes + patient.freezes;
}

function packetsLost({ therapist, patient }: Both): number {
  return therapist.packetsLost.audio + patient.packetsLost.audio;
}

function difference(a: Missing, b: Missing): Missing {
  return { audio: a.audio - b.audio, video: a.video - b.video };
}
