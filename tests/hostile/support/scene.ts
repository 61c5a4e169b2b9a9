/** A therapist's desk and a patient's visit at a relay that misbehaves, as far as a test wants them. */
import type { InviteForm } from "../../../client/identity/invites.ts";
import type { GuestMessage, HostMessage } from "../../../client/transport/messages.ts";
import type { Timings } from "../../../client/transport/timings.ts";
import type { HostEvent } from "../../../client/transport/types.ts";
import { ADMIT } from "../../client/fixtures.ts";
import {
  type Desk,
  FAST,
  networkTo,
  openDesk,
  openVisit,
  type Patient,
  patientWith,
  signInTherapist,
  type Therapist,
  type Visit,
} from "../../client/support/people.ts";
import { type HostileRelay, startHostileRelay } from "../../support/hostile-relay.ts";
import type { InProcessOptions, Scope } from "../../support/relay.ts";
import { limits } from "./limits.ts";

export interface Scene {
  readonly hostile: HostileRelay;
  readonly therapist: Therapist;
  readonly desk: Desk;
  /** The fragment of her link. */
  readonly fragment: string;
}

export interface SceneOptions {
  readonly invite?: Partial<InviteForm>;
  readonly timings?: Partial<Timings>;
  readonly relay?: InProcessOptions;
}

/** A desk and an invite; everything is honest so far. */
export async function openScene(scope: Scope, options: SceneOptions = {}): Promise<Scene> {
  const hostile = await startHostileRelay(scope, { limits, ...options.relay });
  const therapist = await signInTherapist(hostile);
  const fragment = await therapist.invite(options.invite);
  const desk = await openDesk(scope, therapist, networkTo(hostile, { ...FAST, ...options.timings }));
  await desk.log.until("the relay", (event) => event.type === "relay" && event.state === "online");
  return { hostile, therapist, desk, fragment };
}

export interface Met extends Scene {
  readonly patient: Patient;
  readonly visit: Visit;
  readonly session: string;
}

/** The patient's link, opened. */
export function visit(
  scope: Scope,
  { hostile, fragment }: Scene,
  options: SceneOptions & { readonly passcode?: string } = {},
): Visit & { readonly patient: Patient } {
  const patient = patientWith(hostile, fragment);
  const network = networkTo(hostile, { ...FAST, ...options.timings });
  return { ...openVisit(scope, patient, network, options.passcode ?? null), patient };
}

/** Both ends know each other, and her card shows. */
export async function meet(scope: Scope, options: SceneOptions = {}): Promise<Met> {
  const scene = await openScene(scope, options);
  const { patient, ...opened } = visit(scope, scene, options);
  const { session } = await opened.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  await scene.desk.log.until(
    "the card",
    (event) => event.type === "knock" && event.knock.session === session,
  );
  opened.transport.send(PROFILE);
  await scene.desk.log.until("her profile", (event) => event.type === "message");
  return { ...scene, patient, visit: opened, session };
}

/** And she was admitted; both have keys to send with. */
export async function call(scope: Scope, options: SceneOptions = {}): Promise<Met> {
  const met = await meet(scope, options);
  await admit(met);
  return met;
}

export async function admit({ desk, visit, session }: Met): Promise<void> {
  await desk.transport.admit(session);
  desk.transport.send(session, ADMIT);
  await visit.log.until("admission", (event) => event.type === "message" && event.message.t === "admit");
  const switched = (event: { readonly type: string; readonly epoch?: { readonly type: string } }) =>
    event.type === "epoch" && event.epoch?.type === "switch-send";
  await Promise.all([visit.log.until("her keys", switched), desk.log.until("his keys", switched)]);
}

export const PROFILE: GuestMessage = {
  t: "profile",
  name: "Ada",
  microphone: true,
  camera: true,
  call: 0,
  matched: false,
};

export const knocks = (desk: Desk): number => desk.log.events.filter(({ type }) => type === "knock").length;

export const saw = (desk: Desk, type: HostEvent["type"]): boolean =>
  desk.log.events.some((event) => event.type === type);

let told = 0;
/** A word goes each way and arrives: both ends still have their session, with the keys they had. */
export async function stillTalk({ desk, visit, session }: Met): Promise<void> {
  told += 1;
  const candidate = { candidate: `note ${told}`, sdpMid: null, sdpMLineIndex: null };
  const note = { t: "signal", call: 1, signal: { type: "candidate", candidate } } as const;
  const is = (message: GuestMessage | HostMessage) =>
    message.t === "signal" &&
    message.signal.type === "candidate" &&
    message.signal.candidate.candidate === candidate.candidate;
  const [here, there] = [desk.log.mark(), visit.log.mark()];
  visit.transport.send(note);
  desk.transport.send(session, note);
  await Promise.all([
    desk.log.until(
      "her word",
      (event) => event.type === "message" && event.session === session && is(event.message),
      here,
    ),
    visit.log.until("his word", (event) => event.type === "message" && is(event.message), there),
  ]);
}
