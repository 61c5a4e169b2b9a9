import type { ReadonlySignal } from "@preact/signals";
import { render } from "preact";
import type { PatientIntent, PatientState } from "../../state/model.ts";
import { LazyCall } from "../call/lazy.tsx";
import { ServicesContext } from "../context.ts";
import { Loading } from "../kit/loading.tsx";
import type { UiServices } from "../services.ts";
import { DevicesScreen } from "./devices.tsx";
import { IntroduceScreen } from "./introduce.tsx";
import { LazyEnded } from "./lazy-ended.tsx";
import { LookContext } from "./look.tsx";
import { ProblemScreen, UnsupportedScreen } from "./problem.tsx";
import { WaitingScreen } from "./waiting.tsx";
import { WelcomeScreen } from "./welcome.tsx";

export interface PatientView {
  readonly state: PatientState;
  readonly send: (intent: PatientIntent) => void;
}

/** The patient's page in `root`, which it owns from now on. */
export function mountPatient(
  root: Element,
  state: ReadonlySignal<PatientState>,
  send: (intent: PatientIntent) => void,
  services: UiServices,
): void {
  function App() {
    return (
      <ServicesContext.Provider value={services}>
        <LookContext.Provider value={state.value.look}>
          <Screen state={state.value} send={send} />
        </LookContext.Provider>
      </ServicesContext.Provider>
    );
  }
  root.replaceChildren();
  render(<App />, root);
}

/** A key on each, so that a new screen is a new element and its heading takes the focus. */
function Screen({ state, send }: PatientView) {
  const { screen } = state;
  switch (screen.name) {
    case "loading":
      return <Loading key="loading" />;
    case "unsupported":
      return <UnsupportedScreen key="unsupported" missing={screen.missing} />;
    case "problem":
      return <ProblemScreen key={screen.problem.code} problem={screen.problem} state={state} send={send} />;
    case "welcome":
      return <WelcomeScreen key="welcome" state={state} send={send} />;
    case "devices":
      return <DevicesScreen key="devices" state={state} send={send} />;
    case "introduce":
      return <IntroduceScreen key="introduce" tries={screen.tries} state={state} send={send} />;
    case "waiting":
      return <WaitingScreen key="waiting" state={state} send={send} />;
    case "call":
      return state.call === null ? (
        <Loading key="loading" />
      ) : (
        <LazyCall
          key="call"
          side="patient"
          call={state.call}
          devices={state.devices}
          relay={state.relay}
          trail={state.trail}
          takeOver={null}
          guests={[]}
          send={send}
        />
      );
    case "ended":
      return (
        <LazyEnded key="ended" ended={screen.ended} forgotten={screen.forgotten} state={state} send={send} />
      );
  }
}
