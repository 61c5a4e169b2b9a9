/** Bounds that do not get into the way of tests that come from one address. */
import type { Limits } from "../../../relay/limits.ts";

const MANY = { points: 100_000, seconds: 60 };
export const limits: Partial<Limits> = {
  joinsPerAddress: MANY,
  requestsPerAddress: MANY,
  upgradesPerAddress: MANY,
  knocksPerInvite: { single: 50, reusable: 50 },
};
