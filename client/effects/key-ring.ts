/**
 * The media keys of the sessions on this page, from the moment the transport agreed on them until they are forgotten.
 * Kept out of the state: no view and no reducer ever holds a key.
 */
import type { EpochKeys } from "../media/types.ts";
import type { EpochEvent, SessionKey } from "../transport/types.ts";

interface Ring {
  readonly epochs: Map<number, EpochKeys>;
  /** The newest epoch that the other side is known to have. */
  sending: number | null;
  readonly waiting: (() => void)[];
}

export interface KeyRing {
  apply(session: SessionKey, event: EpochEvent): void;
  /** Resolves when an epoch of this page's life may be sent with; never, if the session is forgotten before. */
  ready(session: SessionKey): Promise<void>;
  /** The epoch to send with, and every newer one that may already be received. Empty before `ready`. */
  current(session: SessionKey): { readonly sending: EpochKeys; readonly newer: readonly EpochKeys[] } | null;
  forget(session: SessionKey): void;
}

export function createKeyRing(): KeyRing {
  const rings = new Map<SessionKey, Ring>();

  const ringOf = (session: SessionKey): Ring => {
    const ring = rings.get(session) ?? { epochs: new Map(), sending: null, waiting: [] };
    rings.set(session, ring);
    return ring;
  };

  return {
    apply(session, event) {
      const ring = ringOf(session);
      switch (event.type) {
        case "install-receive":
          ring.epochs.set(event.keys.epoch, event.keys);
          return;
        case "switch-send":
          ring.sending = event.epoch;
          for (const resolve of ring.waiting.splice(0)) resolve();
          return;
        case "forget-before":
          for (const [epoch, keys] of ring.epochs) if (epoch < event.epoch) forgetKeys(ring, epoch, keys);
          return;
      }
    },
    ready(session) {
      const ring = ringOf(session);
      if (ring.sending !== null) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      ring.waiting.push(resolve);
      return promise;
    },
    current(session) {
      const ring = rings.get(session);
      const sending = ring?.sending == null ? undefined : ring.epochs.get(ring.sending);
      if (!ring || !sending) return null;
      return { sending, newer: [...ring.epochs.values()].filter((keys) => keys.epoch > sending.epoch) };
    },
    forget(session) {
      const ring = rings.get(session);
      if (!ring) return;
      for (const [epoch, keys] of ring.epochs) forgetKeys(ring, epoch, keys);
      rings.delete(session);
    },
  };
}

function forgetKeys(ring: Ring, epoch: number, keys: EpochKeys): void {
  keys.send.fill(0);
  keys.receive.fill(0);
  ring.epochs.delete(epoch);
}
