/** The record of changes in words: what was changed, from what, to what. */
import * as v from "valibot";
import { Role } from "../../../relay/wire/accounts.ts";
import type { Change, Policy } from "../../../relay/wire/policy.ts";
import { roleWords } from "./account.ts";
import { ACCENTS } from "./look.ts";
import { type NumberSetting, SETTING_NAMES } from "./policy.ts";
import { count } from "./time.ts";

export const CHANGES = {
  title: "Changes",
  lead: "Who changed what, and when. Newest first; nobody can edit this.",
  caption: "Changes to people, rules and look",
  when: "When",
  who: "Who",
  what: "What",
  from: "From",
  to: "To",
  filter: "Find",
  filterHint: "A name or a word, among what is shown.",
  none: "Nothing was changed so far.",
  noneMatch: "Nothing of what is shown has these words. Older changes may.",
  shown: (shown: number, all: number) =>
    shown === all ? count(all, "change") : `${shown} of ${count(all, "change")}`,
  older: "Older changes",
  fetching: "Fetching…",
  nothing: "–",
  emptyText: "(empty)",
} as const;

const UNITS: Record<NumberSetting, string> = {
  idleMinutes: "minute",
  absoluteHours: "hour",
  retentionYears: "year",
  reviewDays: "day",
  inviteDays: "day",
  roomDays: "day",
};

const BRANDING_NAMES: Readonly<Record<string, string>> = {
  clinic: "Clinic name",
  accent: "Colour",
  logo: "Logo",
  welcome: "Welcome text",
  waiting: "Text in the waiting room",
};

const GREETING_NAMES: Readonly<Record<string, string>> = {
  title: "Own profession and licence",
  welcome: "Own welcome text",
  waiting: "Own text in the waiting room",
};

const PERSON_NAMES: Readonly<Record<string, string>> = {
  roles: "Roles",
  state: "State",
  name: "Name",
  invited: "Invited",
  enrolled: "Entered",
  revoked: "Link revoked",
  removed: "Removed",
  reset: "Passkeys reset",
  passkeys: "Passkeys",
};

export interface ChangeWords {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

/** A kind of change that this page does not know is shown as it is: nothing is left out. */
export function changeWords(change: Pick<Change, "what" | "about" | "from" | "to">): ChangeWords {
  const [area = "", key = ""] = change.what.split(".");
  const value = (raw: string | null) => (raw === null ? CHANGES.nothing : valueWords(area, key, raw));
  const name = nameOf(area, key) ?? change.what;
  return {
    what: change.about === null ? name : `${change.about.name}: ${name}`,
    from: value(change.from),
    to: value(change.to),
  };
}

function nameOf(area: string, key: string): string | undefined {
  switch (area) {
    case "policy":
      return isSetting(key) ? SETTING_NAMES[key] : undefined;
    case "branding":
      return BRANDING_NAMES[key];
    case "greeting":
      return GREETING_NAMES[key];
    case "person":
      return PERSON_NAMES[key];
    default:
      return undefined;
  }
}

function isSetting(key: string): key is keyof Policy {
  return Object.hasOwn(SETTING_NAMES, key);
}

function valueWords(area: string, key: string, raw: string): string {
  if (raw === "") return CHANGES.emptyText;
  if (area === "policy" && isSetting(key)) return settingWords(key, raw);
  if (area === "person" && WITH_ROLES.has(key)) return rolesWords(raw);
  if (area === "person" && key === "state") return STATES[raw] ?? raw;
  if (area === "branding" && key === "accent") return (ACCENTS as Record<string, string>)[raw] ?? raw;
  return raw;
}

/** What is said of them are the roles that they had or got. */
const WITH_ROLES: ReadonlySet<string> = new Set(["roles", "invited", "enrolled", "revoked", "removed"]);

const STATES: Readonly<Record<string, string>> = { active: "Active", suspended: "Suspended" };

function settingWords(key: keyof Policy, raw: string): string {
  if (key === "passcodeAlways" || key === "relayOnlyAlways")
    return raw === "true" ? "Yes" : raw === "false" ? "No" : raw;
  return /^\d+$/.test(raw) ? count(Number(raw), UNITS[key]) : raw;
}

/** The relay writes roles with commas between them. */
function rolesWords(raw: string): string {
  const roles = raw.split(/[ ,]+/u);
  return roles.every(isRole) ? roles.map(roleWords).join(", ") : raw;
}

function isRole(text: string): text is Role {
  return v.is(Role, text);
}

/** Whether a change has all of these words somewhere, whatever their case. */
export function matches(query: string, ...texts: readonly string[]): boolean {
  const all = texts.join(" ").toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/u)
    .every((word) => all.includes(word));
}
