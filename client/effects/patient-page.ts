/** The patient's page: its loop, and the one place that runs its effects. */
import { effect } from "@preact/signals";
import { checkSupport } from "../media/support.ts";
import { createLoop, type Loop } from "../state/loop.ts";
import { INITIAL_PATIENT, reducePatient } from "../state/patient.ts";
import type { PatientEffect, PatientEvent, PatientModel } from "../state/patient-events.ts";
import { systemRandom } from "../transport/sodium.ts";
import { fetchCallAhead, loadCallMedia } from "./call-code.ts";
import { createCallRunner } from "./call-runner.ts";
import { createLocalDevices } from "./local-devices.ts";
import { openPatientLink, type PatientSession } from "./patient-session.ts";

/** One page has one session at a time, so its keys need no other name. */
const SESSION = "this";

/** Begins at once; the first state is `loading`. */
export function openPatientPage(): Loop<PatientModel, PatientEvent> {
  let session: PatientSession | null = null;
  const opened = (): PatientSession => {
    if (session === null) throw new Error("no link was read");
    return session;
  };

  const devices = createLocalDevices({
    emit: (current) => loop.dispatch({ type: "devices", devices: current }),
    onTrack: (kind, track) => calls.replaceTrack(kind, track),
  });
  const calls = createCallRunner({
    sodium: () => opened().sodium,
    createCallMedia: loadCallMedia,
    ice: () => opened().ice(),
    localStream: devices.stream,
    emit: (number, event) => loop.dispatch({ type: "media", number, event }),
  });

  function run(effect: PatientEffect): void {
    switch (effect.type) {
      case "device":
      case "toggle-device":
      case "release-devices":
        devices.run(effect);
        return;
      case "start-media":
        // The link itself may ask to hide addresses, whatever the other page says.
        calls.run({ ...effect, session: SESSION, relayOnly: effect.relayOnly || opened().invite.relayOnly });
        return;
      case "signal-media":
      case "stop-media":
        calls.run(effect);
        return;
      case "check-link":
        void opened().check();
        return;
      case "knock":
        void opened().knock(effect);
        fetchCallAhead();
        return;
      case "resume":
        void opened().resume();
        return;
      case "send":
        session?.send(effect.message);
        return;
      case "remember":
        session?.remember(effect.note);
        return;
      case "request-epoch":
        session?.requestEpoch();
        return;
      case "check-relay":
        session?.checkRelay();
        return;
      case "suspend":
        session?.suspend();
        return;
      case "drop-session":
        calls.forget(SESSION);
        void session?.drop();
        return;
      case "leave":
        calls.forget(SESSION);
        void session?.leave(effect.keepLink);
        return;
      case "close":
        calls.forget(SESSION);
        void session?.forget();
        return;
      case "forget":
        calls.forget(SESSION);
        void session?.leave(false).then(() => loop.dispatch({ type: "forgotten" }));
        return;
      case "reload":
        location.reload();
        return;
    }
  }

  const loop = createLoop(INITIAL_PATIENT, reducePatient, run, Date.now);
  effect(() => {
    const { call } = loop.state.value;
    session?.callStands(call?.phase === "live");
  });

  async function start(): Promise<void> {
    const { missing } = checkSupport();
    // The link stays in the address bar: it has to be opened in another browser.
    if (missing.length > 0) {
      loop.dispatch({ type: "started", missing, link: null, problem: null, knock: null });
      return;
    }
    const link = await openPatientLink({
      random: systemRandom,
      onGuest(event) {
        // Keys go past the state, which never holds one.
        if (event.type === "epoch") void calls.epoch(SESSION, event.epoch);
        if (event.type === "forgotten") calls.forget(SESSION);
        loop.dispatch({ type: "guest", event });
      },
      onRefused: (problem) => loop.dispatch({ type: "refused-early", problem }),
    });
    session = link.session;
    loop.dispatch({ type: "started", missing, ...link.facts });
    // Nothing waits for it, and nothing is missing where it does not come.
    session
      ?.look()
      .then((look) => loop.dispatch({ type: "look", look }))
      .catch(() => undefined);
  }

  void start();
  return loop;
}
