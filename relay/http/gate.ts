/** Holds a request to its row of access.ts. */
import type { Request } from "express";
import * as v from "valibot";
import type { Access, Actor, Owned, StaffAccess } from "../access.ts";
import { Refusal } from "../refusal.ts";
import { FRESH_MS, IdText } from "../wire/accounts.ts";
import { RoomIdText, SessionIdText } from "../wire/control.ts";
import type { ErrorCode } from "../wire/errors.ts";
import { CredentialIdText } from "../wire/webauthn.ts";

/** Who asks, as the store has them at this moment. */
export interface Known extends Actor {
  /** When a passkey of theirs was last touched in this sign-in, milliseconds since 1970. */
  readonly touched: number;
}

export interface GateDependencies {
  readonly now: () => number;
  /** Who this request comes from. @throws Refusal SIGN-IN-REQUIRED */
  readonly authenticate: (request: Request) => Promise<Known>;
  /** Whose row of each kind has this id; null when there is none. */
  readonly ownerOf: Readonly<Record<Owned, (id: string) => Promise<string | null>>>;
}

export interface Gate {
  /**
   * The actor of a request that may pass; null where the row asks for nobody.
   * @throws Refusal SIGN-IN-REQUIRED, NOT-ALLOWED, TOUCH-REQUIRED, or that what is named does not exist
   */
  pass(request: Request, access: Access): Promise<Actor | null>;
}

/** How the path names a row, and the refusal that says the same for another's row as for none. */
const NAMED: Readonly<
  Record<Owned, { parameter: string; id: v.GenericSchema<unknown, string>; unknown: ErrorCode }>
> = {
  invite: { parameter: "room", id: RoomIdText, unknown: "INVITE-UNKNOWN" },
  session: { parameter: "session", id: SessionIdText, unknown: "SESSION-UNKNOWN" },
  passkey: { parameter: "id", id: CredentialIdText, unknown: "PASSKEY-UNKNOWN" },
  login: { parameter: "id", id: IdText, unknown: "LOGIN-UNKNOWN" },
};

export function createGate({ now, authenticate, ownerOf }: GateDependencies): Gate {
  async function requireOwn(request: Request, kind: Owned, account: string): Promise<void> {
    const { parameter, id, unknown } = NAMED[kind];
    const named = v.safeParse(id, request.params[parameter]);
    if (!named.success || (await ownerOf[kind](named.output)) !== account) throw new Refusal(unknown);
  }

  return {
    async pass(request, access) {
      if ("who" in access) return null;
      const { account, login, roles, touched } = await authenticate(request);
      if (!mayPass(roles, access)) throw new Refusal("NOT-ALLOWED");
      // Ownership before freshness: nobody is asked to touch for what does not exist.
      if (access.owns !== undefined) await requireOwn(request, access.owns, account);
      if (access.fresh && now() - touched >= FRESH_MS) throw new Refusal("TOUCH-REQUIRED");
      return { account, login, roles };
    },
  };
}

function mayPass(roles: Actor["roles"], access: StaffAccess): boolean {
  return access.roles === "staff" || access.roles.some((role) => roles.includes(role));
}
