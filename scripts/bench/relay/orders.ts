/** What the bench tells its load generator to do, and what comes back. */
import * as v from "valibot";

const Count = v.pipe(v.number(), v.integer(), v.minValue(1));

export const Order = v.variant("t", [
  /** A desk and its guests take their places. */
  v.strictObject({ t: v.literal("seat") }),
  v.strictObject({ t: v.literal("steady"), frames: Count, perSecond: Count }),
  v.strictObject({ t: v.literal("full"), frames: Count, underWay: Count }),
  /** Fetches what further guests need before they may connect, such as tickets. */
  v.strictObject({ t: v.literal("invite"), count: Count }),
  /** Connects those who were invited, and keeps them. */
  v.strictObject({ t: v.literal("accept") }),
  /** Disconnects them all. */
  v.strictObject({ t: v.literal("dismiss") }),
]);
export type Order = v.InferOutput<typeof Order>;

export const Outcome = v.strictObject({
  seconds: v.number(),
  /** From the call of `send` to the message at the other side; 0 where no frames were sent. */
  p50Us: v.number(),
  p99Us: v.number(),
});
export type Outcome = v.InferOutput<typeof Outcome>;
