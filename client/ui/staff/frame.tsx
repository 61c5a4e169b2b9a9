import type { ComponentChildren } from "preact";
import type { StaffState } from "../../state/model.ts";
import { Brand } from "../kit/brand.tsx";
import { Button } from "../kit/button.tsx";
import { Message } from "../kit/notice.tsx";
import { knockWords } from "../words/call.ts";
import {
  CALL_ELSEWHERE,
  KNOCK_ELSEWHERE,
  NAV,
  relayWords,
  staffProblem,
  strikeWords,
} from "../words/staff.ts";
import { COMMON } from "../words.ts";
import type { StaffView } from "./app.tsx";

type Place = "desk" | "new-invite" | "devices" | null;

interface Props extends StaffView {
  readonly place: Place;
  readonly narrow?: boolean;
  readonly children: ComponentChildren;
}

const PLACES = [
  { to: "desk", name: NAV.desk },
  { to: "new-invite", name: NAV.newInvite },
  { to: "devices", name: NAV.devices },
] as const;

/** The therapist's pages between sessions: where she can go, whether she can be reached, and what needs a word. */
export function StaffFrame({ state, send, place, narrow = false, children }: Props) {
  return (
    <div class="staff">
      <header class="staff-top">
        <Brand />
        <nav class="staff-nav" aria-label={NAV.label}>
          {PLACES.map(({ to, name }) => (
            <button
              type="button"
              key={to}
              aria-current={place === to ? "page" : undefined}
              onClick={() => send({ type: "go", to })}
            >
              {name}
            </button>
          ))}
        </nav>
        <div class="staff-self">
          <RelayChip state={state} />
          <Button tone="quiet" onPress={() => send({ type: "sign-out" })}>
            {NAV.signOut}
          </Button>
        </div>
      </header>
      <Arrivals state={state} onDesk={place === "desk"} send={send} />
      <main class={narrow ? "staff-main staff-main-narrow" : "staff-main"}>
        <Notices state={state} send={send} />
        {children}
      </main>
    </div>
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

function Notices({ state, send }: StaffView) {
  const { problem, strike, relay, elsewhere } = state;
  const banner = relayWords(relay).banner;
  return (
    <div class="staff-notices">
      <div role="status">{banner === null ? null : <p class="relay-banner">{banner}</p>}</div>
      <div role="status">{elsewhere.call ? <p class="relay-banner">{CALL_ELSEWHERE}</p> : null}</div>
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
        <Message notice={strikeWords(strike)} tone={strike.burnt ? "danger" : "attention"}>
          <div class="actions">
            <Button onPress={() => send({ type: "dismiss", what: "strike" })}>{COMMON.dismiss}</Button>
          </div>
        </Message>
      )}
    </div>
  );
}
