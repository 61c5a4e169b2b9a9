/**
 * Records of the desk that two devices have changed apart. For most the later write wins (client/vault/kinds.ts); these
 * must not lose what the earlier one said.
 */
import { joinKeys } from "../audit/trust.ts";
import { decodeStruck, encodeStruck, joinStruck } from "../transport/host-record.ts";
import type { Merge, Merges } from "../vault/kinds.ts";
import { decodeInviteRecord, encodeInviteRecord } from "./invite-record.ts";

/** Each counted guess stays counted, and a lock lasts as long as the longer one: two devices give no more guesses. */
const strikes: Merge = (newer, older) => {
  const [a, b] = [decodeStruck(newer), decodeStruck(older)];
  if (a === null || b === null) return a === null ? older : newer;
  return encodeStruck(joinStruck(a, b));
};

/** A link that was forgotten on one device is not brought back by a new label on the other. */
const invite: Merge = (newer, older) => {
  const [a, b] = [decodeInviteRecord(newer), decodeInviteRecord(older)];
  if (a === null || b === null) return a === null ? older : newer;
  const registered = a.registered || b.registered;
  if (b.fragment !== null || a.fragment === null) return encodeInviteRecord({ ...a, registered });
  const asked = b.asked ?? a.passcode !== null;
  return encodeInviteRecord({ ...a, registered, asked, fragment: null, passcode: null });
};

export const VAULT_MERGES: Merges = { strikes, invite, log: joinKeys };
