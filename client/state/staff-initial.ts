/** The staff pages before anybody has come in. */
import { FIRST_STATUS } from "../audit/types.ts";
import { NO_DEVICES } from "./call.ts";
import { INITIAL_ADMIN } from "./staff-admin.ts";
import { INITIAL_AUDIT } from "./staff-audit.ts";
import type { StaffModel } from "./staff-events.ts";

export const NOTHING_ELSEWHERE = {
  callsElsewhere: [],
  elsewhere: { knocked: false, call: false },
} as const satisfies Partial<StaffModel>;

export const INITIAL_STAFF: StaffModel = {
  screen: { name: "loading" },
  account: null,
  admin: INITIAL_ADMIN,
  audit: INITIAL_AUDIT,
  relay: "connecting",
  name: "",
  turn: false,
  guests: [],
  invites: null,
  devices: NO_DEVICES,
  call: null,
  problem: null,
  strike: null,
  policy: null,
  trail: FIRST_STATUS,
  ...NOTHING_ELSEWHERE,
  sessions: [],
  cut: null,
};
