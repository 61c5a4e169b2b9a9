/**
 * One whole session the way the app walks it, over pages that may be reloaded and a relay that may be killed under way:
 * a profile after every beginning, `waiting` or a new `admit` in answer, numbered notes both ways, a goodbye. What has
 * to hold whatever happens is checked here.
 */
import assert from "node:assert/strict";
import type { GuestMessage, HostMessage } from "../../../client/transport/messages.ts";
import type { Network } from "../../../client/transport/network.ts";
import type {
  GuestEvent,
  GuestTransport,
  HostEvent,
  HostTransport,
} from "../../../client/transport/types.ts";
import type { Patient, Therapist } from "./people.ts";

export interface WalkOptions {
  readonly therapist: Therapist;
  readonly patient: Patient;
  readonly passcode: string | null;
  readonly hostNetwork: Network;
  readonly guestNetwork: Network;
}

export interface Walk {
  /** From the opened link to the goodbye. */
  run(): Promise<void>;
  /** Something breaks now; the walk does not count on anything until it is over. */
  disturb(disturbance: () => Promise<void> | void): void;
  /** A page dies, whatever it was doing, and comes back with what it had stored. */
  reloadHost(): Promise<void>;
  reloadGuest(): void;
  readonly host: { readonly received: readonly number[]; readonly said: readonly number[] };
  readonly guest: { readonly received: readonly number[]; readonly said: readonly number[] };
  close(): void;
}

const NOTES = 3;
const TIMEOUT_MS = 30_000;
const DEVICES = { microphone: true, camera: true } as const;
const THERAPIST = "Dr. Okafor";

const note = (number: number): GuestMessage & HostMessage => ({
  t: "signal",
  call: 1,
  signal: { type: "candidate", candidate: { candidate: `${number}`, sdpMid: null, sdpMLineIndex: null } },
});

function numberIn(message: GuestMessage | HostMessage): number | null {
  if (message.t !== "signal" || message.signal.type !== "candidate") return null;
  return Number(message.signal.candidate.candidate);
}

/** What one page knows. A reload begins with a new one. */
interface Page<T> {
  readonly transport: T;
  session: string | null;
  /** Number of the peer connection that this page has. */
  call: number;
  /** The newest epoch to send media with, of this page's life. */
  sending: number;
  over: boolean;
}

const newPage = <T>(transport: T): Page<T> => ({
  transport,
  session: null,
  call: 0,
  sending: 0,
  over: false,
});

interface Waiter {
  readonly holds: () => boolean;
  readonly resolve: () => void;
}

export function createWalk(options: WalkOptions): Walk {
  const { therapist, patient } = options;
  const waiters = new Set<Waiter>();
  const trace: string[] = [];
  const host = { received: [] as number[], said: [] as number[] };
  const guest = { received: [] as number[], said: [] as number[] };
  /** What is read aloud, by session. */
  const words = { host: new Map<string, string>(), guest: new Map<string, string>() };
  let hostPage: Page<HostTransport> | null = null;
  let guestPage: Page<GuestTransport> | null = null;
  /** What she wants, and goes on wanting after a reload. */
  let wish: "nothing" | "admit" | "end" = "nothing";
  let admitted = false;
  let lastCall = 0;

  function changed(what: string): void {
    trace.push(what);
    for (const waiter of [...waiters]) {
      if (!waiter.holds()) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  }

  function when(what: string, holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`in vain: ${what}\n${trace.join("\n")}`)), TIMEOUT_MS);
      waiters.add({
        holds,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  // ---- the patient's app ----

  function openGuestPage(): void {
    const visit = patient.open(options.guestNetwork, options.passcode, (event) => onGuest(page, event));
    const page = newPage(visit);
    guestPage = page;
  }

  function onGuest(page: Page<GuestTransport>, event: GuestEvent): void {
    const profile = { t: "profile", name: "Ada", call: page.call, matched: false, ...DEVICES } as const;
    switch (event.type) {
      case "established":
        words.guest.set(event.session, event.sas.digits);
        page.session = event.session;
        page.transport.send(profile);
        break;
      case "forgotten":
        page.session = null;
        page.call = 0;
        break;
      case "host":
        if (event.here && page.session !== null) page.transport.send(profile);
        break;
      case "message":
        if (event.message.t === "admit") page.call = event.message.call;
        if (event.message.t === "end") page.over = true;
        receive(guest.received, event.message);
        break;
      case "epoch":
        if (event.epoch.type === "switch-send") page.sending = event.epoch.epoch;
        break;
      case "refused":
      case "ended":
        page.over = true;
        break;
    }
    changed(`guest ${JSON.stringify(event, hide)}`);
  }

  // ---- the therapist's app ----

  let disturbances = 0;
  let calm: Promise<void> = Promise.resolve();

  async function openHostPage(): Promise<void> {
    const transport = await therapist.open(options.hostNetwork, (event) => onHost(page, event));
    const page = newPage(transport);
    hostPage = page;
  }

  function onHost(page: Page<HostTransport>, event: HostEvent): void {
    switch (event.type) {
      case "knock":
        assert.equal(event.knock.restored, words.host.has(event.knock.session), "one new knock a session");
        words.host.set(event.knock.session, event.knock.sas.digits);
        page.session = event.knock.session;
        admitted = event.knock.admitted;
        lastCall = Math.max(lastCall, Number(event.knock.note ?? 0));
        break;
      case "gone":
        if (event.session === page.session) page.session = null;
        break;
      case "message":
        receive(host.received, event.message);
        if (event.message.t === "profile") onProfile(page, event.session, event.message.call);
        break;
      case "epoch":
        if (event.epoch.type === "switch-send") page.sending = event.epoch.epoch;
        break;
      case "relay":
      case "presence":
      case "strike":
      case "ended":
        break;
    }
    changed(`host ${JSON.stringify(event, hide)}`);
    pursue(page);
  }

  function onProfile(page: Page<HostTransport>, session: string, call: number): void {
    lastCall = Math.max(lastCall, call);
    if (!admitted) page.transport.send(session, { t: "waiting", therapist: THERAPIST });
    else if (page.call === 0 || call !== page.call) void beginCall(page, session);
  }

  /** Does what she wants as soon as it can be done. */
  function pursue(page: Page<HostTransport>): void {
    if (page !== hostPage || page.session === null) return;
    if (wish === "admit" && !admitted) void beginCall(page, page.session);
    if (wish === "end") void page.transport.end(page.session, { t: "end", reason: "ended" });
  }

  let admitting: Page<HostTransport> | null = null;
  async function beginCall(page: Page<HostTransport>, session: string): Promise<void> {
    if (admitting === page) return;
    admitting = page;
    try {
      await page.transport.admit(session);
      if (page !== hostPage || page.session !== session) return;
      admitted = true;
      lastCall += 1;
      page.call = lastCall;
      page.transport.remember(session, String(lastCall));
      const admit = {
        t: "admit",
        call: lastCall,
        relayOnly: false,
        therapist: THERAPIST,
        matched: false,
        ...DEVICES,
      } as const;
      page.transport.send(session, admit);
      changed("host admitted");
    } catch (error) {
      // The relay is away: pressed again at the next event.
      changed(`host could not admit: ${String(error)}`);
    } finally {
      if (admitting === page) admitting = null;
    }
  }

  // ---- both ----

  function receive(received: number[], message: GuestMessage | HostMessage): void {
    const number = numberIn(message);
    if (number === null) return;
    assert.ok(number > (received.at(-1) ?? 0), `note ${number} after ${received.join(" ")}`);
    received.push(number);
  }

  /** Both pages have the same peer connection, and keys of their own life to send with. */
  function steady(): boolean {
    if (hostPage === null || guestPage === null) return false;
    const calls = hostPage.call > 0 && hostPage.call === guestPage.call;
    return calls && hostPage.sending > 0 && guestPage.sending > 0;
  }

  const sayAsHost = async () => {
    await when("a session at the desk", () => hostPage?.session != null);
    const number = host.said.length + 1;
    host.said.push(number);
    if (hostPage?.session) hostPage.transport.send(hostPage.session, note(number));
  };
  const sayAsGuest = async () => {
    await when("a session at the patient's", () => guestPage?.session != null);
    const number = guest.said.length + 1;
    guest.said.push(number);
    guestPage?.transport.send(note(number));
  };

  /** A page that dies may take a message with it that it had just received; after that, not one may be missing. */
  async function exchangeLast(): Promise<void> {
    let before: number;
    do {
      await calm;
      await when("the call again", steady);
      before = disturbances;
      await Promise.all([sayAsHost(), sayAsGuest()]);
      const [fromHost, fromGuest] = [host.said.length, guest.said.length];
      const arrived = () => guest.received.at(-1) === fromHost && host.received.at(-1) === fromGuest;
      await when("the last notes", () => arrived() || disturbances !== before);
    } while (disturbances !== before);
  }

  return {
    host,
    guest,
    async run() {
      await openHostPage();
      openGuestPage();
      await sayAsGuest();
      await sayAsHost();
      wish = "admit";
      if (hostPage) pursue(hostPage);
      await when("the call", steady);
      for (let i = 0; i < NOTES; i++) await Promise.all([sayAsHost(), sayAsGuest()]);
      await exchangeLast();
      wish = "end";
      if (hostPage) pursue(hostPage);
      await when("the patient's end", () => guestPage?.over === true);
      await when("the desk's end", () => hostPage?.session === null);
      await calm;
      for (const [session, digits] of words.guest) assert.equal(words.host.get(session), digits);
    },
    disturb(disturbance) {
      disturbances += 1;
      // In a turn of its own: no page dies in the middle of a function.
      calm = new Promise((done, failed) => {
        setImmediate(() => void Promise.resolve(disturbance()).then(done, failed));
      });
      changed("DISTURBED");
    },
    async reloadHost() {
      hostPage?.transport.close();
      await openHostPage();
    },
    reloadGuest() {
      guestPage?.transport.close();
      openGuestPage();
    },
    close() {
      hostPage?.transport.close();
      guestPage?.transport.close();
    },
  };
}

/** Keys and words do not belong into a failed test's output. */
function hide(key: string, value: unknown): unknown {
  return key === "keys" || key === "sas" ? undefined : value;
}
