/** Whether a call lost anything: what the browsers' own counters say, and what was shown meanwhile. */
import type { Person } from "./browsers.ts";

declare global {
  var quietroomSignals: { readonly found: string[]; readonly added: string[]; readonly notices: string[] };
}

/**
 * Runs in the page before its own scripts (`PersonOptions.before`): keeps, in their order, the candidates that its peer
 * connections found and the ones that they were given, and every text that was ever shown as a notice.
 */
export function keepSignals(): void {
  globalThis.quietroomSignals = { found: [], added: [], notices: [] };
  const { found, added, notices } = globalThis.quietroomSignals;
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener("icecandidate", ({ candidate }) => {
        if (candidate) found.push(candidate.candidate);
      });
    }
    override async addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
      added.push(candidate.candidate ?? "");
      await super.addIceCandidate(candidate);
    }
  };
  new MutationObserver(() => {
    for (const notice of document.querySelectorAll<HTMLElement>("[role=status]"))
      if (notice.innerText !== "" && notices.at(-1) !== notice.innerText) notices.push(notice.innerText);
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

export function signalsOf(person: Person) {
  return person.page.evaluate(() => globalThis.quietroomSignals);
}

/** Totals of what one page received, over its open connection. */
export interface Flow {
  readonly connections: number;
  readonly framesReceived: number;
  readonly framesDecoded: number;
  readonly keyFramesDecoded: number;
  readonly framesDropped: number;
  /** Requests for a key frame: what follows a frame that is missing, or was refused. */
  readonly keyFrameRequests: number;
  readonly packetsLost: number;
  readonly freezes: number;
  /** Samples of sound that were made up. */
  readonly concealed: number;
  readonly samples: number;
}

export function flowOf(person: Person): Promise<Flow> {
  return person.page.evaluate(async () => {
    const sum: Record<string, number> = {};
    const add = (name: string, value: unknown) => {
      sum[name] = (sum[name] ?? 0) + (typeof value === "number" ? value : 0);
    };
    for (const connection of globalThis.quietroomConnections) {
      if (connection.signalingState === "closed") continue;
      for (const report of (await connection.getStats()).values()) {
        if (report.type !== "inbound-rtp") continue;
        for (const name of [
          "framesReceived",
          "framesDecoded",
          "keyFramesDecoded",
          "framesDropped",
          "packetsLost",
        ])
          add(name, report[name]);
        add("keyFrameRequests", report.pliCount);
        add("keyFrameRequests", report.firCount);
        add("freezes", report.freezeCount);
        add("concealed", report.concealedSamples);
        add("samples", report.totalSamplesReceived);
      }
    }
    return { connections: globalThis.quietroomConnections.length, ...sum };
  }) as unknown as Promise<Flow>;
}

export function lostBetween(before: Flow | undefined, after: Flow | undefined): Flow {
  if (!before || !after) throw new Error("nothing to compare");
  const names = Object.keys(before) as (keyof Flow)[];
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as unknown as Flow;
}
