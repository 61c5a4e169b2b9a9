import type { ComponentChildren } from "preact";
import type { AdminIntent, AdminPage, AdminState } from "../../state/admin-model.ts";
import { Button } from "../kit/button.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import { Message } from "../kit/notice.tsx";
import type { StaffView } from "../staff/app.tsx";
import { StaffFrame } from "../staff/frame.tsx";
import { ADMIN, ADMIN_PAGES, adminProblem, doneWords } from "../words/admin.ts";
import { CHANGES } from "../words/changes.ts";
import { LOOK } from "../words/look.ts";
import { PEOPLE } from "../words/people.ts";
import { POLICY } from "../words/policy.ts";
import { COMMON } from "../words.ts";
import { ChangesPage } from "./changes.tsx";
import { LookPage } from "./look.tsx";
import { PeoplePage } from "./people.tsx";
import { PolicyPage } from "./policy.tsx";

export type SendAdmin = (intent: AdminIntent) => void;

const ALL = ["people", "policy", "look", "changes"] as const;

const HEADS: Record<AdminPage, { readonly title: string; readonly lead: string }> = {
  people: PEOPLE,
  policy: POLICY,
  look: LOOK,
  changes: CHANGES,
};

/** Which of the pages these roles open; the relay says the same of what is behind them. */
export function adminPages(roles: readonly string[]): readonly AdminPage[] {
  if (roles.includes("admin")) return ALL;
  return roles.includes("auditor") ? ["changes"] : [];
}

export function AdminScreen({ page, state, send }: StaffView & { readonly page: AdminPage }) {
  const sendAdmin: SendAdmin = (intent) => send({ type: "admin", intent });
  const { admin, account } = state;
  return (
    <StaffFrame state={state} send={send} place="admin">
      <Pages page={page} pages={adminPages(account?.roles ?? [])} send={sendAdmin} />
      <div class="admin-head">
        <ScreenHeading page={HEADS[page].title}>{HEADS[page].title}</ScreenHeading>
        <p class="lead">{HEADS[page].lead}</p>
      </div>
      <Outcome admin={admin} page={page} send={sendAdmin} />
      <Content page={page} admin={admin} self={account?.id ?? null} send={sendAdmin} />
    </StaffFrame>
  );
}

interface PagesProps {
  readonly page: AdminPage;
  readonly pages: readonly AdminPage[];
  readonly send: SendAdmin;
}

function Pages({ page, pages, send }: PagesProps) {
  if (pages.length < 2) return null;
  return (
    <nav class="subnav" aria-label={ADMIN.nav}>
      {pages.map((each) => (
        <button
          type="button"
          key={each}
          aria-current={each === page ? "page" : undefined}
          onClick={() => send({ type: "open", page: each })}
        >
          {ADMIN_PAGES[each]}
        </button>
      ))}
    </nav>
  );
}

interface PartProps {
  readonly admin: AdminState;
  readonly page: AdminPage;
  readonly send: SendAdmin;
}

/** What the last thing came to, where one looks next. */
function Outcome({ admin, page, send }: PartProps) {
  const { problem, done } = admin;
  const missing = content(page, admin) === null;
  return (
    <div class="admin-outcome">
      <p role="status" class={done === null ? "visually-hidden" : "admin-done"}>
        {doneWords(done)}
      </p>
      {problem === null ? null : (
        <Message notice={adminProblem(problem)}>
          <div class="actions">
            {missing ? (
              <Button onPress={() => send({ type: "open", page })}>{COMMON.tryAgain}</Button>
            ) : (
              <Button onPress={() => send({ type: "dismiss-problem" })}>{COMMON.dismiss}</Button>
            )}
          </div>
        </Message>
      )}
    </div>
  );
}

function content(page: AdminPage, admin: AdminState): unknown {
  switch (page) {
    case "people":
      return admin.people;
    case "policy":
      return admin.policy;
    case "look":
      return admin.branding;
    case "changes":
      return admin.changes;
  }
}

function Content({
  page,
  admin,
  self,
  send,
}: PartProps & { readonly self: string | null }): ComponentChildren {
  const { people, enrolments, policy, branding, changes } = admin;
  switch (page) {
    case "people":
      if (people === null) return <Fetching failed={admin.problem !== null} />;
      return (
        <PeoplePage people={people} enrolments={enrolments ?? []} admin={admin} self={self} send={send} />
      );
    case "policy":
      if (policy === null) return <Fetching failed={admin.problem !== null} />;
      // Another admin's change begins the form anew.
      return <PolicyPage key={JSON.stringify(policy)} policy={policy} busy={admin.busy} send={send} />;
    case "look":
      if (branding === null) return <Fetching failed={admin.problem !== null} />;
      return <LookPage key={JSON.stringify(branding)} branding={branding} busy={admin.busy} send={send} />;
    case "changes":
      if (changes === null) return <Fetching failed={admin.problem !== null} />;
      return <ChangesPage changes={changes} more={admin.moreChanges} busy={admin.busy} send={send} />;
  }
}

/** What is missing and cannot be fetched is said above. */
function Fetching({ failed }: { readonly failed: boolean }) {
  return failed ? null : (
    <p role="status" class="hint">
      {ADMIN.loading}
    </p>
  );
}
