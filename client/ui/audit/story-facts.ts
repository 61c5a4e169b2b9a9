/** What one session's events add up to: when, how long, with whom, and what was said of words, consent and identity. */
import type { AuditEvent } from "../../../crypto/audit/event.ts";
import type { EventName, Outcome } from "../../../crypto/audit/registry.ts";
import type { EventRow } from "../../state/audit-model.ts";

export interface Moment {
  readonly row: EventRow;
  readonly event: AuditEvent;
  readonly side: "staff" | "patient" | "server";
  /** Milliseconds since 1970: the signer's clock, or the relay's where the two are too far apart. */
  readonly at: number;
  /** How much later it reached the relay. */
  readonly arrived: number;
  /** Since the moment before. */
  readonly after: number;
}

/** In the order in which it happened: what a page could not send at once stands where it belongs. */
export function momentsOf(rows: readonly EventRow[], relayKey: string | null): readonly Moment[] {
  const moments = rows.flatMap((row): Omit<Moment, "after">[] => {
    const { event } = row;
    if (event === null) return [];
    const at = row.skewed ? row.received : event.time;
    const side = event.actor === relayKey ? "server" : event.account === null ? "patient" : "staff";
    return [{ row, event, side, at, arrived: row.received - at }];
  });
  moments.sort((a, b) => a.at - b.at || a.row.index - b.row.index);
  return moments.map((moment, index) => ({
    ...moment,
    after: index === 0 ? 0 : moment.at - (moments[index - 1]?.at ?? moment.at),
  }));
}

export interface StoryFacts {
  readonly began: number | null;
  /** From the knock to being let in; null where nobody was. */
  readonly waited: number | null;
  /** All calls together; null where there was none. */
  readonly talked: number | null;
  /** From the first to the last moment. */
  readonly lasted: number;
  readonly host: string | null;
  readonly words: "both" | "one" | "differ" | "none";
  readonly consent: Outcome | null;
  readonly identity: Outcome | null;
}

export function factsOf(moments: readonly Moment[]): StoryFacts {
  const first = (action: EventName) => moments.find(({ event }) => event.action === action);
  const lastOutcome = (action: EventName) =>
    moments.findLast(({ event }) => event.action === action)?.event.outcome ?? null;
  const [knock, admit, begun] = [first("knock"), first("admit"), moments[0]];
  const said = moments.filter(({ event }) => event.action === "words.compared");
  const matched = new Set(said.filter(({ event }) => event.outcome === "success").map(({ side }) => side));
  return {
    began: begun?.at ?? null,
    waited: knock && admit ? Math.max(0, admit.at - knock.at) : null,
    talked: talkedFor(moments),
    lasted: (moments.at(-1)?.at ?? 0) - (begun?.at ?? 0),
    host: moments.find(({ event }) => event.account !== null)?.event.account ?? null,
    words: said.some(({ event }) => event.outcome === "failure")
      ? "differ"
      : matched.size > 1
        ? "both"
        : matched.size === 1
          ? "one"
          : "none",
    consent: lastOutcome("consent.given"),
    identity: lastOutcome("identity.checked"),
  };
}

/** Both sides sign when a call begins and ends; the longer account of one side counts. */
function talkedFor(moments: readonly Moment[]): number | null {
  const spans = (["staff", "patient"] as const).map((side) => {
    let sum: number | null = null;
    let since: number | null = null;
    for (const { event, side: whose, at } of moments) {
      if (whose !== side) continue;
      if (event.action === "call.started") since ??= at;
      if (event.action !== "call.ended" || since === null) continue;
      sum = (sum ?? 0) + Math.max(0, at - since);
      since = null;
    }
    return sum;
  });
  const known = spans.filter((span) => span !== null);
  return known.length === 0 ? null : Math.max(...known);
}
