/**
 * What somebody should look at: rules over the events of the log and the machine, without anything about patients.
 *
 *   GET  /api/alerts                            -> Alerts         admin or auditor; open ones first, newest first
 *   POST /api/alerts/:id/acknowledge  {}        -> Alerts         admin or auditor; the page signs `alert.acknowledged` first
 */
import * as v from "valibot";
import { IdText } from "./accounts.ts";
import { Time } from "./control.ts";

export const ALERT_RULES = [
  /** Many failed sign-ins within a quarter of an hour. */
  "sign-ins-failed",
  "invite-burnt",
  /** A personal room that somebody guesses at. */
  "room-locked",
  "handshakes-failed",
  "words-mismatched",
  /** A key's events do not follow each other, again and again. */
  "chain-gap",
  /** A page saw two views of the log. */
  "log-alarm",
  "disk-nearly-full",
  "backup-overdue",
  /** The log cannot be written: nobody new can enter. */
  "log-unavailable",
] as const;
export const AlertRule = v.picklist(ALERT_RULES);
export type AlertRule = v.InferOutput<typeof AlertRule>;

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const Alert = v.strictObject({
  id: IdText,
  rule: AlertRule,
  /** The first time and the last; the same alert is not raised again while it is open. */
  raised: Time,
  last: Time,
  count: Count,
  /** Who took note of it, and when. */
  acknowledged: v.nullable(v.strictObject({ by: IdText, name: v.string(), at: Time })),
});
export type Alert = v.InferOutput<typeof Alert>;
export const Alerts = v.strictObject({ alerts: v.pipe(v.array(Alert), v.maxLength(200)), open: Count });
export type Alerts = v.InferOutput<typeof Alerts>;
