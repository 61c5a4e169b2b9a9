/** State as the pure tests need it: small, readable, and none of it special. */

import type { Gate } from "../../client/state/staff-account.ts";
import type { StaffEvent } from "../../client/state/staff-events.ts";
import type { HostMessage } from "../../client/transport/messages.ts";
import type { GuestEvent, Knock } from "../../client/transport/types.ts";
import type { Sas } from "../../crypto/sas.ts";
import type { Account } from "../../relay/wire/accounts.ts";

export const NOW = 1_800_000_000_000;

export const SAS: Sas = {
  indices: [0, 1, 2, 3, 4, 5, 6],
  emoji: ["dog", "cat", "lion", "horse", "pig", "rabbit", "panda"].map((word) => ({ symbol: word, word })),
  digits: "0123456789012",
};

export function knock(session: string, over: Partial<Knock> = {}): Knock {
  return {
    session,
    room: "room-1",
    passcode: false,
    relayOnly: false,
    use: "single",
    sas: SAS,
    suite: 1,
    since: NOW,
    admitted: false,
    restored: false,
    note: null,
    ...over,
  };
}

/** Both sides have proven who they are to each other, for the first time. */
export const ESTABLISHED = {
  type: "established",
  session: "s1",
  sas: SAS,
  suite: 1,
  restored: false,
  note: null,
} as const satisfies GuestEvent;

export const ADMIT = {
  t: "admit",
  call: 1,
  relayOnly: false,
  therapist: "Dr. Okafor",
  matched: false,
  microphone: true,
  camera: true,
} as const satisfies HostMessage;

export const ACCOUNT: Account = {
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  name: "Ada Okafor",
  roles: ["admin", "practitioner"],
  turn: true,
};

export const openGate = (name: string | null, code: string | null = null): Gate => ({
  state: "open",
  name,
  passphrase: false,
  code,
});

/** She has signed in, and her vault is open. @param name that patients see */
export function entered(
  name: string | null,
  account: Partial<Account> = {},
): StaffEvent & { readonly type: "account" } {
  const event = { type: "entered", account: { ...ACCOUNT, ...account }, gate: openGate(name) } as const;
  return { type: "account", event };
}
