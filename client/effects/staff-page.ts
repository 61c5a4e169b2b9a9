/** The staff pages: their loop, and the one place that runs their effects. */
import { effect } from "@preact/signals";
import { playTestTone } from "../media/speaker.ts";
import { checkSupport } from "../media/support.ts";
import { createLoop, type Loop } from "../state/loop.ts";
import { INITIAL_STAFF, reduceStaff } from "../state/staff.ts";
import type { StaffEffect, StaffEvent, StaffModel, StaffTask } from "../state/staff-events.ts";
import { ApiError } from "../transport/api.ts";
import type { HostEvent, SessionKey } from "../transport/types.ts";
import { fetchCallAhead, loadCallMedia } from "./call-code.ts";
import { createCallRunner, type IceGrant } from "./call-runner.ts";
import { createLocalDevices } from "./local-devices.ts";
import { createAdminRunner } from "./staff-admin.ts";
import { isSignedOut, openStaffDesk, type StaffDesk, staffProblem } from "./staff-desk.ts";
import { type InviteTasks, isInviteEffect, runInviteEffect } from "./staff-invites.ts";

const CHIME_GAP_MS = 4_000;

/** Begins at once; the first state is `loading`. */
export function openStaffPage(): Loop<StaffModel, StaffEvent> {
  let desk: StaffDesk | null = null;
  let chimed = Number.NEGATIVE_INFINITY;
  const opened = (): StaffDesk => {
    if (desk === null) throw new Error("the vault is not open");
    return desk;
  };
  /** Null when closed, or not open yet: the effect comes from a desk that is gone. */
  const host = () => desk?.host ?? null;
  const openHost = () => {
    const transport = host();
    if (transport === null) throw new ApiError("OFFLINE");
    return transport;
  };

  const devices = createLocalDevices({
    emit: (current) => loop.dispatch({ type: "devices", devices: current }),
    onTrack: (kind, track) => calls.replaceTrack(kind, track),
  });
  /** The relay's answer to an admission holds TURN credentials: the call's first ones, so that it asks for none. */
  let granted: { readonly session: SessionKey; readonly ice: IceGrant } | null = null;
  async function ice(session: SessionKey): Promise<IceGrant> {
    const first = granted;
    granted = null;
    return first?.session === session ? first.ice : openHost().ice(session);
  }

  const calls = createCallRunner({
    sodium: () => opened().sodium,
    createCallMedia: loadCallMedia,
    ice,
    localStream: devices.stream,
    emit: (number, event) => loop.dispatch({ type: "media", number, event }),
  });

  const admin = createAdminRunner((event) => loop.dispatch({ type: "admin", event }));

  /** What fails is said once, in the words of the task; a sign-in that ran out leads back to the door. */
  function attempt(what: StaffTask, work: () => Promise<StaffEvent | null>): void {
    work().then(
      (event) => event && loop.dispatch(event),
      (error: unknown) =>
        loop.dispatch(
          isSignedOut(error)
            ? { type: "host", event: { type: "ended", reason: "SIGN-IN-REQUIRED" } }
            : { type: "failed", what, problem: staffProblem(error) },
        ),
    );
  }

  const inviteTasks: InviteTasks = { attempt, book: () => opened().invites, host };

  function onHost(event: HostEvent): void {
    // Keys go past the state, which never holds one.
    if (event.type === "epoch") void calls.epoch(event.session, event.epoch);
    if (event.type === "gone") calls.forget(event.session);
    loop.dispatch({ type: "host", event });
  }

  function run(effect: StaffEffect): void {
    switch (effect.type) {
      case "device":
      case "toggle-device":
      case "release-devices":
        devices.run(effect);
        return;
      case "start-media":
      case "signal-media":
      case "stop-media":
        calls.run(effect);
        return;
      case "open-desk":
        opened().open(onHost);
        fetchCallAhead();
        return;
      case "close-desk":
        desk?.close();
        return;
      case "take-over":
        host()?.takeOver();
        return;
      case "send":
        host()?.send(effect.session, effect.message);
        return;
      case "remember":
        host()?.remember(effect.session, effect.note);
        return;
      case "end-session":
        void host()?.end(effect.session, effect.goodbye);
        return;
      case "rekey":
        host()?.rekey(effect.session);
        return;
      case "check-relay":
        desk?.checkRelay();
        return;
      case "chime":
        // One for all who come within a breath: nobody can make her page ring without end.
        if (performance.now() - chimed < CHIME_GAP_MS) return;
        chimed = performance.now();
        // Browsers keep a page silent that nobody has clicked; the card is there all the same.
        playTestTone(null).catch(() => undefined);
        return;
      case "admin":
        admin.run(effect.effect);
        return;
      case "reload":
        location.reload();
        return;
      default:
        if (isInviteEffect(effect)) runInviteEffect(inviteTasks, effect);
        else runTask(effect);
    }
  }

  function runTask(effect: TaskEffect): void {
    switch (effect.type) {
      case "sign-in":
        attempt("sign-in", async () => {
          // The vault may have been locked away when the page started: a full disk, a private window.
          desk ??= await openStaffDesk();
          const { turn } = await desk.accounts.signIn(effect.code);
          return { type: "signed-in", account: { turn }, name: await desk.name() };
        });
        return;
      case "sign-out":
        attempt("sign-out", async () => {
          await opened().accounts.signOut();
          return { type: "signed-out" };
        });
        return;
      case "introduce":
        attempt("introduce", async () => {
          await opened().introduce(effect.name);
          return { type: "introduced", name: effect.name };
        });
        return;
      case "admit":
        attempt("admit", async () => {
          granted = { session: effect.session, ice: await openHost().admit(effect.session) };
          return { type: "admitted", session: effect.session };
        });
        return;
    }
  }

  const loop = createLoop(INITIAL_STAFF, reduceStaff, run, Date.now);
  effect(() => {
    const { call } = loop.state.value;
    host()?.callStands(call?.phase === "live" ? call.session : null);
  });

  attempt("start", async () => {
    const { missing } = checkSupport();
    if (missing.length > 0) return { type: "started", missing, account: null, name: null };
    desk = await openStaffDesk();
    const account = await desk.accounts.current();
    return { type: "started", missing, account, name: account === null ? null : await desk.name() };
  });
  return loop;
}

type TaskEffect = Extract<
  StaffEffect,
  {
    type: "sign-in" | "sign-out" | "introduce" | "admit";
  }
>;
