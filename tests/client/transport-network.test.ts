/** What the network does to sockets, and what a session's keys do about it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpochEvent } from "../../client/transport/types.ts";
import { startTestRelay } from "../support/relay.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { connectFrom } from "./support/hop.ts";
import {
  API_TIMEOUT_MS,
  browserFetch,
  type Desk,
  FAST,
  networkTo,
  openDesk,
  openVisit,
  patientWith,
  signInTherapist,
  type Visit,
} from "./support/people.ts";

const DEVICES = { t: "devices", microphone: true, camera: true } as const;

const epochsOf = ({ log }: Desk | Visit): EpochEvent[] =>
  (log.events as readonly { readonly type: string; readonly epoch?: EpochEvent }[]).flatMap((event) =>
    event.type === "epoch" && event.epoch ? [event.epoch] : [],
  );

const switched = (side: Desk | Visit, epoch: number): Promise<unknown> =>
  side.log.until<true>(
    `epoch ${epoch}`,
    (event) => event.type === "epoch" && event.epoch.type === "switch-send" && event.epoch.epoch === epoch,
  );

/** The key that this page sends media with first. */
async function firstSendingKey(side: Desk | Visit): Promise<string> {
  await side.log.until<true>(
    "an epoch of this page's",
    (event) => event.type === "epoch" && event.epoch.type === "switch-send",
  );
  const epochs = epochsOf(side);
  const first = epochs.find((event) => event.type === "switch-send");
  const install = epochs.find(
    (event) => event.type === "install-receive" && event.keys.epoch === first?.epoch,
  );
  assert.ok(install?.type === "install-receive");
  return install.keys.send.join();
}

test("a connection that is dead without having been closed is noticed, and nothing is lost", async (t) => {
  const relay = await startTestRelay(t);
  const proxy = await tcpProxy(t, relay.port);
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const desk = await openDesk(t, therapist, networkTo(relay));
  const through = networkTo({ url: relay.url, port: proxy.port }, FAST, connectFrom(relay.url));
  const visit = openVisit(t, patientWith(relay, fragment), {
    ...through,
    socketTimings: { ...through.socketTimings, pingMs: 100, silenceMs: 300 },
  });
  const { session } = await visit.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  await desk.log.until("a knock", (event) => event.type === "knock");
  assert.equal(proxy.accepted(), 1);
  proxy.muteOpen();
  const mark = visit.log.mark();
  visit.transport.send(DEVICES);
  desk.transport.send(session, { t: "waiting", therapist: "Dr. Okafor" });
  await visit.log.until("the loss", (event) => event.type === "relay" && event.state === "connecting", mark);
  await visit.log.until("the return", (event) => event.type === "relay" && event.state === "online", mark);
  assert.deepEqual(await desk.log.until("it", (event) => event.type === "message" && event.message), DEVICES);
  await visit.log.until("it", (event) => event.type === "message");
  assert.equal(proxy.accepted(), 2);
});

test("requests for a ticket meet connections as dead as the socket's: the next one is made soon, and one gets through", async (t) => {
  const relay = await startTestRelay(t);
  const proxy = await tcpProxy(t, relay.port);
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const through = { url: relay.url, port: proxy.port };
  const network = networkTo(through, FAST, connectFrom(relay.url));
  const visit = openVisit(t, patientWith(through, fragment), {
    ...network,
    socketTimings: { ...network.socketTimings, pingMs: 100, silenceMs: 300, doubtMs: 200 },
  });
  await visit.log.until("the relay", (event) => event.type === "relay" && event.state === "online");
  // Beside the socket three connections that were just used, and are kept for the next requests.
  const used = [1, 2, 3].map(async () => (await browserFetch(through)("/api/account")).text());
  await Promise.all(used);
  assert.equal(proxy.accepted(), 4);
  proxy.muteOpen();
  const muted = performance.now();
  const mark = visit.log.mark();
  await visit.log.until("the return", (event) => event.type === "relay" && event.state === "online", mark);
  const away = performance.now() - muted;
  assert.ok(away < API_TIMEOUT_MS, `${away} ms: nobody waited for the request that got lost`);
  assert.ok(
    visit.log.events.slice(mark).every((event) => event.type !== "relay" || event.state !== "offline"),
  );
  // One for the fourth request, one for the socket.
  assert.equal(proxy.accepted(), 6);
});

test("an admitted session gets a new epoch by the clock, and with every new connection of either side", async (t) => {
  const relay = await startTestRelay(t);
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const timings = { ...FAST, rekeyMs: 250 };
  const desk = await openDesk(t, therapist, networkTo(relay, timings));
  const patient = patientWith(relay, fragment);
  const visit = openVisit(t, patient, networkTo(relay, timings));
  const { session } = await visit.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  assert.deepEqual(epochsOf(desk), [], "no media keys before admission");
  await desk.log.until("a knock", (event) => event.type === "knock");
  await desk.transport.admit(session);
  // By the clock.
  for (const epoch of [1, 2, 3]) await Promise.all([switched(desk, epoch), switched(visit, epoch)]);
  desk.transport.close();

  const slow = { ...FAST, rekeyMs: 3_600_000 };
  const again = await openDesk(t, therapist, networkTo(relay, slow));
  const newest = () => Math.max(0, ...epochsOf(again).map((event) => ("epoch" in event ? event.epoch : 0)));
  await again.log.until(
    "an epoch of this page's",
    (event) => event.type === "epoch" && event.epoch.type === "switch-send",
  );
  const first = newest();
  assert.ok(first >= 4);
  await switched(visit, first);
  // With the guest's new connection: a reload.
  visit.transport.close();
  const back = openVisit(t, patient, networkTo(relay, slow));
  await Promise.all([switched(again, first + 1), switched(back, first + 1)]);
  // On request.
  back.transport.requestEpoch();
  await Promise.all([switched(again, first + 2), switched(back, first + 2)]);
  again.transport.rekey(session);
  await Promise.all([switched(again, first + 3), switched(back, first + 3)]);
});

test("no page ever holds a sending key that another page, or the other side, has sent with", async (t) => {
  const relay = await startTestRelay(t);
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const patient = patientWith(relay, fragment);
  let desk = await openDesk(t, therapist, networkTo(relay));
  let visit = openVisit(t, patient, networkTo(relay));
  const { session } = await visit.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  await desk.log.until("a knock", (event) => event.type === "knock");
  await desk.transport.admit(session);
  const keys: string[] = [];
  for (let reload = 0; reload < 6; reload++) {
    for (const side of [desk, visit]) keys.push(await firstSendingKey(side));
    if (reload % 2 === 0) {
      desk.transport.close();
      desk = await openDesk(t, therapist, networkTo(relay));
    } else {
      visit.transport.close();
      visit = openVisit(t, patient, networkTo(relay));
    }
  }
  // A side that was not reloaded shows the same first key again; every other key is a new one.
  const pages = 2 + 5;
  assert.equal(new Set(keys).size, pages);
});
