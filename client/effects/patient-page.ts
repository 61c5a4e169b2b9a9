/** The patient's page: its loop, and the one place that runs its effects. */
import { effect } from "@preact/signals";
import { checkSupport } from "../media/support.ts";
import { createLoop, type Loop } from "../state/loop.ts";
import { INITIAL_PATIENT } from "../state/patient.ts";
import type { PatientEffect, PatientEvent, PatientModel } from "../state/patient-events.ts";
import { systemRandom } from "../transport/sodium.ts";
import { fetchCallAhead, loadCallMedia } from "./call-code.ts";
import { createCallRunner } from "./call-runner.ts";
import { createLocalDevices } from "./local-devices.ts";
import { openPatientLink, type PatientSession } from "./patient-session.ts";
import { createPatientTrail } from "./patient-trail.ts";

/** One page has one session at a time, so its keys need no other name. */
const SESSION = "this";

/** Kept while something that goes on record is to be sent with the next visit. */
const UNSENT = "quietroom-unsent";

/** Begins at once; the first state is `loading`. */
export function openPatientPage(): Loop<PatientModel, PatientEvent> {
  let session: PatientSession | null = null;
  const opened = (): PatientSession => {
    if (session === null) throw new Error("no link was read");
    return session;
  };

  const trail = createPatientTrail({
    session: opened,
    unsent: UNSENT,
    onStatus: (status) => loop.dispatch({ type: "trail", status }),
  });
  /** What it says last is said, and sent, first. */
  function end(how: (session: PatientSession | null) => Promise<void> | undefined): void {
    calls.forget(SESSION);
    trail.after(() => void how(session));
    trail.with((audit) => audit.finish());
  }

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
        // The try before it ends with what it says last: an end that came later would end this one.
        trail.after(() => void opened().knock(effect));
        fetchCallAhead();
        return;
      case "resume":
        void opened().resume();
        return;
      case "record":
      case "compare-log":
        trail.with((audit) => audit.run(effect));
        return;
      case "send":
        trail.after(() => session?.send(effect.message));
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
        trail.after(() => session?.suspend());
        return;
      case "drop-session":
        end((mine) => mine?.drop());
        return;
      case "leave":
        end((mine) => mine?.leave(effect.keepLink));
        return;
      case "close":
        end((mine) => mine?.forget());
        return;
      case "forget":
        end(async (mine) => {
          await mine?.leave(false);
          await trail.flushed();
          loop.dispatch({ type: "forgotten" });
        });
        return;
      case "reload":
        location.reload();
        return;
    }
  }

  const loop = createLoop(INITIAL_PATIENT, trail.reduce, run, Date.now);
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
        // Keys and secrets go past the state, which never holds one.
        if (event.type === "placed") {
          trail.with((audit) => audit.begin(event));
          return;
        }
        if (event.type === "epoch") void calls.epoch(SESSION, event.epoch);
        if (event.type === "forgotten") calls.forget(SESSION);
        loop.dispatch({ type: "guest", event });
      },
      onRefused: (problem) => loop.dispatch({ type: "refused-early", problem }),
    });
    session = link.session;
    loop.dispatch({ type: "started", missing, ...link.facts });
    // An earlier visit may have been cut off before all that goes on record was sent.
    if (marks()?.getItem(UNSENT) != null) trail.with((audit) => audit.sendLeftovers());
    // Nothing waits for it, and nothing is missing where it does not come.
    session
      ?.look()
      .then((look) => loop.dispatch({ type: "look", look }))
      .catch(() => undefined);
  }

  void start();
  return loop;
}

/** `null` in a browser that lets nothing be kept. */
function marks(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
