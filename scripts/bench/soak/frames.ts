/** Frames of a call, counted at both ends: what was sealed here and was not opened there. */
import { setTimeout as wait } from "node:timers/promises";
import type { Person } from "../../../tests/support/browsers.ts";
import { type Seen, see, send } from "./probe.ts";

/** Both pages, at nearly the same moment. */
export interface Both {
  readonly therapist: Seen;
  readonly patient: Seen;
}

export interface Pair {
  readonly therapist: Person;
  readonly patient: Person;
}

export async function seeBoth({ therapist, patient }: Pair): Promise<Both> {
  const [one, other] = await Promise.all([see(therapist.page), see(patient.page)]);
  return { therapist: one, patient: other };
}

/** Frames that did not arrive, over both directions. */
export interface Missing {
  readonly audio: number;
  readonly video: number;
}

export function missing({ therapist, patient }: Both): Missing {
  const of = (track: "audio" | "video") =>
    therapist.sealed[track] - patient.opened[track] + (patient.sealed[track] - therapist.opened[track]);
  return { audio: of("audio"), video: of("video") };
}

/** Nothing is sent for a moment, so that nothing is on its way: only then are both ends' counts comparable. */
export async function seeAtRest(pair: Pair): Promise<Both> {
  const pages = [pair.therapist.page, pair.patient.page];
  await Promise.all(pages.map((page) => send(page, false)));
  try {
    return await settled(pair);
  } finally {
    await Promise.all(pages.map((page) => send(page, true)));
  }
}

async function settled(pair: Pair): Promise<Both> {
  let before = await seeBoth(pair);
  for (let round = 0; round < 60; round++) {
    await wait(1_000);
    const now = await seeBoth(pair);
    if (JSON.stringify(counted(now)) === JSON.stringify(counted(before))) return now;
    before = now;
  }
  throw new Error("frames are still sent though nothing is captured");
}

function counted({ therapist, patient }: Both): unknown {
  return [therapist.sealed, therapist.opened, patient.sealed, patient.opened];
}
