import type { TrailStatus } from "../../audit/types.ts";
import type { CallIntent, CallState, DeviceIntent, DevicesState, WaitingGuest } from "../../state/model.ts";
import type { RelayState } from "../../transport/types.ts";

export interface CallProps {
  readonly side: "staff" | "patient";
  readonly call: CallState;
  readonly devices: DevicesState;
  readonly relay: RelayState;
  /** Of what goes on record; null before there is anything. */
  readonly trail: TrailStatus | null;
  /** Takes the therapist's desk back from her other device; null where it is here. */
  readonly takeOver: (() => void) | null;
  /** Others in the therapist's waiting room; empty on the patient's page. */
  readonly guests: readonly WaitingGuest[];
  readonly send: (intent: CallIntent | DeviceIntent) => void;
}

export type Sheet = "words" | "security" | "more";
