/** The two parties, and the two directions between them. Each direction of each epoch has keys of its own. */
import { type Bytes, utf8 } from "./bytes.ts";

/** The patient opened the link and began the handshake; the therapist made the link and starts every new epoch. */
export type Role = "patient" | "therapist";

export type Direction = "patient->therapist" | "therapist->patient";

export function sendDirection(role: Role): Direction {
  return role === "patient" ? "patient->therapist" : "therapist->patient";
}

export function receiveDirection(role: Role): Direction {
  return role === "patient" ? "therapist->patient" : "patient->therapist";
}

/** A direction as it enters a derivation or additional data. */
export function directionBytes(direction: Direction): Bytes {
  return utf8(direction);
}
