/**
 * Connection tickets: compact JWS (EdDSA) that live seconds and open one socket once. They are made over HTTP, where
 * cookies and secrets are checked, and shown as the first WebSocket message. The key is made at every start and never
 * stored, so a ticket dies with the process that made it and no restart can be tricked into taking one twice.
 */
import { generateKeyPair, jwtVerify, SignJWT } from "jose";
import * as v from "valibot";
import { RoomIdText, SessionIdText } from "../wire/control.ts";
import type { RefusalReason } from "./counters.ts";

export const TICKET_SECONDS = 15;

const TYPE = "quietroom-ticket+jwt";
const AUDIENCE = "quietroom relay";

const HostPass = v.object({
  role: v.literal("host"),
  desk: v.string(),
  /** The sign-in that asked for the ticket: signing out closes what it opened. */
  login: v.string(),
});
const GuestPass = v.object({
  role: v.literal("guest"),
  desk: v.string(),
  session: SessionIdText,
  room: RoomIdText,
  admitted: v.boolean(),
  since: v.number(),
});
const Pass = v.variant("role", [HostPass, GuestPass]);

export type HostPass = v.InferOutput<typeof HostPass>;
export type GuestPass = v.InferOutput<typeof GuestPass>;
export type Pass = v.InferOutput<typeof Pass>;

const Claims = v.object({ jti: v.string(), exp: v.number() });

type TicketRefusal = Extract<RefusalReason, `ticket-${string}`>;

export interface Tickets {
  issue(pass: Pass): Promise<string>;
  /** What the ticket stands for, once; after that, or when it is none of ours, the reason why not. Never throws. */
  redeem(ticket: string): Promise<Pass | TicketRefusal>;
}

export interface TicketsDependencies {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  /** True for the first caller with this id until that time; see backplane.ts. */
  readonly once: (id: string, until: number) => Promise<boolean>;
}

export async function createTickets({ now, random, once }: TicketsDependencies): Promise<Tickets> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA");

  async function verify(ticket: string): Promise<{ pass: Pass; id: string; until: number } | TicketRefusal> {
    try {
      const { payload } = await jwtVerify(ticket, publicKey, {
        algorithms: ["EdDSA"],
        typ: TYPE,
        audience: AUDIENCE,
        requiredClaims: ["exp", "jti"],
        currentDate: new Date(now()),
      });
      const { jti, exp } = v.parse(Claims, payload);
      return { pass: v.parse(Pass, payload), id: jti, until: exp * 1000 };
    } catch (error) {
      const expired = error instanceof Error && "code" in error && error.code === "ERR_JWT_EXPIRED";
      return expired ? "ticket-expired" : "ticket-forged";
    }
  }

  return {
    async issue(pass) {
      return new SignJWT(pass)
        .setProtectedHeader({ alg: "EdDSA", typ: TYPE })
        .setAudience(AUDIENCE)
        .setJti(Buffer.from(random(16)).toString("base64url"))
        .setExpirationTime(Math.floor(now() / 1000) + TICKET_SECONDS)
        .sign(privateKey);
    },

    async redeem(ticket) {
      const verified = await verify(ticket);
      if (typeof verified === "string") return verified;
      return (await once(verified.id, verified.until)) ? verified.pass : "ticket-reused";
    },
  };
}
