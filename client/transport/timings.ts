/** Every wait of the sealed sessions, in milliseconds. Tests shorten some of them. */
export interface Timings {
  /** First wait for an acknowledgement before sending again; doubles up to `resendCapMs`. */
  readonly resendMs: number;
  readonly resendCapMs: number;
  /** How often an unanswered handshake message is sent again. */
  readonly handshakeMs: number;
  /** The desk is connected and says nothing useful for this long: give up. */
  readonly silenceMs: number;
  /** Shortest time between two sessions that a guest begins by itself. */
  readonly restartMs: number;
  /** A new epoch at least this often while a session is admitted. */
  readonly rekeyMs: number;
  /** Media of the old epoch may still be on its way for this long after a switch. */
  readonly forgetMs: number;
  /** How long a goodbye may wait for its acknowledgement. */
  readonly goodbyeMs: number;
  /** And how long if the desk has to be taken back from another device first. */
  readonly takeOverMs: number;
  /** A guest who was not admitted and stays away this long is forgotten by the desk. */
  readonly awayMs: number;
  /** The oldest session that the desk keeps. */
  readonly keepMs: number;
  /** How often the desk looks for the two above, and for what it still has to tell the relay. */
  readonly sweepMs: number;
  /** An admission that the relay does not answer is told again this often, and for this long. */
  readonly admitRetryMs: number;
  readonly admitMs: number;
  /** Between two attempts to store. */
  readonly storeRetryMs: number;
  /** Envelopes keep coming that cannot be opened, and none that can, for this long: the two states do not match. */
  readonly mismatchMs: number;
}

export const TIMINGS: Timings = {
  resendMs: 2_000,
  resendCapMs: 15_000,
  handshakeMs: 3_000,
  silenceMs: 45_000,
  restartMs: 5_000,
  rekeyMs: 600_000,
  forgetMs: 5_000,
  goodbyeMs: 2_000,
  takeOverMs: 8_000,
  awayMs: 600_000,
  keepMs: 43_200_000,
  sweepMs: 30_000,
  admitRetryMs: 500,
  admitMs: 15_000,
  storeRetryMs: 250,
  mismatchMs: 20_000,
};
