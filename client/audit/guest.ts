/** The trail of a guest: of one session, and with it, what earlier sessions on this browser have left. */
import type { GuestHappening } from "../../crypto/audit/registry.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import type { Ask } from "../transport/api.ts";
import { guestEvents, logApi } from "../transport/api-audit.ts";
import { systemJitter } from "../transport/backoff.ts";
import { systemClock } from "../transport/clock.ts";
import { systemRandom } from "../transport/sodium.ts";
import { deviceName } from "../ui/account/device-name.ts";
import { openDexieOutbox } from "./dexie-outbox.ts";
import { browserLocks } from "./locks.ts";
import type { Owner } from "./outbox.ts";
import { type OwnTrail, openTrail } from "./trail.ts";
import type { Trail } from "./types.ts";
import type { VouchedKeys } from "./watch.ts";

export interface GuestTrail extends Trail<GuestHappening> {
  /** The therapist's. */
  trust(keys: VouchedKeys): Promise<void>;
  /** The session is over: when all of it is in the log, nothing of it stays here. */
  finish(): void;
}

export interface GuestPlace {
  readonly session: string;
  readonly resume: string;
}

/** A page keeps its own session's events to itself; those of a page that has ended are anybody's to send. */
const holdName = (session: string) => `quietroom-trail-${session}`;

export async function openGuestTrail(ask: Ask, sodium: Sodium, place: GuestPlace): Promise<GuestTrail> {
  const release = await browserLocks.tryHold(holdName(place.session));
  const trail = await guestTrail(ask, sodium, place);
  return {
    ...trail,
    get status() {
      return trail.status;
    },
    close() {
      trail.close();
      release?.();
    },
  };
}

function guestTrail(ask: Ask, sodium: Sodium, place: GuestPlace): Promise<OwnTrail> {
  return openTrail({
    signatory: { kind: "guest", ...place },
    openOutbox: openDexieOutbox,
    api: logApi(ask),
    send: guestEvents(ask, place.session, place.resume),
    sodium,
    random: systemRandom,
    clock: systemClock,
    jitter: systemJitter,
    locks: browserLocks,
    device: deviceName(navigator.userAgent, navigator.maxTouchPoints),
  });
}

const LEFTOVER_MS = 120_000;

/**
 * Sends what earlier visits could not. @returns how many of them still have something to say
 * @param own the session of this page, which sends for itself
 */
export async function sendLeftovers(ask: Ask, sodium: Sodium, own: string | null): Promise<number> {
  const outbox = await openDexieOutbox().catch(() => null);
  if (outbox === null) return 0;
  try {
    const left: boolean[] = [];
    for (const owner of await outbox.owners("guest")) {
      const session = sessionOf(owner);
      if (session === own) continue;
      const actor = await outbox.actor(owner);
      const release = await browserLocks.tryHold(holdName(session));
      if (actor?.resume == null || release === null) continue;
      const trail = await guestTrail(ask, sodium, { session, resume: actor.resume });
      trail.finish();
      left.push(!(await trail.flush(LEFTOVER_MS)));
      trail.close();
      release();
    }
    return left.filter((some) => some).length;
  } catch {
    return 1;
  } finally {
    outbox.close();
  }
}

const sessionOf = (owner: Owner): string => owner.slice("guest:".length);
