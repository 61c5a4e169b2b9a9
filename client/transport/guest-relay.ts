/**
 * The patient's way to the relay for one session: a place there (join, or rejoin with what an earlier join gave), the
 * socket, and whether the therapist's desk is connected. Knows nothing of what is said.
 */
import { type SessionId, sessionId } from "../../crypto/brands.ts";
import { type Bytes, equal, fromBase64Url } from "../../crypto/bytes.ts";
import type { RelayControl } from "../../relay/wire/control.ts";
import { ApiError, isPassing } from "./api.ts";
import type { GuestApi } from "./api-guest.ts";
import type { Place } from "./guest-record.ts";
import type { Network } from "./network.ts";
import { openSocket, type RelaySocket } from "./socket.ts";
import type { GuestRefusal, RelayState, TransportEnd } from "./types.ts";

export interface GuestRelayOptions {
  readonly api: Pick<GuestApi, "join" | "rejoin">;
  readonly network: Network;
  /** As base64url. */
  readonly room: string;
  readonly token: string;
  /** From before a reload; null to join. */
  readonly place: Place | null;
  /** Joined: to be stored before anything is sent. Its rejection ends the attempt. */
  readonly onPlace: (place: Place) => Promise<void>;
  readonly onState: (state: RelayState) => void;
  /** False also when our own connection is lost. False, then true, when the desk connected anew. */
  readonly onHost: (here: boolean) => void;
  /** A view on the received bytes. */
  readonly onFrame: (payload: Uint8Array) => void;
  /** The relay will not let this guest in. Closed, last call. */
  readonly onRefused: (refusal: GuestRefusal) => void;
  /** `gone`: the relay does not know this session · or it was told to end it. Closed, last call. */
  readonly onLost: (how: "gone" | "ended") => void;
  /** Closed, last call. */
  readonly onStopped: (reason: Exclude<TransportEnd, "ENDED">) => void;
}

export interface GuestRelay {
  /** Lost unless both ends are connected. */
  transmit(frame: Bytes): void;
  close(): void;
}

export function openGuestRelay(options: GuestRelayOptions): GuestRelay {
  const { api, network, room, token } = options;
  let place = options.place;
  let session: SessionId | null = place && idOf(place);
  let hostHere = false;
  let closed = false;

  function close(): void {
    closed = true;
    socket.close();
  }

  function hostIs(here: boolean): void {
    if (hostHere === here || closed) return;
    hostHere = here;
    options.onHost(here);
  }

  async function join(): Promise<string> {
    const joined = await api.join(room, token);
    const taken = { session: joined.session, resume: joined.resume };
    if (!closed) await options.onPlace(taken);
    place = taken;
    session = idOf(taken);
    return joined.ticket;
  }

  async function ticket(): Promise<string | null> {
    try {
      return place === null ? await join() : (await api.rejoin(place.session, place.resume)).ticket;
    } catch (error) {
      if (!(error instanceof ApiError) || isPassing(error.code) || closed) throw error;
      giveUp(error);
      return null;
    }
  }

  function giveUp({ code, opens }: ApiError): void {
    close();
    if (code === "SESSION-UNKNOWN") options.onLost("gone");
    else if (code === "SESSION-ENDED") options.onLost("ended");
    else if (code !== "OFFLINE" && code !== "UNEXPECTED") {
      options.onRefused(opens === null ? { code } : { code, opens });
    }
  }

  function onControl(message: RelayControl): void {
    if (message.t === "host") {
      // Said again while she was here: her desk connected anew, perhaps from a new page.
      if (message.here) hostIs(false);
      hostIs(message.here);
    } else if (message.t === "welcome") {
      hostIs(message.host);
    }
  }

  const socket: RelaySocket = openSocket({
    ...network,
    url: network.socketUrl,
    timings: network.socketTimings,
    greets: (greeting) => greeting.t === "welcome" && greeting.session === place?.session,
    ticket,
    onState(state) {
      if (state !== "online") hostIs(false);
      options.onState(state);
    },
    onControl,
    onFrame(of, payload) {
      if (session !== null && equal(of, session)) options.onFrame(payload);
    },
    onStopped(reason) {
      closed = true;
      if (reason === "ENDED") options.onLost("ended");
      else options.onStopped(reason);
    },
  });

  return {
    transmit(frame) {
      if (session !== null) socket.send(session, frame);
    },
    close,
  };
}

/** @throws CryptoError ARGUMENT-INVALID; never for a place that came through its schema */
export function idOf({ session }: Place): SessionId {
  return sessionId(fromBase64Url(session) ?? new Uint8Array(0));
}
