/** The rules as they are typed, and when they are rules. Pure. */
import * as v from "valibot";
import { Policy } from "../../../relay/wire/policy.ts";
import type { NumberSetting, SwitchSetting } from "../words/policy.ts";

/** Numbers as text: half-typed ones are none yet. */
export type PolicyDraft = Readonly<Record<NumberSetting, string> & Record<SwitchSetting, boolean>>;

/** As relay/wire/policy.ts has them; a test compares. */
export const LIMITS: Record<NumberSetting, readonly [least: number, most: number]> = {
  idleMinutes: [2, 120],
  absoluteHours: [1, 24],
  retentionYears: [6, 30],
  reviewDays: [7, 366],
  inviteDays: [1, 90],
  roomDays: [1, 400],
};
const SETTINGS = Object.keys(LIMITS) as readonly NumberSetting[];

export function draftOf(policy: Policy): PolicyDraft {
  const { passcodeAlways, relayOnlyAlways } = policy;
  const numbers = Object.fromEntries(SETTINGS.map((setting) => [setting, String(policy[setting])]));
  return { ...(numbers as Record<NumberSetting, string>), passcodeAlways, relayOnlyAlways };
}

export function wrongIn(draft: PolicyDraft): readonly NumberSetting[] {
  return SETTINGS.filter((setting) => {
    const value = numberOf(draft[setting]);
    const [least, most] = LIMITS[setting];
    return value === null || value < least || value > most;
  });
}

/** `null` while something in it is wrong. */
export function finishedPolicy(draft: PolicyDraft): Policy | null {
  const numbers = Object.fromEntries(SETTINGS.map((setting) => [setting, numberOf(draft[setting])]));
  const parsed = v.safeParse(Policy, { ...draft, ...numbers });
  return parsed.success ? parsed.output : null;
}

function numberOf(text: string): number | null {
  return /^\d{1,4}$/.test(text.trim()) ? Number(text.trim()) : null;
}
