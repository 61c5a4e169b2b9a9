/** Reads single values of the environment: one function for each kind, all mistakes collected instead of the first. */
import { isIP, isIPv4 } from "node:net";
import { deniedIpv4Range } from "./denied-peers.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that was refused. None of the three ever repeats a secret. */
export interface SettingProblem {
  readonly variable: string;
  /** What is wrong, a clause that follows the variable's name: "is missing". */
  readonly reason: string;
  /** What to do, a sentence. */
  readonly fix: string;
}

/** Returned for a value that was refused; the problem is in the list. */
export const REFUSED: unique symbol = Symbol("refused");
export type Field<T> = T | typeof REFUSED;

export interface Fields {
  readonly problems: readonly SettingProblem[];
  /** The value without blanks around it; `undefined` when it is absent or empty. */
  text(variable: string): string | undefined;
  /** As `text`, but absence is a problem. */
  required(variable: string, fix: string): Field<string>;
  whole(variable: string, fallback: number, min: number, max: number, fix: string): Field<number>;
  refuse(variable: string, reason: string, fix: string): typeof REFUSED;
}

/** What JSON leaves as it is and a terminal obeys or hides: controls above ASCII, marks that reorder text. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A value in a message: quoted, with what does not print escaped, and short. */
export function quote(value: string): string {
  const short = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return JSON.stringify(short).replace(
    UNSEEN,
    (unseen) => `\\u{${(unseen.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

export function fields(env: Environment): Fields {
  const problems: SettingProblem[] = [];
  const text = (variable: string) => env[variable]?.trim() || undefined;
  const refuse = (variable: string, reason: string, fix: string): typeof REFUSED => {
    problems.push({ variable, reason, fix });
    return REFUSED;
  };
  return {
    problems,
    text,
    refuse,
    required: (variable, fix) => text(variable) ?? refuse(variable, "is missing", fix),
    whole(variable, fallback, min, max, fix) {
      const value = text(variable);
      if (value === undefined) return fallback;
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= min && number <= max) return number;
      return refuse(variable, `is ${quote(value)}, not a whole number from ${min} to ${max}`, fix);
    },
  };
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Lower case, or `null` when it is no DNS name. At most 127 characters: what STUN allows as a realm (RFC 8489 §14.9). */
export function hostName(value: string): string | null {
  const name = value.toLowerCase();
  const labels = name.split(".");
  const numeric = /^\d+$/.test(labels.at(-1) ?? "");
  return name.length <= 127 && !numeric && labels.every((label) => LABEL.test(label)) ? name : null;
}

const MULTICAST_FIRST_BYTE = 224;

/** Why a text is no IPv4 address that the rest of the internet can reach, or `null` when it is one. */
export function notPublicIpv4(value: string): string | null {
  return notIpv4(value) ?? special(value, false);
}

/** Why a text is no IPv4 address that a network card of a TURN box can have, or `null` when it is one. */
export function notCardIpv4(value: string): string | null {
  return notIpv4(value) ?? special(value, true);
}

function notIpv4(value: string): string | null {
  if (isIPv4(value)) return null;
  if (isIP(value) === 6)
    return `is ${quote(value)}, an IPv6 address: coturn before 4.13.1 lets IPv6 relays reach denied IPv4 peers`;
  return `is ${quote(value)}, not an IPv4 address`;
}

function special(value: string, behindNat: boolean): string | null {
  const firstByte = Number(value.split(".")[0]);
  if (firstByte >= MULTICAST_FIRST_BYTE && firstByte < 240) return `is ${quote(value)}, a multicast address`;
  const range = deniedIpv4Range(value);
  if (range === null || (behindNat && range.behindNat)) return null;
  return `is ${quote(value)}, which is not a public address: ${range.what}`;
}

/** An absolute path that means the same to a shell, to coturn's parser and to a reader. */
export function plainPath(value: string): boolean {
  return /^\/[A-Za-z0-9._/@+-]{1,500}$/.test(value) && !value.endsWith("/");
}
