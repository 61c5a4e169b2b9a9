/**
 * What may reach simple-peer. It destroys a live connection over a single bad signal, so every signal of the other side
 * is judged here first: is it this side's turn for it, is it new, is it one of ours? Pure: the state goes in and comes
 * out. The other side is authenticated by then, but it may be hostile, or restored from a copy.
 */
import { type CleanCandidate, cleanCandidate } from "./candidate.ts";
import { type CleanSdp, cleanSdp, SdpRefused } from "./sdp.ts";
import type { CallRole, PeerSignal } from "./types.ts";

/**
 * Candidates that one set of ICE credentials may bring; browsers with many interfaces send about 20. Firefox checks at
 * most 100 pairs, so that more would crowd out the good ones.
 */
export const MAX_CANDIDATES = 40;

export interface Gate {
  readonly role: CallRole;
  /** The last description of the other side that the browser took. Its certificate is the only one it may ever show. */
  readonly last: Announced | null;
  /** One that was let through and that the browser is not done with. */
  readonly pending: Announced | null;
  /** Since the last description. */
  readonly candidates: number;
}

type Announced = Pick<CleanSdp, "id" | "version" | "fingerprint">;

/** Counted by name, never logged with content. */
export type DropReason = "turn" | "replay" | "malformed" | "certificate" | "excess";

export type Verdict =
  | { readonly type: "description"; readonly kind: "offer" | "answer"; readonly description: CleanSdp }
  | { readonly type: "candidate"; readonly candidate: CleanCandidate }
  | { readonly type: "restart" }
  | { readonly type: "drop"; readonly reason: DropReason };

export function createGate(role: CallRole): Gate {
  return { role, last: null, pending: null, candidates: 0 };
}

/** The browser took the pending description, or refused it: then it is as if it had never come. */
export function settle(gate: Gate, outcome: "taken" | "refused"): Gate {
  if (gate.pending === null) return gate;
  return { ...gate, last: outcome === "taken" ? gate.pending : gate.last, pending: null };
}

/** @param state of the peer connection, now */
export function judge(
  gate: Gate,
  signal: PeerSignal,
  state: RTCSignalingState,
): { readonly gate: Gate; readonly verdict: Verdict } {
  switch (signal.type) {
    case "offer":
    case "answer":
      return judgeDescription(gate, signal, state);
    case "candidate":
      return judgeCandidate(gate, signal.candidate);
    case "renegotiate":
      // Only the guest asks, and only ever for a restart: nothing else of a call is negotiated twice.
      if (gate.role !== "host" || !signal.restart) return drop(gate, "turn");
      return { gate, verdict: { type: "restart" } };
  }
}

function drop(gate: Gate, reason: DropReason) {
  return { gate, verdict: { type: "drop", reason } } as const;
}

function judgeDescription(
  gate: Gate,
  signal: Extract<PeerSignal, { sdp: string }>,
  state: RTCSignalingState,
): { readonly gate: Gate; readonly verdict: Verdict } {
  const [kind, turn] =
    gate.role === "host" ? (["answer", "have-local-offer"] as const) : (["offer", "stable"] as const);
  if (signal.type !== kind || state !== turn || gate.pending !== null) return drop(gate, "turn");
  const description = tryClean(signal.sdp);
  if (description === null) return drop(gate, "malformed");
  const { last } = gate;
  const { id, version, fingerprint } = description;
  if (last !== null && (id !== last.id || version <= last.version)) return drop(gate, "replay");
  if (last !== null && fingerprint !== last.fingerprint) return drop(gate, "certificate");
  return {
    gate: { ...gate, pending: { id, version, fingerprint }, candidates: 0 },
    verdict: { type: "description", kind, description },
  };
}

function tryClean(sdp: string): CleanSdp | null {
  try {
    return cleanSdp(sdp);
  } catch (error) {
    if (error instanceof SdpRefused) return null;
    throw error;
  }
}

function judgeCandidate(
  gate: Gate,
  candidate: Extract<PeerSignal, { type: "candidate" }>["candidate"],
): { readonly gate: Gate; readonly verdict: Verdict } {
  if (gate.candidates >= MAX_CANDIDATES) return drop(gate, "excess");
  const clean = cleanCandidate(candidate, false);
  if (clean === null) return drop(gate, "malformed");
  return {
    gate: { ...gate, candidates: gate.candidates + 1 },
    verdict: { type: "candidate", candidate: clean },
  };
}
