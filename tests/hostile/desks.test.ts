/**
 * A relay that keeps two of her desks at once and shows each something else. Two devices have two vaults; the worst case
 * is one vault twice (a copied profile, a restored backup), since then both can answer the same patient.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import type { SealedStore } from "../../client/vault/store.ts";
import { parseEnvelopeHeader } from "../../crypto/envelope.ts";
import { CLOSE, encodeForward, HEADER_BYTES } from "../../relay/wire/frames.ts";
import { type Desk, networkTo, openDesk, therapistWith } from "../client/support/people.ts";
import type { HostileRelay, Line } from "../support/hostile-relay.ts";
import type { Scope } from "../support/relay.ts";
import { knocks, meet, openScene, PROFILE, type Scene, saw, stillTalk, visit } from "./support/scene.ts";

const KINDS = ["identity", "invite", "session", "strikes"] as const;

async function copied(store: SealedStore): Promise<SealedStore> {
  const copy = openMemoryStore();
  for (const kind of KINDS)
    for (const key of await store.list(kind)) {
      const bytes = await store.get(kind, key);
      if (bytes !== null) await copy.put(kind, key, bytes);
    }
  return copy;
}

interface TwoDesks extends Scene {
  readonly first: { readonly desk: Desk; readonly line: Line };
  readonly second: { readonly desk: Desk; readonly line: Line };
}

/** A second desk, which the real relay puts in the first one's place; the first is not told. */
async function twoDesks(scope: Scope, store: (scene: Scene) => Promise<SealedStore>): Promise<TwoDesks> {
  const scene = await openScene(scope, { invite: { use: "reusable" } });
  const { hostile, therapist } = scene;
  const line = hostile.desk();
  hostile.lies.close = (code, to) => (code === CLOSE.replaced && to === line ? null : code);
  const other = await therapistWith(hostile, therapist.api, await store(scene));
  const desk = await openDesk(scope, other, networkTo(hostile));
  await desk.log.until("the relay", (event) => event.type === "relay" && event.state === "online");
  return { ...scene, first: { desk: scene.desk, line }, second: { desk, line: hostile.desk() } };
}

/** Everything that one desk is shown and sent, the other one too; what the first says is passed on as if it still could. */
function showToBoth(hostile: HostileRelay, { first, second }: TwoDesks): void {
  hostile.lies.say = (message, to) => {
    if (to === second.line) first.line.say(message);
    return [message];
  };
  hostile.lies.frame = (frame, to) => {
    if (to === second.line) first.line.pass(frame);
    return [frame];
  };
  hostile.lies.sent = (frame, from) => {
    if (from !== first.line) return [frame];
    const session = Buffer.from(frame.subarray(1, 17)).toString("base64url");
    const guest = hostile.lines.findLast((line) => line.open && line.session === session);
    guest?.pass(frame);
    return [];
  };
}

/** The number of the next envelope of each of these desks. Bare acknowledgements have none. */
function nextNumbers(hostile: HostileRelay, desks: readonly Line[]): Promise<bigint[]> {
  const { promise, resolve } = Promise.withResolvers<bigint[]>();
  const numbers = new Map<Line, bigint>();
  const { sent } = hostile.lies;
  hostile.lies.sent = (frame, from) => {
    const passed = sent(frame, from);
    if (!desks.includes(from) || numbers.has(from)) return passed;
    const { seq } = parseEnvelopeHeader(frame.subarray(HEADER_BYTES));
    if (seq > 0n) numbers.set(from, seq);
    if (numbers.size === desks.length) resolve([...numbers.values()]);
    return passed;
  };
  return promise;
}

const sessionsAt = ({ log }: Desk): string[] =>
  log.events.flatMap((event) => (event.type === "knock" ? [event.knock.session] : []));

test("one patient shown to two desks of one vault: exactly one of them is in session with her", async (t) => {
  const scene = await twoDesks(t, ({ therapist }) => copied(therapist.store));
  const { hostile, first, second } = scene;
  showToBoth(hostile, scene);
  const patient = visit(t, scene);
  const { session, sas } = await patient.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  // A desk shows its card before it answers message 3. The other one has answered message 1 too; her third is not for it.
  const desks = [first.desk, second.desk].filter((desk) => knocks(desk) > 0);
  assert.equal(desks.length, 1);
  const [desk] = desks;
  assert.ok(desk);
  patient.transport.send(PROFILE);
  await desk.log.until("her name", (event) => event.type === "message");
  assert.deepEqual(sessionsAt(desk), [session]);
  const { knock } = await desk.log.until("the card", (event) => event.type === "knock" && event);
  assert.equal(knock.sas.digits, sas.digits);
  await stillTalk({ ...scene, desk, patient: patient.patient, visit: patient, session });
  assert.equal(saw(desk === first.desk ? second.desk : first.desk, "message"), false);
});

test("a session that both desks of a copied vault have stored: she takes no number twice, and no word from both", async (t) => {
  const met = await meet(t, { invite: { use: "reusable" } });
  const { hostile, therapist } = met;
  const line = hostile.desk();
  hostile.lies.close = (code, to) => (code === CLOSE.replaced && to === line ? null : code);
  const other = await therapistWith(hostile, therapist.api, await copied(therapist.store));
  const desk = await openDesk(t, other, networkTo(hostile));
  await desk.log.until(
    "the same card",
    (event) => event.type === "knock" && event.knock.session === met.session,
  );
  // The card is there before the socket.
  await desk.log.until("her presence", (event) => event.type === "presence" && event.here);
  const second = { desk, line: hostile.desk() };
  showToBoth(hostile, { ...met, first: { desk: met.desk, line }, second });
  const numbers = nextNumbers(hostile, [line, second.line]);
  // Both speak for the same number: she takes the first that comes.
  met.desk.transport.send(met.session, { t: "waiting", therapist: "here" });
  desk.transport.send(met.session, { t: "waiting", therapist: "there" });
  assert.equal(new Set(await numbers).size, 1);
  // What comes after both shows that she has had both.
  met.desk.transport.send(met.session, { t: "waiting", therapist: "later" });
  await met.visit.log.until(
    "the later word",
    (event) =>
      event.type === "message" && event.message.t === "waiting" && event.message.therapist === "later",
  );
  const words = met.visit.log.events.filter(({ type }) => type === "message");
  assert.equal(words.length, 2);
  assert.ok(met.visit.log.events.every(({ type }) => type !== "refused" && type !== "ended"));
});

test("a patient shown to two devices with two vaults: the one that knows her link opens it", async (t) => {
  const scene = await twoDesks(t, async () => openMemoryStore());
  const { hostile, first, second } = scene;
  showToBoth(hostile, scene);
  // The second device knows none of her links, so its answer is a hint, and hers the handshake.
  hostile.lies.sent = ((before) => (frame, from) => {
    if (from === second.line) return [];
    return before(frame, from);
  })(hostile.lies.sent);
  const patient = visit(t, scene);
  const { session } = await patient.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  assert.deepEqual(sessionsAt(first.desk), [session]);
  assert.equal(saw(second.desk, "knock"), false);
});

test("a patient hidden from the desk: her card says so, and when she shows again, nothing is lost", async (t) => {
  const met = await meet(t);
  const { hostile, session, desk, visit: patient } = met;
  // As if she had gone, and her frames with her.
  hostile.desk().say({ t: "guest", here: false, session });
  const lost = Promise.withResolvers<void>();
  hostile.lies.frame = (frame, to) => {
    if (to.role !== "host") return [frame];
    // Her word has the longest frame by far; an acknowledgement may get lost as well.
    if (frame.length > 80) lost.resolve();
    return [];
  };
  await desk.log.until(
    "her absence",
    (event) => event.type === "presence" && !event.here,
    desk.log.mark() - 1,
  );
  patient.transport.send({ t: "devices", microphone: false, camera: false });
  await lost.promise;
  const room = sessionsAt(desk).length === 1 && desk.log.events.find((event) => event.type === "knock");
  assert.ok(room);
  hostile.lies.frame = (frame) => [frame];
  const mark = desk.log.mark();
  hostile
    .desk()
    .say({ t: "guest", here: true, guest: { session, room: room.knock.room, admitted: false, since: 0 } });
  await desk.log.until("what she said meanwhile", (event) => event.type === "message", mark);
  await stillTalk(met);
  assert.equal(knocks(desk), 1);
});

test("guests that do not exist never reach her screen, whatever is said in their name", async (t) => {
  const scene = await openScene(t);
  const [entry] = await scene.therapist.invites.list();
  assert.ok(entry);
  const line = scene.hostile.desk();
  for (let number = 1; number <= 20; number++) {
    const id = Buffer.alloc(16, number);
    const session = id.toString("base64url");
    line.say({ t: "guest", here: true, guest: { session, room: entry.room, admitted: true, since: 1 } });
    for (const kind of [0x01, 0x02, 0x03, 0x04, 0x05, 0x10, 0x77]) {
      const payload = crypto.getRandomValues(new Uint8Array(300));
      payload[0] = kind;
      line.pass(encodeForward(id, payload));
    }
  }
  const patient = visit(t, scene);
  const { session } = await patient.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  assert.deepEqual(sessionsAt(scene.desk), [session]);
});
