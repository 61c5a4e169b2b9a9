/** The capability put together: everything about accounts that hangs on the name under which the relay is reached. */
import type { IncomingMessage } from "node:http";
import type { Known } from "../http/gate.ts";
import type { RecordEvent, RecordRefusal } from "../record.ts";
import { createTurns } from "../turns.ts";
import { createChallenges } from "./challenges.ts";
import type { Changed } from "./changes.ts";
import { createEnrolments, type Enrolments, type Setup } from "./enrolment.ts";
import type { Logins } from "./logins.ts";
import { createPasskeys, type Passkeys } from "./passkeys.ts";
import { createPeople, type People } from "./people.ts";
import type { Random } from "./secrets.ts";
import type { AccountStore } from "./store.ts";
import { createRelyingParty } from "./webauthn.ts";

export interface AccountsDependencies {
  readonly store: AccountStore;
  readonly logins: Logins;
  readonly setup: Setup;
  readonly now: () => number;
  readonly random: Random;
  readonly once: (id: string, until: number) => Promise<boolean>;
  /** The host name that people type. */
  readonly hostname: string;
  readonly origins: ReadonlySet<string>;
  readonly attempt: (credential: string) => Promise<number>;
  readonly record: RecordEvent;
  readonly refused: RecordRefusal;
  readonly changed: Changed;
  readonly signedOut: (logins: readonly string[]) => void;
  readonly ended: (sessions: readonly string[]) => void;
}

export interface Accounts {
  readonly enrolments: Enrolments;
  readonly passkeys: Passkeys;
  readonly people: People;
}

export function createAccounts(dependencies: AccountsDependencies): Accounts {
  const { hostname, origins } = dependencies;
  const relyingParty = createRelyingParty({ id: hostname, origins });
  const challenges = createChallenges(dependencies);
  const parts = { ...dependencies, relyingParty, challenges, inTurn: createTurns() };
  return {
    enrolments: createEnrolments(parts),
    passkeys: createPasskeys(parts),
    people: createPeople(parts),
  };
}

/** Who a request comes from: by its access token alone. The cookie opens nothing, so no other site has anything to ride on. */
export function authenticateWith(logins: Logins) {
  return ({ headers }: IncomingMessage): Promise<Known> =>
    logins.authenticate(/^Bearer ([\w.-]{1,2048})$/.exec(headers.authorization ?? "")?.[1] ?? null);
}
