/** Around the admin's pages: where one is, what was done, what was refused. */
import type { AdminPage, AdminState } from "../../state/admin-model.ts";
import type { Notice } from "../words.ts";
import { accountProblem } from "./account-problems.ts";

export const ADMIN = {
  nav: "Clinic pages",
  loading: "Fetching…",
  saving: "Saving…",
  save: "Save",
  undo: "Undo my changes",
} as const;

export const ADMIN_PAGES: Record<AdminPage, string> = {
  people: "People",
  policy: "Rules",
  look: "Look",
  changes: "Changes",
};

const DONE: Record<NonNullable<AdminState["done"]>, string> = {
  saved: "Saved. It counts from now on.",
  invited: "The link is made. Send it to your colleague.",
  reset: "The lost passkey is void, and a link for a new one is made.",
  suspended: "Suspended, and signed out everywhere.",
  resumed: "Back again. They can sign in now.",
  removed: "Removed, with all that was kept of them.",
  roles: "The new roles count from now on.",
  revoked: "Revoked. That link opens nothing any more.",
  logo: "The logo is changed.",
};

export function doneWords(done: AdminState["done"]): string {
  return done === null ? "" : DONE[done];
}

const LOGO_REFUSED: Notice = {
  happened: "This file cannot be used as a logo.",
  means: "It is no picture that your browser can read, or stays too large when it is made smaller.",
  todo: "Choose a PNG, JPEG, WebP or SVG picture, a simple one with few colours if you can.",
  code: "LOGO-REFUSED",
};

export function adminProblem(code: NonNullable<AdminState["problem"]>): Notice {
  return code === "LOGO-REFUSED" ? LOGO_REFUSED : accountProblem(code);
}
