/**
 * Runs the media effects of both pages: one peer connection at a time, begun when the camera question is settled, TURN
 * credentials are there and the two sides share an epoch of this page's life.
 */
import { mediaKey } from "../../crypto/brands.ts";
import { callKey } from "../../crypto/call-key.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import type { CallMedia, CallMediaEvent, CallMediaOptions, EpochKeys, PeerSignal } from "../media/types.ts";
import type { MediaEffect } from "../state/call.ts";
import { ApiError, type ApiErrorCode, isPassing } from "../transport/api.ts";
import type { EpochEvent, SessionKey } from "../transport/types.ts";
import { createKeyRing } from "./key-ring.ts";

/** Signals that came before their peer connection: an offer and its candidates, never more than this. */
const MAX_EARLY_SIGNALS = 64;
/** Ask for new TURN credentials this long before the old ones end, and not more often than this. */
const RENEW_BEFORE_MS = 60_000;
const RENEW_PAUSE_MS = 15_000;
/** Whatever the relay says: a browser's timer that is longer than 24 days fires at once, and then again and again. */
const RENEW_LATEST_MS = 86_400_000;
/** Where a call still has none. */
const FIRST_PAUSE_MS = 1_000;

export interface IceGrant {
  readonly iceServers: readonly RTCIceServer[];
  /** From now on, milliseconds; 0 for none. */
  readonly lifeMs: number;
}

export interface CallRunnerOptions {
  readonly sodium: () => Sodium;
  /** Loads the call's code; it is not part of the first page. */
  readonly createCallMedia: () => Promise<(options: CallMediaOptions) => CallMedia>;
  /** TURN credentials for this session. Rejects while the relay is away. */
  readonly ice: (session: SessionKey) => Promise<IceGrant>;
  /** What is captured, once the person has answered for camera and microphone. */
  readonly localStream: () => Promise<MediaStream | null>;
  readonly emit: (number: number, event: CallMediaEvent) => void;
}

export interface CallRunner {
  run(effect: MediaEffect): void;
  epoch(session: SessionKey, event: EpochEvent): Promise<void>;
  /** A captured track changed. */
  replaceTrack(kind: "audio" | "video", track: MediaStreamTrack | null): void;
  forget(session: SessionKey): void;
}

/** Asking again would bring nothing else. A therapist whose sign-in ran out in the call may sign in again beside it. */
const isFinal = (code: ApiErrorCode) => !isPassing(code) && code !== "SIGN-IN-REQUIRED";

const NO_SERVERS: IceGrant = { iceServers: [], lifeMs: 0 };

interface Slot {
  readonly session: SessionKey;
  readonly number: number;
  readonly early: PeerSignal[];
  media: CallMedia | null;
  closed: boolean;
  /** The relay could not be asked for TURN credentials yet. */
  lacking: boolean;
  renewal: ReturnType<typeof setTimeout> | undefined;
}

export function createCallRunner(options: CallRunnerOptions): CallRunner {
  const ring = createKeyRing();
  let slot: Slot | null = null;

  const keysFor = (keys: EpochKeys, number: number): EpochKeys => ({
    epoch: keys.epoch,
    send: callKey(options.sodium(), mediaKey(keys.send), number),
    receive: callKey(options.sodium(), mediaKey(keys.receive), number),
  });

  function stop(): void {
    if (!slot) return;
    slot.closed = true;
    clearTimeout(slot.renewal);
    slot.media?.close();
    slot = null;
  }

  async function start({
    session,
    number,
    role,
    relayOnly,
  }: MediaEffect & { type: "start-media" }): Promise<void> {
    stop();
    const mine: Slot = {
      session,
      number,
      early: [],
      media: null,
      closed: false,
      lacking: false,
      renewal: undefined,
    };
    slot = mine;
    const [create, grant] = await Promise.all([
      options.createCallMedia(),
      firstGrant(mine, relayOnly),
      options.localStream(),
      ring.ready(session),
    ]);
    // Asked for again, since a device may have changed while the others were awaited.
    const stream = await options.localStream();
    const keys = ring.current(session);
    if (mine.closed || keys === null) return;

    const media = create({
      role,
      stream,
      iceServers: grant.iceServers,
      relayOnly,
      keys: keysFor(keys.sending, number),
      emit: (event) => {
        if (mine.closed) return;
        // A computer that slept, or was cut off, may hold credentials that ended meanwhile.
        if (event.type === "connection" && event.state === "interrupted") void renew(mine);
        options.emit(number, event);
      },
    });
    mine.media = media;
    renewLater(mine, grant);
    for (const newer of keys.newer) void media.installReceive(keysFor(newer, number));
    for (const signal of mine.early.splice(0)) media.signal(signal);
  }

  /**
   * Without the relay there are no TURN credentials, but a direct path may do until it is back. Where there is to be
   * none, the call waits for it. What the relay refuses, it refuses: then there is no path, and words that say so.
   */
  async function firstGrant(mine: Slot, relayOnly: boolean): Promise<IceGrant> {
    for (;;) {
      const grant = await ask(mine);
      if (grant !== null) return grant;
      mine.lacking = true;
      if (!relayOnly || mine.closed) return NO_SERVERS;
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS));
    }
  }

  /** `null` while the relay is away. */
  async function ask(mine: Slot): Promise<IceGrant | null> {
    try {
      const grant = await options.ice(mine.session);
      mine.lacking = false;
      return grant;
    } catch (error) {
      return error instanceof ApiError && isFinal(error.code) ? NO_SERVERS : null;
    }
  }

  /** @param grant null when the relay was away */
  function renewLater(mine: Slot, grant: IceGrant | null): void {
    clearTimeout(mine.renewal);
    const pause = mine.lacking ? FIRST_PAUSE_MS : RENEW_PAUSE_MS;
    if (grant?.lifeMs === 0 && !mine.lacking) return;
    mine.renewal = setTimeout(
      () => void renew(mine),
      Math.min(RENEW_LATEST_MS, Math.max(pause, (grant?.lifeMs ?? 0) - RENEW_BEFORE_MS)),
    );
  }

  /** A connection keeps the path that it has; the next one that it looks for is asked for with the new credentials. */
  async function renew(mine: Slot): Promise<void> {
    clearTimeout(mine.renewal);
    const { lacking } = mine;
    const grant = await ask(mine);
    if (mine.closed) return;
    if (grant !== null && grant.iceServers.length > 0) {
      mine.media?.updateIceServers(grant.iceServers);
      if (lacking) mine.media?.restart();
    }
    renewLater(mine, grant);
  }

  return {
    run(effect) {
      switch (effect.type) {
        case "start-media":
          // What can fail here is loading the call's code.
          start(effect).catch(() => options.emit(effect.number, { type: "failed", failure: "MEDIA-WORKER" }));
          return;
        case "signal-media":
          if (slot?.number !== effect.number) return;
          if (slot.media) slot.media.signal(effect.signal);
          else if (slot.early.length < MAX_EARLY_SIGNALS) slot.early.push(effect.signal);
          return;
        case "stop-media":
          stop();
          return;
      }
    },
    async epoch(session, event) {
      ring.apply(session, event);
      if (slot?.session !== session || !slot.media) return;
      const { media, number } = slot;
      switch (event.type) {
        case "install-receive":
          return media.installReceive(keysFor(event.keys, number));
        case "switch-send":
          return media.switchSend(event.epoch);
        case "forget-before":
          return media.forgetBefore(event.epoch);
      }
    },
    replaceTrack(kind, track) {
      // A track that the browser refuses is not sent; the person's own preview shows the rest.
      slot?.media?.replaceTrack(kind, track).catch(() => undefined);
    },
    forget(session) {
      if (slot?.session === session) stop();
      ring.forget(session);
    },
  };
}
