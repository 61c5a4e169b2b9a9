/** Runs what the staff pages want done with invites, and tells the desk's connection which links it answers now. */
import type { InviteBook } from "../identity/invites.ts";
import type { InviteEffect, StaffEvent, StaffTask } from "../state/staff-events.ts";
import type { HostTransport } from "../transport/types.ts";

export interface InviteTasks {
  /** Does it; what fails is told in the words of the task. */
  readonly attempt: (what: StaffTask, work: () => Promise<StaffEvent | null>) => void;
  /** @throws while the vault is not open */
  readonly book: () => InviteBook;
  readonly host: () => Pick<HostTransport, "refreshInvites"> | null;
}

const TYPES: ReadonlySet<string> = new Set<InviteEffect["type"]>([
  "list-invites",
  "create-invite",
  "revoke-invite",
  "rename-invite",
  "renew-invite",
  "rotate-invite",
  "pause-invite",
]);

export function isInviteEffect<T extends { readonly type: string }>(
  effect: T,
): effect is Extract<T, InviteEffect> {
  return TYPES.has(effect.type);
}

export function runInviteEffect({ attempt, book, host }: InviteTasks, effect: InviteEffect): void {
  const listed = async (): Promise<StaffEvent> => ({ type: "invites", invites: await book().list() });
  /** The desk answers what the vault says now, also where the relay could not be told, or will not hear. */
  const refresh = () => host()?.refreshInvites();
  const make = (what: StaffTask, form: Parameters<InviteBook["create"]>) =>
    attempt(what, async () => {
      const room = await book().create(...form);
      refresh();
      return { type: "invite-made", room };
    });
  switch (effect.type) {
    case "list-invites":
      attempt("list-invites", listed);
      return;
    case "create-invite":
      make("create-invite", [effect.form, effect.therapist]);
      return;
    case "renew-invite":
      make("change-invite", [effect.form, effect.therapist]);
      return;
    case "revoke-invite":
      attempt("revoke-invite", async () => {
        await book().revoke(effect.room).finally(refresh);
        return listed();
      });
      return;
    case "rename-invite":
      attempt("change-invite", async () => {
        await book().rename(effect.room, effect.label);
        return listed();
      });
      return;
    case "pause-invite":
      attempt("change-invite", async () => {
        await book().pause(effect.room, effect.paused).finally(refresh);
        return listed();
      });
      return;
    case "rotate-invite":
      attempt("change-invite", async () => {
        const { room, failure } = await book().rotate(effect.room, effect.form, effect.therapist);
        refresh();
        // There is a new link in any case; that the old one may still be open has to be said beside it.
        if (failure !== null) attempt("change-invite", () => Promise.reject(failure));
        return { type: "invite-made", room };
      });
  }
}
