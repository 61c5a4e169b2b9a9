/**
 * What may reach simple-peer. It destroys a live connection over a single bad signal, so every signal of the other side
 * is judged here first: is it this side's turn for it, is it new, is it one of ours? Pure: the state goes in and comes
 * out. The other side is authenticated by then, but it may be hostile, or restored from a copy.
 */
import { type CleanCandidate, cleanCandidate } from "./candidate.ts";
import { type CleanSdp, cleanSdp, SdpRefused } from "./sdp.ts";
import type { CallRole, PeerSignal } from "./types.ts";

/** Candidates that one set of ICE credentials may bring; browsers with many interfaces send about 20. */
export const MAX_CANDIDATES = 100;

export interface Gate {
  readonly role: CallRole;
  /** The last description of the other side that was let through. */
  readonly last: { readonly id: string; readonly version: bigint } | null;
  /** Of the one certificate that this connection may ever see. */
  readonly fingerprint: string | null;
  /** A description was let through and the browser is not done with it. */
  readonly busy: boolean;
  /** Since the last description. */
  readonly candidates: number;
}

/** Counted by name, never logged with content. */
export type DropReason = "turn" | "replay" | "malformed" | "certificate" | "excess";

export type Verdict =
  | { readonly type: "description"; readonly kind: "offer" | "answer"; readonly description: CleanSdp }
  | { readonly type: "candidate"; readonly candidate: CleanCandidate }
  | { readonly type: "renegotiate"; readonly restart: boolean }
  | { readonly type: "drop"; readonly reason: DropReason };

export function createGate(role: CallRole): Gate {
  return { role, last: null, fingerprint: null, busy: false, candidates: 0 };
}

/** The browser took the last description, or refused it. */
export const settled = (gate: Gate): Gate => ({ ...gate, busy: false });

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
      // Only the guest asks; only the host can do anything about it.
      if (gate.role !== "host") return drop(gate, "turn");
      return { gate, verdict: { type: "renegotiate", restart: signal.restart } };
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
  if (signal.type !== kind || state !== turn || gate.busy) return drop(gate, "turn");
  const description = tryClean(signal.sdp);
  if (description === null) return drop(gate, "malformed");
  const { id, version, fingerprint } = description;
  if (gate.last !== null && (id !== gate.last.id || version <= gate.last.version))
    return drop(gate, "replay");
  if (gate.fingerprint !== null && fingerprint !== gate.fingerprint) return drop(gate, "certificate");
  return {
    gate: { ...gate, last: { id, version }, fingerprint, busy: true, candidates: 0 },
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
