/** What a therapist's desk asks of the relay: relay/wire/requests.ts. */
import type * as v from "valibot";
import { Empty, Ice, Invite, Invites, type NewInvite, Ticket } from "../../relay/wire/requests.ts";
import type { Ask } from "./api.ts";

/** Every call rejects with `ApiError` and nothing else. */
export interface DeskApi {
  deskTicket(): Promise<string>;
  invites(): Promise<v.InferOutput<typeof Invites>>;
  createInvite(invite: NewInvite): Promise<Invite>;
  revokeInvite(room: string): Promise<Invite>;
  /** A personal room alone: closes it for a while, or opens it again. */
  pauseInvite(room: string, paused: boolean): Promise<Invite>;
  strike(room: string, session: string): Promise<Invite>;
  admit(session: string): Promise<Ice>;
  endSession(session: string): Promise<void>;
  hostIce(session: string): Promise<Ice>;
}

export function deskApi(ask: Ask): DeskApi {
  const ofInvite = (room: string, what: string) => `/api/invites/${encodeURIComponent(room)}/${what}`;
  const ofSession = (session: string, what: string) => `/api/sessions/${encodeURIComponent(session)}/${what}`;
  return {
    deskTicket: async () => (await ask("POST", "/api/desk/ticket", Ticket)).ticket,
    invites: () => ask("GET", "/api/invites", Invites),
    createInvite: (invite) => ask("POST", "/api/invites", Invite, invite),
    revokeInvite: (room) => ask("POST", ofInvite(room, "revoke"), Invite),
    pauseInvite: (room, paused) => ask("POST", ofInvite(room, "pause"), Invite, { paused }),
    strike: (room, session) => ask("POST", ofInvite(room, "strike"), Invite, { session }),
    admit: (session) => ask("POST", ofSession(session, "admit"), Ice),
    async endSession(session) {
      await ask("POST", ofSession(session, "end"), Empty);
    },
    hostIce: (session) => ask("POST", ofSession(session, "ice"), Ice),
  };
}
