/** Two people in a call without a relay: the test carries the signals. */
import type { MediaFailure, PeerSignal } from "../../client/media/types.ts";
import { decodedFrames, eventually, type Person, received } from "./browsers.ts";
import type { CallPage, StartOptions } from "./pages/call-page.ts";

export const CALL_PAGE = "tests/support/pages/call-page.ts";

/** What the network does to a signal; null: it never arrives. */
export type Tamper = (signal: PeerSignal) => PeerSignal | null;

export interface CallOptions {
  /** Where the call page is served; the guest may have another one. */
  readonly url: string;
  readonly guestUrl?: string;
  readonly capture?: StartOptions["capture"];
  readonly guestCapture?: StartOptions["capture"];
  readonly relayOnly?: boolean;
  /** The key that the guest opens frames with; the host seals with 2. */
  readonly guestReceives?: number;
  /** Of signals from host to guest. */
  readonly tamper?: Tamper;
}

/** Opens both pages, joins them, starts guest and host. Does not wait for anything to flow. */
export async function startCall(host: Person, guest: Person, options: CallOptions): Promise<void> {
  await Promise.all([
    carry(host, guest, options.tamper ?? ((signal) => signal)),
    carry(guest, host, (signal) => signal),
  ]);
  await Promise.all([host.page.goto(options.url), guest.page.goto(options.guestUrl ?? options.url)]);
  const { capture = "both", guestCapture = capture, relayOnly = false, guestReceives = 2 } = options;
  await start(guest, {
    role: "guest",
    keys: { epoch: 0, send: 1, receive: guestReceives },
    capture: guestCapture,
    relayOnly,
  });
  await start(host, { role: "host", keys: { epoch: 0, send: 2, receive: 1 }, capture, relayOnly });
}

export function start(person: Person, options: StartOptions): Promise<void> {
  return person.page.evaluate((given) => globalThis.callPage.start(given), options);
}

/** Signals in their order, as sealed envelopes would bring them. */
async function carry(from: Person, to: Person, tamper: Tamper): Promise<void> {
  let order = Promise.resolve();
  await from.page.exposeFunction("carrySignal", (signal: PeerSignal) => {
    const arriving = tamper(signal);
    // A page that is closed meanwhile misses nothing.
    if (arriving !== null) order = order.then(() => deliver(to, arriving)).catch(() => undefined);
  });
}

export function deliver(to: Person, signal: PeerSignal): Promise<void> {
  return to.page.evaluate((given) => globalThis.callPage.signal(given), signal);
}

/** Of a certificate that nobody has: what somebody in the middle would have to announce. */
export function withOtherFingerprint(sdp: string): string {
  return sdp.replace(
    /(a=fingerprint:sha-256 )(..)/g,
    (_, name, byte) => name + (byte === "00" ? "01" : "00"),
  );
}

export function seen(person: Person): Promise<CallPage["seen"]> {
  return person.page.evaluate(() => globalThis.callPage.seen);
}

/** Picture and sound arrive at this person: `frames` decoded, and something audible. */
export async function flowsTo(person: Person, frames = 10): Promise<void> {
  try {
    await eventually("picture and sound", async () => {
      const { framesDecoded, audioEnergy } = await received(person.page);
      return framesDecoded >= frames && audioEnergy > 1e-6;
    });
  } catch (cause) {
    const { states, failures, refused, signals } = await seen(person);
    const facts = { ...(await received(person.page)), states, failures, refused, signals: signals.length };
    throw new Error(`nothing flows to ${person.name}: ${JSON.stringify(facts)}`, { cause });
  }
}

export async function flows(host: Person, guest: Person): Promise<void> {
  await Promise.all([flowsTo(host), flowsTo(guest)]);
}

export async function failsWith(person: Person, failure: MediaFailure): Promise<void> {
  await eventually(`${failure} at ${person.name}`, async () =>
    (await seen(person)).failures.includes(failure),
  );
}

/** The longest time in which this person's page decoded no new frame, looking for `during` milliseconds. */
export async function longestFreeze(person: Person, during: number): Promise<number> {
  const end = performance.now() + during;
  let frames = await decodedFrames(person.page);
  let moved = performance.now();
  let longest = 0;
  while (performance.now() < end) {
    const now = await decodedFrames(person.page);
    const time = performance.now();
    longest = Math.max(longest, time - moved);
    if (now === frames) await new Promise((resolve) => setTimeout(resolve, 30));
    else moved = time;
    frames = now;
  }
  return longest;
}
