/** The staff pages: their loop, and the one place that runs their effects. */
import { effect } from "@preact/signals";
import { playTestTone } from "../media/speaker.ts";
import { checkSupport } from "../media/support.ts";
import { createLoop, type Loop } from "../state/loop.ts";
import { reduceStaff } from "../state/staff.ts";
import type { StaffEffect, StaffEvent, StaffModel, StaffTask } from "../state/staff-events.ts";
import { INITIAL_STAFF } from "../state/staff-initial.ts";
import { isSignedOut } from "../transport/access.ts";
import { ApiError } from "../transport/api.ts";
import { systemClock } from "../transport/clock.ts";
import type { HostEvent, SessionKey } from "../transport/types.ts";
import { accountProblem } from "./account-problem.ts";
import { fetchCallAhead, loadCallMedia } from "./call-code.ts";
import { createCallRunner, type IceGrant } from "./call-runner.ts";
import { createLocalDevices } from "./local-devices.ts";
import { createRecordGate } from "./record-gate.ts";
import { createAccountRunner } from "./staff-account.ts";
import { createAdminRunner } from "./staff-admin.ts";
import { openAuditPages } from "./staff-audit.ts";
import { type StaffDesk, staffProblem } from "./staff-desk.ts";
import { type InviteTasks, isInviteEffect, runInviteEffect } from "./staff-invites.ts";

const CHIME_GAP_MS = 4_000;
/** Rows come one by one. */
const RELIST_MS = 200;

/** Begins at once; the first state is `loading`. */
export function openStaffPage(): Loop<StaffModel, StaffEvent> {
  let chimed = Number.NEGATIVE_INFINITY;
  const account = createAccountRunner({
    emit: (event) => loop.dispatch({ type: "account", event }),
    session: () => loop.state.peek().call?.session ?? null,
    onTrail: (status) => loop.dispatch({ type: "trail", status }),
    onRows(kind) {
      if (kind !== "invite" || relisting) return;
      relisting = true;
      systemClock.after(RELIST_MS, listAgain);
    },
  });
  /** Another device made an invite, or a hundred: the desk answers them now, and the list shows them. */
  let relisting = false;
  function listAgain(): void {
    relisting = false;
    if (account.desk === null) return;
    host()?.refreshInvites();
    runInviteEffect(inviteTasks, { type: "list-invites" });
  }
  const gate = createRecordGate();
  const opened = (): StaffDesk => {
    // The effect comes from a desk that is gone.
    if (account.desk === null) throw new ApiError("SIGN-IN-REQUIRED");
    return account.desk;
  };
  /** Null when closed, or not open yet. */
  const host = () => account.desk?.host ?? null;
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

  const admin = createAdminRunner({
    api: account.api,
    origin: location.origin,
    emit: (event) => loop.dispatch({ type: "admin", event }),
    problemOf: accountProblem,
  });

  const audit = openAuditPages(account, (event) => loop.dispatch({ type: "audit", event }));

  /** What fails is said once, in the words of the task; that a sign-in is over was told by itself. */
  function attempt(what: StaffTask, work: () => Promise<StaffEvent | null>): void {
    work().then(
      (event) => event && loop.dispatch(event),
      (error: unknown) => {
        if (!isSignedOut(error)) loop.dispatch({ type: "failed", what, problem: staffProblem(error) });
      },
    );
  }

  const inviteTasks: InviteTasks = { attempt, book: () => opened().invites, host };

  function onHost(event: HostEvent): void {
    // Keys go past the state, which never holds one.
    if (event.type === "epoch") void calls.epoch(event.session, event.epoch);
    if (event.type === "gone") calls.forget(event.session);
    if (event.type === "relay" && event.state === "online") {
      account.sync();
      account.trail.refresh();
    }
    if (event.type === "ended" && event.reason === "SIGN-IN-REQUIRED") account.ended();
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
        account.desk?.close();
        return;
      case "take-over":
        host()?.takeOver();
        return;
      case "record":
        gate.write(() => account.trail.record(effect.happening));
        return;
      case "compare-log":
        account.trail.compare(effect.checkpoint);
        return;
      case "acknowledge-alarm":
        account.trail.acknowledge();
        return;
      case "send":
        gate.after(() => host()?.send(effect.session, effect.message));
        return;
      case "remember":
        host()?.remember(effect.session, effect.note);
        return;
      case "end-session":
        gate.after(() => void host()?.end(effect.session, effect.goodbye));
        return;
      case "rekey":
        host()?.rekey(effect.session);
        return;
      case "check-relay":
        account.desk?.checkRelay();
        return;
      case "chime":
        // One for all who come within a breath: nobody can make her page ring without end.
        if (performance.now() - chimed < CHIME_GAP_MS) return;
        chimed = performance.now();
        // Browsers keep a page silent that nobody has clicked; the card is there all the same.
        playTestTone(null).catch(() => undefined);
        return;
      case "account":
        account.run(effect.effect);
        return;
      case "admin":
        admin.run(effect.effect);
        return;
      case "audit":
        audit.run(effect.effect);
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
      case "introduce":
        attempt("introduce", async () => {
          await opened().introduce(effect.name);
          return { type: "introduced", name: effect.name };
        });
        return;
      case "admit":
        gate.after(() =>
          attempt("admit", async () => {
            granted = { session: effect.session, ice: await openHost().admit(effect.session) };
            return { type: "admitted", session: effect.session };
          }),
        );
        return;
    }
  }

  const loop = createLoop(INITIAL_STAFF, reduceStaff, run, Date.now);
  effect(() => {
    const { call } = loop.state.value;
    host()?.callStands(call?.phase === "live" ? call.session : null);
  });

  effect(() => account.call(loop.state.value.call !== null));

  const { missing } = checkSupport();
  if (missing.length > 0) loop.dispatch({ type: "unsupported", missing });
  else account.start();
  return loop;
}

type TaskEffect = Extract<
  StaffEffect,
  {
    type: "introduce" | "admit";
  }
>;
