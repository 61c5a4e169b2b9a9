import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestRelay } from "../support/relay.ts";
import { ADMIT } from "./fixtures.ts";
import { networkTo, openDesk, openVisit, patientWith, signInTherapist } from "./support/people.ts";

const PROFILE = {
  t: "profile",
  name: "Ada",
  microphone: true,
  camera: true,
  call: 0,
  matched: false,
} as const;

test("knock, talk, admit, epochs, end", async (t) => {
  const relay = await startTestRelay(t);
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const desk = await openDesk(t, therapist, networkTo(relay));
  const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay));

  const knock = await desk.log.until("a knock", (event) => event.type === "knock" && event.knock);
  const established = await visit.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  assert.equal(knock.session, established.session);
  assert.deepEqual(knock.sas, established.sas);
  assert.deepEqual([knock.restored, knock.admitted, knock.passcode, knock.note], [false, false, false, null]);

  visit.transport.send(PROFILE);
  assert.deepEqual(
    await desk.log.until("the profile", (event) => event.type === "message" && event.message),
    PROFILE,
  );
  desk.transport.send(knock.session, { t: "waiting", therapist: "Dr. Okafor" });
  await visit.log.until("the answer", (event) => event.type === "message" && event.message.t === "waiting");

  const grant = await desk.transport.admit(knock.session);
  assert.deepEqual(grant, { iceServers: [], lifeMs: 0 });
  const keys = await desk.log.until(
    "keys",
    (event) => event.type === "epoch" && event.epoch.type === "install-receive" && event.epoch.keys,
  );
  await desk.log.until("the switch", (event) => event.type === "epoch" && event.epoch.type === "switch-send");
  desk.transport.send(knock.session, ADMIT);
  await visit.log.until("admission", (event) => event.type === "message" && event.message.t === "admit");
  const epochs = visit.log.events.flatMap((event) => (event.type === "epoch" ? [event.epoch] : []));
  assert.deepEqual(
    epochs.map(({ type }) => type),
    ["install-receive", "switch-send"],
  );
  const [install] = epochs;
  assert.ok(install?.type === "install-receive");
  assert.equal(install.keys.epoch, 1);
  assert.deepEqual(install.keys.send, keys.receive);
  assert.deepEqual(install.keys.receive, keys.send);
  assert.notDeepEqual(install.keys.send, install.keys.receive);
  for (const log of [desk.log, visit.log] as const) {
    await log.until<true>(
      "the old keys' end",
      (event) => event.type === "epoch" && event.epoch.type === "forget-before",
    );
  }
  assert.deepEqual(await visit.transport.ice(), { iceServers: [], lifeMs: 0 });

  await desk.transport.end(knock.session, { t: "end", reason: "ended" });
  const last = await visit.log.until(
    "the end",
    (event) => event.type === "message" && event.message.t === "end" && event.message,
  );
  assert.equal(last.reason, "ended");
  assert.ok(desk.log.events.some((event) => event.type === "gone" && event.reason === "ended"));
});

test("two patients with the same reusable link have nothing to do with each other", async (t) => {
  const relay = await startTestRelay(t);
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite({ use: "reusable" });
  const desk = await openDesk(t, therapist, networkTo(relay));
  const visits = ["Ada", "Grace"].map((name) => ({
    name,
    visit: openVisit(t, patientWith(relay, fragment), networkTo(relay)),
  }));
  const sessions = new Map<string, string>();
  for (const { name, visit } of visits) {
    const { session } = await visit.log.until(
      "the handshake",
      (event) => event.type === "established" && event,
    );
    sessions.set(name, session);
    visit.transport.send({ ...PROFILE, name });
    const from = await desk.log.until(
      "the profile",
      (event) =>
        event.type === "message" &&
        event.message.t === "profile" &&
        event.message.name === name &&
        event.session,
    );
    assert.equal(from, session);
  }
  assert.equal(new Set(sessions.values()).size, 2);
  const ada = sessions.get("Ada") ?? "";
  await desk.transport.admit(ada);
  desk.transport.send(ada, { t: "waiting", therapist: "for Ada" });
  desk.transport.send(sessions.get("Grace") ?? "", { t: "waiting", therapist: "for Grace" });
  for (const { name, visit } of visits) {
    const heard = await visit.log.until("a word", (event) => event.type === "message" && event.message);
    assert.deepEqual(heard, { t: "waiting", therapist: `for ${name}` });
  }
  const epochs = (visit: (typeof visits)[number]["visit"]) =>
    visit.log.events.filter(({ type }) => type === "epoch").length;
  assert.ok(visits[0] && visits[1]);
  await visits[0].visit.log.until(
    "keys",
    (event) => event.type === "epoch" && event.epoch.type === "switch-send",
  );
  assert.equal(epochs(visits[1].visit), 0);
});
