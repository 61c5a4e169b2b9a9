import type { ComponentChildren } from "preact";
import type { Role } from "../../../relay/wire/accounts.ts";
import type { AdminPage } from "../../state/admin-model.ts";
import type { AuditPage } from "../../state/audit-model.ts";
import type { StaffIntent, StaffState } from "../../state/model.ts";
import { Brand } from "../kit/brand.tsx";
import { Button } from "../kit/button.tsx";
import { Message } from "../kit/notice.tsx";
import { StaffTrailNotices } from "../trail/notices.tsx";
import { knockWords } from "../words/call.ts";
import {
  CALL_ELSEWHERE,
  KNOCK_ELSEWHERE,
  NAV,
  relayWords,
  staffProblem,
  strikeWords,
} from "../words/staff.ts";
import { systemTime } from "../words/time.ts";
import { COMMON } from "../words.ts";
import type { StaffView } from "./app.tsx";
import { PersonMenu } from "./person-menu.tsx";

type Place = "desk" | "new-invite" | "devices" | "admin" | "audit" | "account" | null;

interface Props extends StaffView {
  readonly place: Place;
  readonly narrow?: boolean;
  readonly children: ComponentChildren;
}

interface Entry {
  readonly place: Exclude<Place, null>;
  readonly name: string;
  readonly intent: StaffIntent;
  /** Shown beside its name when there are any: open alerts. */
  readonly count?: number;
}

const DESK_ENTRIES: readonly Entry[] = [
  { place: "desk", name: NAV.desk, intent: { type: "go", to: "desk" } },
  { place: "new-invite", name: NAV.newInvite, intent: { type: "go", to: "new-invite" } },
  { place: "devices", name: NAV.devices, intent: { type: "go", to: "devices" } },
];

/** Only where she may go: the relay decides on its own, and would refuse the rest. */
function entriesFor(roles: readonly Role[], alerts: number): readonly Entry[] {
  const open = (page: AdminPage): StaffIntent => ({ type: "admin", intent: { type: "open", page } });
  const openAudit = (page: AuditPage): StaffIntent => ({
    type: "audit",
    intent: { type: "open-page", page },
  });
  const [admin, auditor] = [roles.includes("admin"), roles.includes("auditor")];
  const entries: readonly (Entry | false)[] = [
    ...(roles.includes("practitioner") ? DESK_ENTRIES : []),
    admin && { place: "admin", name: NAV.admin, intent: open("people") },
    auditor && { place: "audit", name: NAV.audit, intent: openAudit("events"), count: alerts },
    admin && !auditor && { place: "audit", name: NAV.alerts, intent: openAudit("alerts"), count: alerts },
    auditor && !admin && { place: "admin", name: NAV.changes, intent: open("changes") },
  ];
  return entries.filter((entry) => entry !== false);
}

/** The staff's pages between sessions: where one can go, whether she can be reached, and what needs a word. */
export function StaffFrame({ state, send, place, narrow = false, children }: Props) {
  const roles = state.account?.roles ?? ["practitioner"];
  const entries = entriesFor(roles, state.audit.alerts?.open ?? 0);
  const hasDesk = roles.includes("practitioner");
  return (
    <div class="staff">
      <header class="staff-top">
        <Brand />
        {entries.length === 0 ? null : (
          <nav class="staff-nav" aria-label={NAV.label}>
            {entries.map((entry) => (
              <button
                type="button"
                key={entry.place}
                aria-current={place === entry.place ? "page" : undefined}
                onClick={() => send(entry.intent)}
              >
                {entry.name}
                <Count open={entry.count ?? 0} />
              </button>
            ))}
          </nav>
        )}
        <div class="staff-self">
          {hasDesk ? <RelayChip state={state} /> : null}
          <PersonMenu name={state.account?.name ?? state.name} here={place === "account"} send={send} />
        </div>
      </header>
      {hasDesk ? <Arrivals state={state} onDesk={place === "desk"} send={send} /> : null}
      <main class={narrow ? "staff-main staff-main-narrow" : "staff-main"}>
        <Notices state={state} send={send} hasDesk={hasDesk} />
        {children}
      </main>
    </div>
  );
}

/** A number beside a page's name, in words for who listens. */
export function Count({ open }: { readonly open: number }) {
  if (open === 0) return null;
  return (
    <>
      <span class="count" aria-hidden="true">
        {open}
      </span>
      <span class="visually-hidden">, {NAV.alertsOpen(open)}</span>
    </>
  );
}

function RelayChip({ state }: { readonly state: StaffState }) {
  const tone = state.relay === "online" ? "chip-good" : "chip-attention";
  return <span class={`chip ${tone}`}>{relayWords(state.relay).chip}</span>;
}

/** Who waits is announced on every page; away from the desk it is a line that leads there. */
function Arrivals({ state, onDesk, send }: StaffView & { readonly onDesk: boolean }) {
  const words = knockWords(state.guests.map((guest) => guest.name));
  return (
    <div role="status" class={onDesk || words === null ? "visually-hidden" : "arrivals"}>
      {words === null ? null : <p>{words}</p>}
      {onDesk || words === null ? null : (
        <Button onPress={() => send({ type: "go", to: "desk" })}>{NAV.desk}</Button>
      )}
    </div>
  );
}

function Notices({ state, send, hasDesk }: StaffView & { readonly hasDesk: boolean }) {
  const { problem, strike, relay, elsewhere } = state;
  const banner = hasDesk ? relayWords(relay).banner : null;
  return (
    <div class="staff-notices">
      <div role="status">{banner === null ? null : <p class="relay-banner">{banner}</p>}</div>
      <div role="status">{elsewhere.call ? <p class="relay-banner">{CALL_ELSEWHERE}</p> : null}</div>
      <StaffTrailNotices trail={state.trail} onGoOn={() => send({ type: "acknowledge-alarm" })} />
      {elsewhere.knocked ? (
        <Message notice={KNOCK_ELSEWHERE}>
          <div class="actions">
            <Button onPress={() => send({ type: "dismiss", what: "elsewhere" })}>{COMMON.dismiss}</Button>
          </div>
        </Message>
      ) : null}
      {problem === null ? null : (
        <Message notice={staffProblem(problem)}>
          <div class="actions">
            <Button onPress={() => send({ type: "dismiss", what: "problem" })}>{COMMON.dismiss}</Button>
          </div>
        </Message>
      )}
      {strike === null ? null : (
        <Message
          notice={strikeWords(strike, systemTime())}
          tone={strike.burnt || strike.lockedUntil !== null ? "danger" : "attention"}
        >
          <div class="actions">
            <Button onPress={() => send({ type: "dismiss", what: "strike" })}>{COMMON.dismiss}</Button>
          </div>
        </Message>
      )}
    </div>
  );
}
