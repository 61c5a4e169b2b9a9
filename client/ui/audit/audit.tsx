/** The audit log's pages: where one is, what the last thing came to, and the page itself. */
import type { ComponentChildren } from "preact";
import type { AuditIntent, AuditPage, AuditState } from "../../state/audit-model.ts";
import { auditPages } from "../../state/staff-home.ts";
import { Button } from "../kit/button.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import { Message } from "../kit/notice.tsx";
import type { StaffView } from "../staff/app.tsx";
import { Count, StaffFrame } from "../staff/frame.tsx";
import { AUDIT, AUDIT_HEADS, AUDIT_PAGES, auditBusy, auditDone } from "../words/audit.ts";
import { auditProblem } from "../words/audit-problems.ts";
import { COMMON } from "../words.ts";
import { ActivityPage } from "./activity.tsx";
import { AlertsPage } from "./alerts.tsx";
import { EventSheet } from "./event-sheet.tsx";
import { EventsPage } from "./events.tsx";
import { KeysPage } from "./keys.tsx";
import { ProofPage } from "./proof.tsx";
import { ReviewsPage } from "./reviews.tsx";
import { StoryPage } from "./story.tsx";

export type SendAudit = (intent: AuditIntent) => void;

export interface AuditProps {
  readonly audit: AuditState;
  readonly send: SendAudit;
}

export function AuditScreen({ page, state, send }: StaffView & { readonly page: AuditPage }) {
  const { audit, account } = state;
  const sendAudit: SendAudit = (intent) => send({ type: "audit", intent });
  const pages = auditPages(account?.roles ?? []);
  const parts = { audit, send: sendAudit };
  return (
    <StaffFrame state={state} send={send} place="audit">
      {pages.length < 2 ? null : <Pages page={page} pages={pages} {...parts} />}
      {audit.story === null ? (
        <>
          <div class="admin-head">
            <ScreenHeading key={page} page={AUDIT_HEADS[page].title}>
              {AUDIT_HEADS[page].title}
            </ScreenHeading>
            <p class="lead">{AUDIT_HEADS[page].lead}</p>
          </div>
          <Outcome page={page} {...parts} />
          <Content page={page} self={account?.id ?? null} {...parts} />
        </>
      ) : (
        <StoryPage key={audit.story.session} story={audit.story} {...parts}>
          <Outcome page={page} {...parts} />
        </StoryPage>
      )}
      {audit.open === null ? null : <EventSheet key={audit.open.index} row={audit.open} {...parts} />}
    </StaffFrame>
  );
}

interface PartProps extends AuditProps {
  readonly page: AuditPage;
}

function Pages({ page, pages, audit, send }: PartProps & { readonly pages: readonly AuditPage[] }) {
  const open = audit.alerts?.open ?? 0;
  return (
    <nav class="subnav" aria-label={AUDIT.nav}>
      {pages.map((each) => (
        <button
          type="button"
          key={each}
          aria-current={each === page && audit.story === null ? "page" : undefined}
          onClick={() => send({ type: "open-page", page: each })}
        >
          {AUDIT_PAGES[each]}
          {each === "alerts" ? <Count open={open} /> : null}
        </button>
      ))}
    </nav>
  );
}

/** What the last thing came to, where one looks next. */
function Outcome({ page, audit, send }: PartProps) {
  const { problem, done, busy } = audit;
  const said = busy === null ? auditDone(done) : auditBusy(busy);
  return (
    <div class="admin-outcome">
      <p role="status" class={said === "" ? "visually-hidden" : "admin-done"}>
        {said}
      </p>
      {problem === null ? null : (
        <Message notice={auditProblem(problem)}>
          <div class="actions">
            {isMissing(page, audit) ? (
              <Button onPress={() => send({ type: "open-page", page })}>{COMMON.tryAgain}</Button>
            ) : (
              <Button onPress={() => send({ type: "dismiss-problem" })}>{COMMON.dismiss}</Button>
            )}
          </div>
        </Message>
      )}
    </div>
  );
}

function isMissing(page: AuditPage, audit: AuditState): boolean {
  switch (page) {
    case "events":
      return audit.list.pages === null && audit.story === null;
    case "activity":
      return audit.activity.days === null;
    case "reviews":
      return audit.reviews === null;
    case "keys":
      return audit.log === null;
    case "alerts":
      return audit.alerts === null;
    case "proof":
      return false;
  }
}

function Content({
  page,
  audit,
  self,
  send,
}: PartProps & { readonly self: string | null }): ComponentChildren {
  const parts = { audit, send };
  // What is missing and cannot be fetched is said above.
  if (isMissing(page, audit) && page !== "activity")
    return audit.problem === null ? (
      <p role="status" class="hint">
        {AUDIT.loading}
      </p>
    ) : null;
  switch (page) {
    case "events":
      return <EventsPage {...parts} />;
    case "activity":
      return <ActivityPage {...parts} />;
    case "reviews":
      return <ReviewsPage {...parts} />;
    case "proof":
      return <ProofPage {...parts} />;
    case "keys":
      return <KeysPage self={self} {...parts} />;
    case "alerts":
      return <AlertsPage {...parts} />;
  }
}
