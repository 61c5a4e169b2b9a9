import assert from "node:assert/strict";
import { test } from "node:test";
import { claimDesk } from "../../client/transport/desk-claim.ts";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import { startTestRelay } from "../support/relay.ts";
import {
  networkTo,
  openDesk,
  openVisit,
  patientWith,
  signInTherapist,
  therapistWith,
} from "./support/people.ts";

test("the newer page asks, the older lets go when it has stored, and only then the newer begins", async () => {
  const order: string[] = [];
  const first = await claimDesk(() => {
    order.push("asked");
    setImmediate(() => {
      order.push("released");
      first();
    });
  });
  const second = await claimDesk(() => order.push("second asked"));
  order.push("granted");
  assert.deepEqual(order, ["asked", "released", "granted"]);
  second();
  const third = await claimDesk(() => {});
  third();
});

test("a page that does not let go loses the desk, and is told", async () => {
  const taken = Promise.withResolvers<void>();
  let asked = 0;
  const first = await claimDesk(() => {
    asked += 1;
    // Asked once by word, and told once that it is gone.
    if (asked === 2) taken.resolve();
  });
  const second = await claimDesk(() => {});
  await taken.promise;
  first();
  second();
});

test("two desks in one browser never go on from the same state", async (t) => {
  const relay = await startTestRelay(t);
  const { api } = await signInTherapist(relay);
  const store = openMemoryStore();
  // A slow disk: what the older desk has to store takes longer than the newer one needs to begin.
  const slow = {
    ...store,
    put: async (...record: Parameters<typeof store.put>) => {
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      return store.put(...record);
    },
  };
  const therapist = await therapistWith(relay, api, slow);
  const fragment = await therapist.invite();
  const network = { ...networkTo(relay), claimDesk };
  let desk = await openDesk(t, therapist, network);
  const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  const { session } = await visit.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  await desk.log.until("a knock", (event) => event.type === "knock");
  for (let tab = 0; tab < 5; tab++) {
    // Both directions busy at the moment of the change.
    for (let i = 0; i < 5; i++) {
      desk.transport.send(session, { t: "waiting", therapist: `${tab}-${i}` });
      visit.transport.send({ t: "devices", microphone: i % 2 === 0, camera: true });
    }
    const older = desk;
    desk = await openDesk(t, therapist, network);
    await older.log.until("the end", (event) => event.type === "ended" && event.reason === "REPLACED");
    await desk.log.until("the card", (event) => event.type === "knock" && event.knock.restored);
    await desk.log.until("the guest", (event) => event.type === "presence" && event.here);
  }
  desk.transport.send(session, { t: "waiting", therapist: "last" });
  await visit.log.until(
    "the last",
    (event) =>
      event.type === "message" && event.message.t === "waiting" && event.message.therapist === "last",
  );
  const heard = visit.log.events.flatMap((event) =>
    event.type === "message" && event.message.t === "waiting" ? [event.message.therapist] : [],
  );
  assert.equal(new Set(heard).size, heard.length, "nothing twice");
  assert.deepEqual(heard.slice(0, -1), [...heard.slice(0, -1)].sort(), "nothing out of order");
  assert.ok(visit.log.events.every(({ type }) => type !== "forgotten"));
});
