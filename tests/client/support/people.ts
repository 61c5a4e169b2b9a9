/**
 * A therapist and a patient without browsers: the real transports, vault records, keys and invites, over a real relay,
 * with the little of the app that a session needs (a profile after every beginning, an answer to it).
 */
import sodium from "libsodium-wrappers-sumo";
import { createInviteBook, type InviteBook, type InviteForm } from "../../../client/identity/invites.ts";
import { loadIdentity } from "../../../client/identity/keys.ts";
import type { ApiOptions } from "../../../client/transport/api.ts";
import { systemClock } from "../../../client/transport/clock.ts";
import { openGuest } from "../../../client/transport/guest.ts";
import { openHost } from "../../../client/transport/host.ts";
import type { Network } from "../../../client/transport/network.ts";
import { systemRandom } from "../../../client/transport/sodium.ts";
import { TIMINGS, type Timings } from "../../../client/transport/timings.ts";
import type {
  GuestEvent,
  GuestTransport,
  HostEvent,
  HostTransport,
} from "../../../client/transport/types.ts";
import type { Connect } from "../../../client/transport/wire.ts";
import { openMemoryStore } from "../../../client/vault/memory-store.ts";
import type { SealedStore } from "../../../client/vault/store.ts";
import { type Invite, parseInvite } from "../../../crypto/invite.ts";
import { SOCKET_PATH } from "../../../relay/wire/frames.ts";
import type { Scope } from "../../support/relay.ts";
import { signIn } from "../../support/relay-client.ts";
import type { SetupPlace } from "../../support/staff.ts";
import { connectFrom } from "./hop.ts";
import { createLog, type EventLog } from "./log.ts";
import { createApi, type RelayApi, signedInFetch } from "./relay-api.ts";

await sodium.ready;

export { sodium };

/** Short waits, so that no test has to wait for long ones. */
export const FAST: Timings = {
  ...TIMINGS,
  resendMs: 100,
  resendCapMs: 400,
  handshakeMs: 150,
  restartMs: 20,
  forgetMs: 20,
  goodbyeMs: 1_000,
  sweepMs: 200,
  admitRetryMs: 20,
  admitMs: 200,
  storeRetryMs: 5,
};

export interface Place {
  readonly url: string;
  readonly port: number;
}

export function networkTo({ url, port }: Place, timings: Timings = FAST, connect?: Connect): Network {
  return {
    socketUrl: `ws://127.0.0.1:${port}${SOCKET_PATH}`,
    connect: connect ?? connectFrom(url),
    clock: systemClock,
    jitter: Math.random,
    wake: () => () => {},
    claimDesk: async () => () => {},
    timings,
    socketTimings: { baseMs: 20, capMs: 150, stableMs: 100 },
  };
}

/** `fetch` as a browser on the relay's own page has it: with an Origin. */
export function browserFetch({ url, port }: Place): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("origin", url);
    return fetch(`http://127.0.0.1:${port}${String(input)}`, { ...init, headers });
  };
}

export const API_TIMEOUT_MS = 3_000;

export function apiTo(place: Place, options: Partial<ApiOptions> = {}): RelayApi {
  return createApi({
    base: "",
    fetch: browserFetch(place),
    clock: systemClock,
    timeoutMs: API_TIMEOUT_MS,
    ...options,
  });
}

/** As the first admin, who has a desk. */
export async function signedInApi(place: SetupPlace): Promise<RelayApi> {
  return apiTo(place, { fetch: signedInFetch(await signIn(place), browserFetch(place)) });
}

const HOUR = 3_600_000;

export function inviteForm(changes: Partial<InviteForm> = {}): InviteForm {
  const now = Date.now();
  return {
    label: "Tuesdays",
    passcode: null,
    relayOnly: false,
    use: "single",
    notBefore: now - HOUR,
    expires: now + HOUR,
    ...changes,
  };
}

// ---- the therapist ---------------------------------------------------------------------------------------------

export interface Desk {
  readonly transport: HostTransport;
  readonly log: EventLog<HostEvent>;
}

export interface Therapist {
  readonly api: RelayApi;
  readonly store: SealedStore;
  readonly invites: InviteBook;
  /** Makes an invite and returns its link's fragment. */
  invite(changes?: Partial<InviteForm>): Promise<string>;
  /** A page with her desk. The one before is not closed by this. */
  open(network: Network, emit: (event: HostEvent) => void): Promise<HostTransport>;
}

export async function signInTherapist(place: SetupPlace): Promise<Therapist> {
  return therapistWith(place, await signedInApi(place), openMemoryStore());
}

export async function therapistWith(place: Place, api: RelayApi, store: SealedStore): Promise<Therapist> {
  const { publicKey } = await loadIdentity(sodium, systemRandom, store);
  const invites = createInviteBook({
    sodium,
    random: systemRandom,
    api,
    store,
    publicKey,
    origin: place.url,
    now: Date.now,
    record: async () => {},
  });
  return {
    api,
    store,
    invites,
    async invite(changes) {
      const room = await invites.create(inviteForm(changes), "Dr. Okafor");
      const entry = (await invites.list()).find((candidate) => candidate.room === room);
      return entry?.link.split("#")[1] ?? "";
    },
    async open(network, emit) {
      const { privateKey } = await loadIdentity(sodium, systemRandom, store);
      const random = systemRandom;
      return openHost({
        sodium,
        random,
        api,
        store,
        privateKey,
        invites: () => invites.forHost(),
        spend: (room) => invites.spend(room),
        network,
        emit,
      });
    },
  };
}

/** Her desk, with a log; closed when the test is over. */
export async function openDesk(scope: Scope, therapist: Therapist, network: Network): Promise<Desk> {
  const log = createLog<HostEvent>("the desk", describeHost);
  const transport = await therapist.open(network, (event) => log.add(event));
  scope.after(() => transport.close());
  return { transport, log };
}

// ---- the patient -----------------------------------------------------------------------------------------------

export interface Visit {
  readonly transport: GuestTransport;
  readonly log: EventLog<GuestEvent>;
}

export interface Patient {
  readonly store: SealedStore;
  readonly invite: Invite;
  /** A page with the link open. The one before is not closed by this. */
  open(network: Network, passcode: string | null, emit: (event: GuestEvent) => void): GuestTransport;
}

export function patientWith(place: Place, fragment: string, store: SealedStore = openMemoryStore()): Patient {
  const api = apiTo(place);
  const invite = parseInvite(sodium, fragment);
  return {
    store,
    invite,
    open: (network, passcode, emit) =>
      openGuest({ sodium, random: systemRandom, api, store, invite, passcode, network, emit }),
  };
}

/** The opened link, with a log; closed when the test is over. */
export function openVisit(
  scope: Scope,
  patient: Patient,
  network: Network,
  passcode: string | null = null,
): Visit {
  const log = createLog<GuestEvent>("the patient", describeGuest);
  const transport = patient.open(network, passcode, (event) => log.add(event));
  scope.after(() => transport.close());
  return { transport, log };
}

const describeHost = (event: HostEvent): string => {
  switch (event.type) {
    case "message":
      return `message ${event.message.t}`;
    case "relay":
      return event.state;
    case "presence":
      return event.here ? "here" : "away";
    case "gone":
      return `gone ${event.reason}`;
    case "ended":
      return `ended ${event.reason}`;
    case "epoch":
      return event.epoch.type;
    default:
      return event.type;
  }
};

const describeGuest = (event: GuestEvent): string => {
  switch (event.type) {
    case "message":
      return `message ${event.message.t}`;
    case "relay":
      return event.state;
    case "host":
      return event.here ? "host here" : "host away";
    case "refused":
      return `refused ${event.refusal.code}`;
    case "ended":
      return `ended ${event.reason}`;
    case "epoch":
      return event.epoch.type;
    default:
      return event.type;
  }
};
