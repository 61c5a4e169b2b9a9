/** Every bound of the relay in one place. Tests shorten some of them; an operator has no need to. */
import { HEARTBEAT_MS, HEARTBEAT_TIMEOUT_MS, HELLO_TIMEOUT_MS, MAX_DESK_GUESTS } from "./wire/frames.ts";
import { MAX_ROWS, MAX_VAULT_BYTES } from "./wire/vault.ts";

/** So many within so many seconds. */
export interface Quota {
  readonly points: number;
  readonly seconds: number;
}

/** A token bucket per connection: `burst` at once, refilled by `perSecond`. */
export interface Flow {
  readonly frames: { readonly burst: number; readonly perSecond: number };
  readonly bytes: { readonly burst: number; readonly perSecond: number };
}

export interface Limits {
  /** How long the head of a request may take, and all of it. */
  readonly requestHeadMs: number;
  readonly requestMs: number;
  /** How long a connection may stay open between two requests. */
  readonly keepAliveMs: number;
  /** How long the reader of an answer may take none of it. */
  readonly stalledMs: number;
  /** Bytes of a request's line and headers together, and the number of its headers. */
  readonly headBytes: number;
  readonly headers: number;
  /** Connections that the kernel holds until the relay takes them; it may have a lower limit of its own. */
  readonly acceptQueue: number;
  /** Connections without a WebSocket. Beyond that the one that has asked for nothing the longest gives way. */
  readonly httpConnections: number;
  /** The same from one address, where no proxy stands in front: beyond that a new one is cut. */
  readonly httpPerAddress: number;
  /** Connections from one address that may be cut for what they did, before new ones are cut as they come. */
  readonly faultsPerAddress: Quota;
  readonly requestsPerConnection: number;
  /** Connections beyond those and the sockets: upgrades that are being refused. */
  readonly spareConnections: number;
  readonly helloTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly heartbeatTimeoutMs: number;
  /** How long a closed socket may take to answer before it is cut. */
  readonly closeTimeoutMs: number;
  /** Bytes that may wait for one receiver before it counts as a slow reader. */
  readonly queueBytes: number;
  /** Frames that one message may come in, and pieces of the network's that may wait for the rest of a frame. */
  readonly messageFrames: number;
  readonly messagePieces: number;
  /** WebSockets. Beyond that the one that has waited the longest without a ticket gives way. */
  readonly sockets: number;
  /** Sockets at the same time from one address. A clinic may sit behind a single one. */
  readonly socketsPerAddress: number;
  readonly upgradesPerAddress: Quota;
  readonly hostFlow: Flow;
  readonly guestFlow: Flow;
  /** Guests connected to one desk that were not admitted yet. */
  readonly waitingPerDesk: number;
  /** Guests connected from one address that were not admitted yet. */
  readonly waitingPerAddress: number;
  readonly requestsPerAddress: Quota;
  /** Knocks, and looks at the door before them. */
  readonly joinsPerAddress: Quota;
  readonly signInsPerAddress: Quota;
  readonly signIns: Quota;
  /** Touches shown for one credential, whether it exists or not, from wherever they come. */
  readonly touchesPerCredential: Quota;
  /**
   * Refusals on record of one kind: failed sign-ins of strangers, those with the passkeys of one account, knocks without
   * an invite's token, knocks at one closed invite. The others are counted.
   */
  readonly refusalsOnRecord: Quota;
  readonly enrolmentsPerAddress: Quota;
  /** Renewals with the cookies of one address. */
  readonly refreshesPerAddress: Quota;
  readonly invitesPerAccount: number;
  /** Requests of one account that may add to the record of changes, which is kept for years. */
  readonly changesPerAccount: Quota;
  /** Rows of one account's vault, and bytes of them. */
  readonly vaultRows: number;
  readonly vaultBytes: number;
  /** Requests that bring events: of one address, and of one account. */
  readonly eventsPerAddress: Quota;
  readonly eventsPerAccount: Quota;
  /** Requests for proofs. */
  readonly proofsPerAddress: Quota;
  /** Events of one key, and keys of one account or one session. */
  readonly auditEvents: {
    readonly events: { readonly staff: number; readonly guest: number };
    readonly keys: { readonly staff: number; readonly guest: number };
  };
  /** Events that may wait to be written. */
  readonly auditQueue: number;
  /** How long after a failure to write the log nothing is tried. */
  readonly auditRetryMs: number;
  /** How often the alerts' rules look at the machine. */
  readonly alertsMs: number;
  /** Alerts sent outside: pauses after a try that failed, the time of one try, and how many may wait. */
  readonly alertRetriesMs: readonly number[];
  readonly alertTryMs: number;
  readonly alertQueue: number;
  readonly knocksPerInvite: { readonly single: number; readonly reusable: number };
  /** A knock that has been away this long gives way to a new one when its invite is full. */
  readonly knockAwayMs: number;
  /** A knock that has been away this long is over. */
  readonly knockGoneMs: number;
  /** How often the presence of waiting guests is written down. */
  readonly sweepMs: number;
}

const MINUTE = 60_000;

export const LIMITS: Limits = {
  requestHeadMs: 10_000,
  requestMs: 15_000,
  keepAliveMs: 5_000,
  stalledMs: 30_000,
  headBytes: 16_384,
  headers: 100,
  acceptQueue: 4_096,
  httpConnections: 2_000,
  httpPerAddress: 128,
  faultsPerAddress: { points: 100, seconds: 60 },
  requestsPerConnection: 1_000,
  spareConnections: 1_000,
  helloTimeoutMs: HELLO_TIMEOUT_MS,
  heartbeatMs: HEARTBEAT_MS,
  heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
  closeTimeoutMs: 3_000,
  queueBytes: 1_048_576,
  messageFrames: 64,
  messagePieces: 1_024,
  sockets: 10_000,
  socketsPerAddress: 64,
  upgradesPerAddress: { points: 240, seconds: 60 },
  hostFlow: {
    frames: { burst: 2_000, perSecond: 400 },
    bytes: { burst: 8_388_608, perSecond: 1_048_576 },
  },
  guestFlow: {
    frames: { burst: 400, perSecond: 50 },
    bytes: { burst: 1_048_576, perSecond: 131_072 },
  },
  waitingPerDesk: MAX_DESK_GUESTS - 50,
  waitingPerAddress: 16,
  requestsPerAddress: { points: 1_200, seconds: 60 },
  joinsPerAddress: { points: 60, seconds: 60 },
  signInsPerAddress: { points: 60, seconds: 600 },
  signIns: { points: 1_200, seconds: 600 },
  touchesPerCredential: { points: 20, seconds: 60 },
  refusalsOnRecord: { points: 20, seconds: 3_600 },
  enrolmentsPerAddress: { points: 30, seconds: 600 },
  refreshesPerAddress: { points: 300, seconds: 60 },
  invitesPerAccount: 1_000,
  changesPerAccount: { points: 60, seconds: 600 },
  vaultRows: MAX_ROWS,
  vaultBytes: MAX_VAULT_BYTES,
  eventsPerAddress: { points: 600, seconds: 60 },
  eventsPerAccount: { points: 300, seconds: 60 },
  proofsPerAddress: { points: 600, seconds: 60 },
  auditEvents: {
    events: { staff: 1_000_000, guest: 2_000 },
    keys: { staff: 1_000, guest: 8 },
  },
  auditQueue: 10_000,
  auditRetryMs: 1_000,
  alertsMs: MINUTE,
  alertRetriesMs: [5_000, 30_000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE],
  alertTryMs: 15_000,
  alertQueue: 50,
  knocksPerInvite: { single: 5, reusable: 50 },
  knockAwayMs: MINUTE,
  knockGoneMs: 30 * MINUTE,
  sweepMs: 20_000,
};
