/**
 * What an admin decides for everybody, and how the rooms look (branding.ts).
 *
 *   GET  /api/policy                              -> Policy
 *   POST /api/policy           Policy             -> Policy        admin, fresh
 *   GET  /api/branding                            -> Branding      anyone
 *   POST /api/branding         NewBranding        -> Branding      admin, fresh
 *   POST /api/branding/logo    NewLogo            -> Branding      admin, fresh
 *   GET  /api/branding/logo/:hash                 -> the picture   anyone; kept for good, 404 when it is another by now
 *   GET  /api/greeting                            -> Greeting      practitioner: her own texts
 *   POST /api/greeting         Greeting           -> Greeting      practitioner
 *   POST /api/door             Join               -> Greeting      a guest, before knocking: whose door this is, open or not
 *   GET  /api/changes/:before                     -> Changes       admin or auditor; newest first, 0 for the newest
 *
 * All texts are plain: no markup, no links that can be pressed. The relay serves them, so a hostile one can change them;
 * nothing of the handshake depends on them.
 */
import * as v from "valibot";
import { IdText } from "./accounts.ts";
import { Time } from "./control.ts";

const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

export const Policy = v.strictObject({
  idleMinutes: whole(2, 120),
  absoluteHours: whole(1, 24),
  /** Enforced where invites are made, by the page: the relay does not know of passcodes. */
  passcodeAlways: v.boolean(),
  /** The same. */
  relayOnlyAlways: v.boolean(),
  /** Of the audit log; the law's floor is six. */
  retentionYears: whole(6, 30),
  /** How often an auditor has to sign off the log. */
  reviewDays: whole(7, 366),
  /** Longest validity of a single-use invite, and of a personal room. */
  inviteDays: whole(1, 90),
  roomDays: whole(1, 400),
});
export type Policy = v.InferOutput<typeof Policy>;

/** Before the first decision: 15 minutes and 12 hours, nothing forced. */
export const DEFAULT_POLICY: Policy = {
  idleMinutes: 15,
  absoluteHours: 12,
  passcodeAlways: false,
  relayOnlyAlways: false,
  retentionYears: 6,
  reviewDays: 90,
  inviteDays: 90,
  roomDays: 400,
};

/** Who changed what, when, from what to what. */
export const Change = v.strictObject({
  id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  at: Time,
  /** The account, and its name as it was then. */
  by: IdText,
  byName: v.string(),
  /** Such as `policy.idleMinutes`, `person.roles`, `branding.welcome`. */
  what: v.string(),
  /** The account that was changed, for `person.…`. */
  about: v.nullable(v.strictObject({ id: IdText, name: v.string() })),
  from: v.nullable(v.string()),
  to: v.nullable(v.string()),
});
export type Change = v.InferOutput<typeof Change>;
export const Changes = v.strictObject({
  changes: v.pipe(v.array(Change), v.maxLength(100)),
  more: v.boolean(),
});
export type Changes = v.InferOutput<typeof Changes>;
