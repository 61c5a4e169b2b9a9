import type { ReadonlySignal } from "@preact/signals";
import { render } from "preact";
import type { StaffIntent, StaffState } from "../../state/model.ts";
import { EnrolScreen } from "../account/enrol.tsx";
import { AccountPage } from "../account/page.tsx";
import { ChoosePassphraseScreen } from "../account/passphrase.tsx";
import { RecoveryCodeScreen } from "../account/recovery-code.tsx";
import { ReplacedScreen } from "../account/replaced.tsx";
import { StaffServicesContext } from "../account/services.ts";
import { SignInScreen } from "../account/sign-in.tsx";
import { UnlockScreen } from "../account/unlock.tsx";
import { AdminScreen } from "../admin/admin.tsx";
import { GreetingSection } from "../admin/greeting.tsx";
import { LazyAudit } from "../audit/lazy.tsx";
import { LazyCall } from "../call/lazy.tsx";
import { ServicesContext } from "../context.ts";
import { addStaffIcons } from "../kit/later-icons.ts";
import { Loading } from "../kit/loading.tsx";
import type { StaffServices } from "../services.ts";
import { DeskScreen } from "./desk.tsx";
import { DevicesScreen } from "./devices.tsx";
import { EndedScreen } from "./ended.tsx";
import { IntroduceScreen } from "./introduce.tsx";
import { InviteScreen } from "./invite.tsx";
import { NewInviteScreen } from "./new-invite.tsx";
import { StoppedScreen, UnsupportedScreen } from "./stopped.tsx";

export interface StaffView {
  readonly state: StaffState;
  readonly send: (intent: StaffIntent) => void;
}

/** The staff's page in `root`, which it owns from now on. */
export function mountStaff(
  root: Element,
  state: ReadonlySignal<StaffState>,
  send: (intent: StaffIntent) => void,
  services: StaffServices,
): void {
  function App() {
    return (
      <ServicesContext.Provider value={services}>
        <StaffServicesContext.Provider value={services}>
          <Screen state={state.value} send={send} />
        </StaffServicesContext.Provider>
      </ServicesContext.Provider>
    );
  }
  addStaffIcons();
  root.replaceChildren();
  render(<App />, root);
}

/** A key on each, so that a new screen is a new element and its heading takes the focus. */
function Screen({ state, send }: StaffView) {
  const { screen } = state;
  switch (screen.name) {
    case "loading":
      return <Loading key="loading" />;
    case "unsupported":
      return <UnsupportedScreen key="unsupported" missing={screen.missing} />;
    case "sign-in":
      return <SignInScreen key="sign-in" screen={screen} send={send} />;
    case "enrol":
      // The answer of the relay is another screen for who reads it.
      return <EnrolScreen key={`enrol-${screen.purpose}`} screen={screen} send={send} />;
    case "choose-passphrase":
      return (
        <ChoosePassphraseScreen
          key="choose-passphrase"
          screen={screen}
          personName={state.account?.name ?? ""}
          send={send}
        />
      );
    case "recovery-code":
      return <RecoveryCodeScreen key="recovery-code" screen={screen} send={send} />;
    case "unlock":
      return <UnlockScreen key="unlock" screen={screen} send={send} />;
    case "replaced":
      return <ReplacedScreen key="replaced" screen={screen} send={send} />;
    case "account":
      return state.account === null ? (
        <Loading key="loading" />
      ) : (
        <AccountPage
          key="account"
          account={state.account}
          greeting={
            state.account.roles.includes("practitioner") ? (
              <GreetingSection admin={state.admin} send={send} />
            ) : null
          }
          state={state}
          send={send}
        />
      );
    case "admin":
      return <AdminScreen key={screen.page} page={screen.page} state={state} send={send} />;
    case "audit":
      return <LazyAudit key="audit" page={screen.page} state={state} send={send} />;
    case "introduce":
      return <IntroduceScreen key="introduce" busy={screen.busy} state={state} send={send} />;
    case "desk":
      return <DeskScreen key="desk" state={state} send={send} />;
    case "new-invite":
      return (
        <NewInviteScreen
          key="new-invite"
          busy={screen.busy}
          problem={screen.problem}
          state={state}
          send={send}
        />
      );
    case "invite":
      return (
        <InviteScreen key={screen.room} room={screen.room} busy={screen.busy} state={state} send={send} />
      );
    case "devices":
      return <DevicesScreen key="devices" state={state} send={send} />;
    case "call":
      return state.call === null ? (
        <Loading key="loading" />
      ) : (
        <LazyCall
          key="call"
          side="staff"
          call={state.call}
          devices={state.devices}
          relay={state.relay === "elsewhere" ? "online" : state.relay}
          trail={state.trail}
          takeOver={state.relay === "elsewhere" ? () => send({ type: "take-over" }) : null}
          guests={state.guests.filter((guest) => guest.session !== state.call?.session)}
          send={send}
        />
      );
    case "ended":
      return <EndedScreen key="ended" ended={screen.ended} state={state} send={send} />;
    case "stopped":
      return <StoppedScreen key="stopped" reason={screen.reason} send={send} />;
  }
}
