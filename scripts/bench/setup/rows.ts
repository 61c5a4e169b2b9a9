/** From the rounds of the set-up bench to its tables, with DESIGN's aims. Pure. */
import { type Row, type Section, spreadOf } from "../table.ts";

const PICTURE_MS = 1_000;
const KNOCK_MS = 4_000;

/** Milliseconds. */
export interface Round {
  /** From the opened link until the first screen can be used: all that a knock needs is there. */
  readonly page: number;
  /** From the patient's last click until the card at the desk. */
  readonly knock: number;
  /** From "Admit" until the first picture of the other one is drawn; absent where nobody was admitted. */
  readonly picture?: { readonly therapist: number; readonly patient: number };
}

function row(what: string, values: readonly number[], most?: number): Row {
  const value = spreadOf(values);
  const aim = most && { text: `under ${most / 1_000} s`, met: value.median < most };
  return { what, who: "quietroom", value, unit: "ms", ...(aim ? { aim } : {}) };
}

const pictures = (rounds: readonly Round[], whose: "therapist" | "patient"): number[] =>
  rounds.flatMap(({ picture }) => (picture ? [picture[whose]] : []));

export function meetingSection(direct: readonly Round[], relayed: readonly Round[]): Section {
  const all = [...direct, ...relayed];
  const arrivals = (name: string, rounds: readonly Round[]) =>
    (["therapist", "patient"] as const).map((whose) =>
      row(`Admit to ${whose}'s first picture, ${name}`, pictures(rounds, whose), PICTURE_MS),
    );
  return {
    title: "Call set-up on loopback",
    rows: [
      row(
        "link opened to page usable",
        all.map(({ page }) => page),
      ),
      row(
        "last click to knock at the desk",
        all.map(({ knock }) => knock),
      ),
      ...arrivals("direct", direct),
      ...arrivals("through TURN", relayed),
    ],
    notes: [
      "Two people in one Chromium, real relay and coturn, a new patient with an empty cache each time.",
      "The time that the patient's own clicks take lies between the first two rows, and is left out.",
      "A picture counts when it is drawn, which is after it was decoded.",
    ],
  };
}

export function phoneSection(rounds: readonly Round[]): Section {
  return {
    title: "The patient's page on a slow phone",
    rows: [
      row(
        "link opened to knock possible",
        rounds.map(({ page }) => page),
        KNOCK_MS,
      ),
      row(
        "last click to knock at the desk",
        rounds.map(({ knock }) => knock),
      ),
    ],
    notes: [
      "1.6 Mbit/s down, 750 kbit/s up, 150 ms round trip, TCP and TLS 1.3 shake hands over it; CPU 4 times slower.",
      "The line is a proxy in front of the relay, so the WebSocket is slowed down too. Empty cache, HTTP/1.1.",
    ],
  };
}
