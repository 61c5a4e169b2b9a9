/** How the load generator talks to each server: the same frames and the same sockets, in each one's own words. */

/** 4 KB, the size of a sealed session description, of characters that every format carries as they are. */
export const PAYLOAD_BYTES = 4_096;

export interface Place {
  /** Of a guest, counted from 0; the desk has none. */
  readonly number: number;
  /** Of the WebSocket, with its query. */
  readonly path: string;
  readonly origin?: string;
  /** What is sent when the socket is open, after the first greeting, after the second, … */
  readonly hello: readonly (readonly string[])[];
  /** How many messages have to come before this place is taken. */
  readonly greetings: number;
}

/** A frame for one receiver: the bytes of a message that ends in a payload of PAYLOAD_BYTES, a little after it. */
export interface Message {
  readonly bytes: Buffer;
  readonly binary: boolean;
}

export interface Speech {
  /** The place that everybody talks to: the therapist's desk. */
  desk(): Promise<Place>;
  /** So many others, to be taken within seconds. */
  guests(count: number): Promise<readonly Place[]>;
  /** From the desk to the guest of this number, or from it to the desk. */
  message(guest: number, to: "guest" | "desk", payload: string): Message;
  /** What keeps a connection alive, when this has come. */
  answer?(message: Buffer): string | null;
}
