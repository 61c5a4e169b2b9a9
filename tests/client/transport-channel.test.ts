/** Two channels, a pipe between them that the test holds, and a clock that only the test moves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import sodium from "libsodium-wrappers";
import { type Channel, openChannel } from "../../client/transport/channel.ts";
import { FromGuest, FromHost } from "../../client/transport/epochs.ts";
import { MESSAGE_RATES } from "../../client/transport/message-rates.ts";
import { GuestMessage, HostMessage } from "../../client/transport/messages.ts";
import { systemRandom } from "../../client/transport/sodium.ts";
import type { ChannelFailure } from "../../client/transport/step.ts";
import { TIMINGS } from "../../client/transport/timings.ts";
import type { EpochEvent } from "../../client/transport/types.ts";
import { rootKey, sessionId } from "../../crypto/brands.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { acknowledgement, open, seal } from "../../crypto/envelope.ts";
import { decodeEnvelopeState } from "../../crypto/envelope-codec.ts";
import { createEnvelopeState, type EnvelopeState } from "../../crypto/envelope-state.ts";
import { type FakeClock, fakeClock, settle } from "./support/fake-clock.ts";

await sodium.ready;

const SESSION = sessionId(new Uint8Array(16).fill(9));
const stateOf = (role: "patient" | "therapist", root = 1): EnvelopeState =>
  createEnvelopeState(sodium, { role, session: SESSION, root: rootKey(new Uint8Array(32).fill(root)) });

interface End<In, Out> {
  readonly channel: Channel<Out>;
  readonly messages: In[];
  readonly epochs: EpochEvent[];
  readonly failures: ChannelFailure[];
  /** Frames that it has handed to its socket and the test has not passed on yet. */
  readonly sent: Bytes[];
  readonly stored: Bytes[];
  /** Instead of storing. */
  storing: (() => Promise<void>) | null;
  wanted: number;
  callStands: boolean;
}

function guestEnd(clock: FakeClock, state = stateOf("patient")): End<HostMessage, GuestMessage> {
  return endOf(clock, (shared) =>
    openChannel<HostMessage, GuestMessage>({ ...shared, state, incoming: FromHost, outgoing: GuestMessage }),
  );
}

function hostEnd(clock: FakeClock, state = stateOf("therapist")): End<GuestMessage, HostMessage> {
  return endOf(clock, (shared) =>
    openChannel<GuestMessage, HostMessage>({ ...shared, state, incoming: FromGuest, outgoing: HostMessage }),
  );
}

type Shared<In> = Pick<
  Parameters<typeof openChannel<In & { t: string }, { t: string }>>[0],
  | "sodium"
  | "random"
  | "clock"
  | "timings"
  | "store"
  | "transmit"
  | "onEpoch"
  | "onEpochWanted"
  | "onHeard"
  | "callStands"
  | "onFailed"
> & { readonly onMessage: (message: In) => void };

function endOf<In, Out>(clock: FakeClock, make: (shared: Shared<In>) => Channel<Out>): End<In, Out> {
  const end: Omit<End<In, Out>, "channel"> = {
    messages: [],
    epochs: [],
    failures: [],
    sent: [],
    stored: [],
    storing: null,
    wanted: 0,
    callStands: false,
  };
  const channel = make({
    sodium,
    random: systemRandom,
    clock,
    timings: TIMINGS,
    store: async (encoded) => {
      if (end.storing !== null) return end.storing();
      end.stored.push(encoded.slice());
    },
    transmit: (frame) => void end.sent.push(frame),
    onMessage: (message) => void end.messages.push(message),
    onEpoch: (event) => void end.epochs.push(event),
    onEpochWanted: () => {
      end.wanted += 1;
    },
    onHeard: () => {},
    callStands: () => end.callStands,
    onFailed: (failure) => void end.failures.push(failure),
  });
  return Object.assign(end, { channel });
}

/** Everything that is on the way arrives, and what comes of it too. */
async function flow(
  ...ends: [End<HostMessage, GuestMessage>, End<GuestMessage, HostMessage>]
): Promise<void> {
  const [guest, host] = ends;
  for (;;) {
    await settle();
    const up = guest.sent.splice(0);
    const down = host.sent.splice(0);
    if (up.length + down.length === 0) return;
    for (const frame of up) host.channel.receive(frame);
    for (const frame of down) guest.channel.receive(frame);
  }
}

function pair() {
  const clock = fakeClock();
  const guest = guestEnd(clock);
  const host = hostEnd(clock);
  guest.channel.link(true);
  host.channel.link(true);
  return { clock, guest, host };
}

const DEVICES = { t: "devices", microphone: true, camera: false } as const;
const CANDIDATE = {
  t: "signal",
  call: 1,
  signal: { type: "candidate", candidate: { candidate: "", sdpMid: "0", sdpMLineIndex: 0 } },
} as const;
const WAITING = { t: "waiting", therapist: "Dr. Okafor" } as const;
const devices = (microphone: boolean) => ({ t: "devices", microphone, camera: true }) as const;

test("what is said arrives, typed, and is acknowledged", async () => {
  const { guest, host } = pair();
  guest.channel.send(DEVICES);
  host.channel.send(WAITING);
  await flow(guest, host);
  assert.deepEqual(host.messages, [DEVICES]);
  assert.deepEqual(guest.messages, [WAITING]);
  assert.equal(await guest.channel.drained(1), true);
  assert.equal(await host.channel.drained(1), true);
});

test("nothing is sent, delivered or acknowledged before it is stored", async () => {
  const { guest, host } = pair();
  await flow(guest, host);
  const gate = Promise.withResolvers<void>();
  guest.storing = () => gate.promise;
  guest.channel.send(DEVICES);
  host.channel.send(WAITING);
  await settle();
  for (const frame of host.sent.splice(0)) guest.channel.receive(frame);
  await settle();
  assert.deepEqual(guest.sent, []);
  assert.deepEqual(guest.messages, []);
  guest.storing = null;
  gate.resolve();
  await flow(guest, host);
  assert.deepEqual(guest.messages, [WAITING]);
  assert.deepEqual(host.messages, [DEVICES]);
});

test("what is sent together is stored once", async () => {
  const { guest, host } = pair();
  await flow(guest, host);
  guest.stored.length = 0;
  for (let i = 0; i < 20; i++) guest.channel.send(DEVICES);
  await settle();
  assert.equal(guest.stored.length, 1);
  await flow(guest, host);
  assert.equal(host.messages.length, 20);
});

test("what was stored is enough to go on from: nothing is lost, nothing comes twice", async () => {
  const { clock, guest, host } = pair();
  guest.channel.send(devices(true));
  await settle();
  guest.sent.length = 0;
  guest.channel.close();
  const restored = guestEnd(clock, decodeEnvelopeState(sodium, guest.stored.at(-1) ?? new Uint8Array(0)));
  restored.channel.link(true);
  host.channel.link(true);
  restored.channel.send(devices(false));
  await flow(restored, host);
  assert.deepEqual(host.messages, [devices(true), devices(false)]);
});

test("frames that get lost are sent again, later and later, until they are acknowledged", async () => {
  const { clock, guest, host } = pair();
  await flow(guest, host);
  guest.channel.send(DEVICES);
  await settle();
  const [first] = guest.sent.splice(0);
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    const wait = clock.next() ?? 0;
    await clock.advance(wait);
    waits.push(wait);
    assert.deepEqual(guest.sent.splice(0), [first], "byte for byte");
  }
  assert.deepEqual(waits, [2000, 4000, 8000, 15_000, 15_000, 15_000]);
  assert.ok(first);
  host.channel.receive(first);
  await flow(guest, host);
  assert.equal(clock.pending(), 0);
  assert.equal(host.messages.length, 1);
});

test("a stream of new messages does not put off the repetition of a lost one", async () => {
  const { clock, guest, host } = pair();
  await flow(guest, host);
  guest.channel.send(DEVICES);
  await settle();
  const [lost] = guest.sent.splice(0);
  for (let i = 0; i < 3; i++) {
    await clock.advance(900);
    guest.channel.send(DEVICES);
    await settle();
  }
  assert.ok(guest.sent.some((frame) => frame === lost));
});

test("while either socket is away nothing is sent; on every new connection all of it is, in order", async () => {
  const { clock, guest, host } = pair();
  await flow(guest, host);
  guest.channel.link(false);
  guest.channel.send(devices(true));
  guest.channel.send(devices(false));
  await clock.advance(60_000);
  assert.deepEqual(guest.sent, []);
  guest.channel.link(true);
  await flow(guest, host);
  assert.deepEqual(host.messages, [devices(true), devices(false)]);
});

test("duplicates, reordering and gaps change nothing", async () => {
  const { clock, guest, host } = pair();
  await flow(guest, host);
  for (let i = 0; i < 10; i++) guest.channel.send(devices(i % 2 === 0));
  await settle();
  const frames = guest.sent.splice(0);
  for (const frame of [...frames].reverse()) host.channel.receive(frame);
  for (const frame of frames) host.channel.receive(frame);
  for (const frame of frames) host.channel.receive(frame);
  await settle();
  await clock.advance(2_000);
  await flow(guest, host);
  assert.deepEqual(
    host.messages,
    Array.from({ length: 10 }, (_, i) => devices(i % 2 === 0)),
  );
});

test("only a window of frames is on the way at once, the rest follows as they are acknowledged", async () => {
  const { guest, host } = pair();
  await flow(guest, host);
  for (let i = 0; i < 150; i++) guest.channel.send(CANDIDATE);
  await settle();
  assert.equal(guest.sent.length, 64);
  await flow(guest, host);
  assert.equal(host.messages.length, 150);
});

test("bits that were turned, and frames of another session, are as if they had never come", async () => {
  const { guest, host } = pair();
  await flow(guest, host);
  guest.channel.send(DEVICES);
  await settle();
  const [frame] = guest.sent.splice(0);
  assert.ok(frame);
  for (let bit = 0; bit < frame.length * 8; bit += 5) {
    const bent = frame.slice();
    bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    host.channel.receive(bent);
    // Few at a time: a burst of frames is cut off.
    if (bit % 40 === 0) await settle();
  }
  for (const length of [0, 1, 13, 60, frame.length - 1]) host.channel.receive(frame.subarray(0, length));
  const stranger = seal(sodium, systemRandom, stateOf("patient", 2), new Uint8Array(4)).frame;
  host.channel.receive(stranger);
  await settle();
  assert.deepEqual([host.messages, host.failures, host.sent], [[], [], []]);
});

test("an authenticated message that is none of the protocol ends the session", async () => {
  for (const body of [
    "",
    "{",
    "[]",
    '{"t":"admit"}',
    '{"t":"devices","microphone":true,"camera":true,"x":1}',
  ]) {
    const { host } = pair();
    const frame = seal(sodium, systemRandom, stateOf("patient"), new TextEncoder().encode(body)).frame;
    host.channel.receive(frame);
    await settle();
    assert.deepEqual(host.failures, ["violation"], body);
    host.channel.receive(frame);
    host.channel.send(WAITING);
    await settle();
    assert.equal(host.failures.length, 1);
  }
});

test("what came before a broken message is still delivered", async () => {
  const { host } = pair();
  let state = stateOf("patient");
  for (const body of [JSON.stringify(DEVICES), "nonsense", JSON.stringify(DEVICES)]) {
    const sealed = seal(sodium, systemRandom, state, new TextEncoder().encode(body));
    state = sealed.state;
    host.channel.receive(sealed.frame);
  }
  await settle();
  assert.deepEqual(host.messages, [DEVICES]);
  assert.deepEqual(host.failures, ["violation"]);
});

test("a state that the other side has outrun is noticed", async () => {
  const { clock, guest, host } = pair();
  host.channel.send(WAITING);
  await flow(guest, host);
  // The desk is put back to before it said anything; the guest acknowledges what this desk never sent.
  const rolledBack = hostEnd(clock);
  guest.channel.send(DEVICES);
  await settle();
  for (const frame of guest.sent.splice(0)) rolledBack.channel.receive(frame);
  await settle();
  assert.deepEqual(rolledBack.failures, ["mismatch"]);
});

test("an epoch that this side never heard of is noticed when nothing else arrives for long", async () => {
  const { clock, guest, host } = pair();
  const stale = guestEnd(clock);
  host.channel.rekey();
  await flow(guest, host);
  host.channel.send(WAITING);
  await settle();
  const [ahead] = host.sent.splice(0);
  assert.ok(ahead);
  stale.channel.receive(ahead);
  await clock.advance(TIMINGS.mismatchMs - 1);
  stale.channel.receive(ahead);
  await settle();
  assert.deepEqual(stale.failures, []);
  await clock.advance(1);
  stale.channel.receive(ahead);
  await clock.advance(0);
  assert.deepEqual(stale.failures, ["mismatch"]);
});

test("while a call stands, envelopes of no known epoch end nothing, however long they come", async () => {
  const { clock, guest, host } = pair();
  const stale = guestEnd(clock);
  stale.callStands = true;
  host.channel.rekey();
  await flow(guest, host);
  host.channel.send(WAITING);
  await settle();
  const [ahead] = host.sent.splice(0);
  assert.ok(ahead);
  for (let times = 0; times < 5; times++) {
    stale.channel.receive(ahead);
    await clock.advance(TIMINGS.mismatchMs);
  }
  assert.deepEqual(stale.failures, []);
  // When its path is lost, the time begins.
  stale.callStands = false;
  stale.channel.receive(ahead);
  await clock.advance(TIMINGS.mismatchMs - 1);
  assert.deepEqual(stale.failures, []);
  await clock.advance(1);
  stale.channel.receive(ahead);
  await clock.advance(0);
  assert.deepEqual(stale.failures, ["mismatch"]);
});

/** What a guest seals that keeps to no rule of ours. */
async function flood(
  host: End<GuestMessage, HostMessage>,
  messages: readonly object[],
  clock?: FakeClock,
  everyMs = 0,
): Promise<void> {
  let state = stateOf("patient");
  for (const [index, message] of messages.entries()) {
    const body = new TextEncoder().encode(JSON.stringify(message));
    const sealed = seal(sodium, systemRandom, { ...state, unacknowledged: [] }, body);
    state = sealed.state;
    host.channel.receive(sealed.frame);
    if (clock !== undefined) await clock.advance(everyMs);
    if (index % 50 === 0) await settle();
  }
  await settle();
}

test("each kind of message has its own rate, and what one kind uses up the others keep", async () => {
  const profile = { t: "profile", name: "Ada", microphone: true, camera: true, call: 0, matched: false };
  const renegotiate = { t: "signal", call: 1, signal: { type: "renegotiate", restart: true } };
  const offer = { t: "signal", call: 1, signal: { type: "offer", sdp: "v=0" } };
  const said = [
    [profile, "profile"],
    [{ t: "verified" }, "verified"],
    [{ t: "epoch-please" }, "epoch-please"],
    [renegotiate, "renegotiate"],
    [offer, "offer"],
    [CANDIDATE, "candidate"],
    [DEVICES, "devices"],
  ] as const;
  for (const [message, kind] of said) {
    const { burst, perSecond } = MESSAGE_RATES[kind];
    const most = pair();
    await flood(most.host, [...Array(burst).fill(message), { t: "leave" }]);
    assert.deepEqual(most.host.failures, [], kind);
    const many = pair();
    await flood(many.host, Array(burst + 1).fill(message));
    assert.deepEqual(many.host.failures, ["flood"], kind);
    // For as long as anybody likes, at the rate; and not a little faster.
    const slow = pair();
    await flood(slow.host, Array(3 * burst).fill(message), slow.clock, 1_000 / perSecond);
    assert.deepEqual(slow.host.failures, [], kind);
    const fast = pair();
    await flood(fast.host, Array(8 * burst).fill(message), fast.clock, 800 / perSecond);
    assert.deepEqual(fast.host.failures, ["flood"], kind);
  }
});

test("a flood of messages ends the session, a flood of frames is only cut off", async () => {
  const { guest, host } = pair();
  await flow(guest, host);
  // Several kinds, none of which is too much alone.
  await flood(host, [...Array(200).fill(CANDIDATE), ...Array(64).fill(DEVICES)]);
  assert.deepEqual(host.failures, ["flood"]);
  assert.equal(host.messages.length, 256);

  const other = pair();
  for (let i = 0; i < 5_000; i++) {
    other.host.channel.receive(acknowledgement(sodium, systemRandom, stateOf("patient")));
    if (i % 200 === 0) await settle();
  }
  await settle();
  assert.deepEqual(other.host.failures, []);
});

test("more than can be kept for somebody who is away ends the session", async () => {
  const { guest } = pair();
  guest.channel.link(false);
  for (let i = 0; i < 256; i++) guest.channel.send(DEVICES);
  await settle();
  assert.deepEqual(guest.failures, []);
  guest.channel.send(DEVICES);
  await settle();
  assert.deepEqual(guest.failures, ["overflow"]);
});

test("storage that fails is tried again, and then ends the session without having sent anything", async () => {
  const { clock, guest, host } = pair();
  await flow(guest, host);
  let attempts = 0;
  guest.storing = async () => {
    attempts += 1;
    if (attempts < 3) throw new Error("full");
  };
  guest.channel.send(DEVICES);
  await clock.advance(1_000);
  assert.equal(attempts, 3);
  await flow(guest, host);
  assert.deepEqual(host.messages, [DEVICES]);
  guest.storing = () => Promise.reject(new Error("full"));
  guest.channel.send(DEVICES);
  await clock.advance(2_000);
  assert.deepEqual(guest.failures, ["storage"]);
  assert.deepEqual(guest.sent, []);
});

test("a message that the other side would refuse does not leave", () => {
  const { guest } = pair();
  assert.throws(
    () => guest.channel.send({ ...DEVICES, t: "profile", name: "\u202e", call: 0, matched: false }),
    RangeError,
  );
  assert.throws(
    () => guest.channel.send({ t: "signal", call: 1, signal: { type: "offer", sdp: "x".repeat(40_000) } }),
    RangeError,
  );
});

test("waiting for acknowledgements ends with the time, or with the channel", async () => {
  const { clock, guest } = pair();
  guest.channel.send(DEVICES);
  const late = guest.channel.drained(500);
  await clock.advance(500);
  assert.equal(await late, false);
  const closed = guest.channel.drained(500);
  guest.channel.close();
  assert.equal(await closed, false);
  assert.equal(clock.pending(), 0);
});

test("closing wipes the keys, and a store that is under way brings nothing back", async () => {
  const state = stateOf("patient");
  const clock = fakeClock();
  const guest = guestEnd(clock, state);
  const gate = Promise.withResolvers<void>();
  guest.storing = () => gate.promise;
  guest.channel.link(true);
  guest.sent.length = 0;
  guest.channel.send(DEVICES);
  await settle();
  guest.channel.close();
  gate.resolve();
  await settle();
  assert.deepEqual(guest.sent, []);
  assert.ok([state.epochs.root, state.send.key].every((key) => key.every((byte) => byte === 0)));
});

// ---- epochs ----------------------------------------------------------------------------------------------------

const types = (events: readonly EpochEvent[]) => events.map(({ type }) => type);

test("a new epoch: both sides install before the other switches, and forget five seconds after", async () => {
  const { clock, guest, host } = pair();
  host.channel.rekey();
  await flow(guest, host);
  assert.deepEqual(types(guest.epochs), ["install-receive", "switch-send"]);
  assert.deepEqual(types(host.epochs), ["install-receive", "switch-send"]);
  const [ofGuest] = guest.epochs;
  const [ofHost] = host.epochs;
  assert.ok(ofGuest?.type === "install-receive" && ofHost?.type === "install-receive");
  assert.equal(ofGuest.keys.epoch, 1);
  assert.deepEqual(ofGuest.keys.send, ofHost.keys.receive);
  assert.deepEqual(ofGuest.keys.receive, ofHost.keys.send);
  await clock.advance(TIMINGS.forgetMs - 1);
  assert.equal(guest.epochs.length + host.epochs.length, 4);
  await clock.advance(1);
  for (const { epochs } of [guest, host]) assert.deepEqual(epochs[2], { type: "forget-before", epoch: 1 });
});

test("asking twice for a new epoch while one is on offer gives one", async () => {
  const { guest, host } = pair();
  host.channel.rekey();
  host.channel.rekey();
  await flow(guest, host);
  assert.equal(host.epochs.filter(({ type }) => type === "switch-send").length, 1);
});

test("an epoch that falls due while the relay is away waits for it, and the old one serves until then", async () => {
  const { clock, guest, host } = pair();
  host.channel.rekey();
  await flow(guest, host);
  await clock.advance(TIMINGS.forgetMs);
  const [before] = [guest.epochs.length + host.epochs.length];
  guest.channel.link(false);
  host.channel.link(false);
  host.sent.length = guest.sent.length = 0;
  // Due again and again, as by the clock.
  for (let minute = 0; minute < 60; minute += 10) {
    host.channel.rekey();
    guest.channel.send(devices(minute % 20 === 0));
    await clock.advance(600_000);
  }
  await settle();
  assert.equal(guest.epochs.length + host.epochs.length, before, "no key is switched to or forgotten");
  assert.equal(host.sent.length + guest.sent.length, 0);
  guest.channel.link(true);
  host.channel.link(true);
  await flow(guest, host);
  for (const end of [guest, host])
    assert.deepEqual(
      end.epochs.filter((event) => event.type === "switch-send").map(({ epoch }) => epoch),
      [1, 2],
    );
  assert.equal(host.messages.length, 6);
  assert.deepEqual([guest.failures, host.failures], [[], []]);
});

test("the guest asks, the host decides", async () => {
  const { guest, host } = pair();
  guest.channel.requestEpoch();
  await flow(guest, host);
  assert.equal(host.wanted, 1);
  assert.deepEqual(guest.epochs, []);
});

test("messages go on through a hundred epochs, both ways and under way", async () => {
  const { clock, guest, host } = pair();
  for (let i = 0; i < 100; i++) {
    await clock.advance(2_000);
    host.channel.rekey();
    host.channel.send(WAITING);
    guest.channel.send(DEVICES);
    await flow(guest, host);
  }
  assert.equal(guest.messages.length, 100);
  assert.equal(host.messages.length, 100);
  const sent = host.epochs.flatMap((event) =>
    event.type === "install-receive" ? [event.keys.send.join()] : [],
  );
  assert.equal(new Set(sent).size, 100);
});

test("an epoch that was answered before a reload gives the reloaded page no media keys; the next one does", async () => {
  const { clock, guest, host } = pair();
  host.channel.rekey();
  await settle();
  for (const frame of host.sent.splice(0)) guest.channel.receive(frame);
  await settle();
  assert.deepEqual(types(guest.epochs), ["install-receive"]);
  guest.channel.close();
  const reloaded = guestEnd(clock, decodeEnvelopeState(sodium, guest.stored.at(-1) ?? new Uint8Array(0)));
  reloaded.channel.link(true);
  reloaded.channel.requestEpoch();
  host.channel.link(true);
  await flow(reloaded, host);
  assert.deepEqual(types(reloaded.epochs), []);
  assert.equal(host.wanted, 1);
  host.channel.rekey();
  await flow(reloaded, host);
  assert.deepEqual(types(reloaded.epochs), ["install-receive", "switch-send"]);
  assert.ok(reloaded.epochs[0]?.type === "install-receive" && reloaded.epochs[0].keys.epoch === 2);
});

test("an epoch message out of turn ends the session", async () => {
  const bodies = [
    { t: "epoch-answer", epoch: 1, offer: "A".repeat(43), key: "A".repeat(43) },
    { t: "epoch-done", epoch: 1 },
    { t: "epoch-done", epoch: 0 },
    { t: "epoch-offer", epoch: 1, key: "A".repeat(43) },
  ];
  for (const body of bodies) {
    const { host } = pair();
    const json = new TextEncoder().encode(JSON.stringify(body));
    host.channel.receive(seal(sodium, systemRandom, stateOf("patient"), json).frame);
    await settle();
    assert.deepEqual(host.failures, ["violation"], body.t);
  }
});

test("a bare acknowledgement says where a new connection stands", async () => {
  const { host } = pair();
  const [frame] = host.sent;
  assert.ok(frame);
  assert.equal(open(sodium, stateOf("patient"), frame).kind, "acknowledgement");
});
