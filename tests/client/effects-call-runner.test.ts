import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import sodium from "libsodium-wrappers";
import { createCallRunner, type IceGrant } from "../../client/effects/call-runner.ts";
import type {
  CallMedia,
  CallMediaEvent,
  CallMediaOptions,
  EpochKeys,
  PeerSignal,
} from "../../client/media/types.ts";
import { ApiError, type ApiErrorCode } from "../../client/transport/api.ts";

before(() => sodium.ready);

const SIGNAL: PeerSignal = { type: "renegotiate", restart: false };

function epochKeys(epoch: number): EpochKeys {
  return { epoch, send: new Uint8Array(32).fill(epoch), receive: new Uint8Array(32).fill(epoch + 100) };
}

/** A runner whose peer connections only record what is asked of them. */
interface Overrides {
  readonly stream?: Promise<MediaStream | null>;
  readonly load?: () => Promise<never>;
  readonly ice?: () => Promise<IceGrant>;
}

function setUp(overrides: Overrides = {}) {
  const calls: string[] = [];
  const created: CallMediaOptions[] = [];
  const events: { number: number; event: CallMediaEvent }[] = [];
  const create = (options: CallMediaOptions): CallMedia => {
    created.push(options);
    const id = created.length;
    const note = (what: string) => void calls.push(`${id}:${what}`);
    return {
      signal: (signal) => note(`signal ${signal.type}`),
      installReceive: async (keys) => note(`install ${keys.epoch}`),
      switchSend: async (epoch) => note(`switch ${epoch}`),
      forgetBefore: (epoch) => note(`forget ${epoch}`),
      replaceTrack: async (kind) => note(`replace ${kind}`),
      updateIceServers: () => note("ice"),
      restart: () => note("restart"),
      close: () => note("close"),
    };
  };
  const runner = createCallRunner({
    sodium: () => sodium,
    createCallMedia: overrides.load ?? (async () => create),
    ice: overrides.ice ?? (async () => ({ iceServers: [], lifeMs: 0 })),
    localStream: () => overrides.stream ?? Promise.resolve(null),
    emit: (number, event) => void events.push({ number, event }),
  });
  return { runner, calls, created, events };
}

/** Lets everything that is already resolved run its course. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
const start = (number: number) =>
  ({ type: "start-media", session: "s", number, role: "host", relayOnly: true }) as const;

test("a peer connection waits for an epoch, and gets every signal that came before it", async () => {
  const { runner, calls, created } = setUp();
  runner.run(start(1));
  runner.run({ type: "signal-media", number: 1, signal: SIGNAL });
  await settle();
  assert.equal(created.length, 0);
  await runner.epoch("s", { type: "install-receive", keys: epochKeys(1) });
  await settle();
  assert.equal(created.length, 0, "keys that the other side may not have yet are not sent with");
  await runner.epoch("s", { type: "switch-send", epoch: 1 });
  await settle();
  assert.equal(created.length, 1);
  assert.equal(created[0]?.relayOnly, true);
  assert.deepEqual(calls, ["1:signal renegotiate"]);
});

test("two peer connections of one epoch share no key", async () => {
  const { runner, created } = setUp();
  await runner.epoch("s", { type: "install-receive", keys: epochKeys(1) });
  await runner.epoch("s", { type: "switch-send", epoch: 1 });
  for (const number of [1, 2]) {
    runner.run(start(number));
    await settle();
  }
  const keys = created
    .flatMap(({ keys: { send, receive } }) => [send, receive])
    .map((key) => sodium.to_hex(key));
  assert.equal(new Set(keys).size, 4);
});

test("epochs reach the running peer connection in order", async () => {
  const { runner, calls } = setUp();
  await runner.epoch("s", { type: "install-receive", keys: epochKeys(1) });
  await runner.epoch("s", { type: "switch-send", epoch: 1 });
  runner.run(start(1));
  await settle();
  await runner.epoch("s", { type: "install-receive", keys: epochKeys(2) });
  await runner.epoch("s", { type: "switch-send", epoch: 2 });
  await runner.epoch("s", { type: "forget-before", epoch: 2 });
  assert.deepEqual(calls, ["1:install 2", "1:switch 2", "1:forget 2"]);
});

test("an epoch that is installed but not yet sent with reaches a peer connection that begins meanwhile", async () => {
  const { runner, calls, created } = setUp();
  await runner.epoch("s", { type: "install-receive", keys: epochKeys(1) });
  await runner.epoch("s", { type: "switch-send", epoch: 1 });
  await runner.epoch("s", { type: "install-receive", keys: epochKeys(2) });
  runner.run(start(1));
  await settle();
  assert.equal(created[0]?.keys.epoch, 1);
  assert.deepEqual(calls, ["1:install 2"]);
});

test("one that was stopped before it began never begins, and its signals go nowhere", async () => {
  const { promise, resolve } = Promise.withResolvers<null>();
  const { runner, created, calls } = setUp({ stream: promise });
  await runner.epoch("s", { type: "install-receive", keys: epochKeys(1) });
  await runner.epoch("s", { type: "switch-send", epoch: 1 });
  runner.run(start(1));
  runner.run({ type: "stop-media" });
  resolve(null);
  await settle();
  runner.run({ type: "signal-media", number: 1, signal: SIGNAL });
  assert.equal(created.length, 0);
  assert.deepEqual(calls, []);
});

test("a new one closes the old one, whose events no longer count", async () => {
  const { runner, calls, created, events } = setUp();
  await runner.epoch("s", { type: "install-receive", keys: epochKeys(1) });
  await runner.epoch("s", { type: "switch-send", epoch: 1 });
  runner.run(start(1));
  await settle();
  runner.run(start(2));
  await settle();
  created[0]?.emit({ type: "failed", failure: "MEDIA-PATH" });
  assert.deepEqual(calls, ["1:close"]);
  assert.deepEqual(events, []);
  created[1]?.emit({ type: "connection", state: "connected" });
  assert.deepEqual(events, [{ number: 2, event: { type: "connection", state: "connected" } }]);
});

test("keys are wiped when a session is forgotten", async () => {
  const { runner, calls } = setUp();
  const keys = epochKeys(1);
  await runner.epoch("s", { type: "install-receive", keys });
  await runner.epoch("s", { type: "switch-send", epoch: 1 });
  runner.run(start(1));
  await settle();
  runner.forget("s");
  assert.deepEqual(calls, ["1:close"]);
  assert.ok([...keys.send, ...keys.receive].every((byte) => byte === 0));
});

test("code that does not load is a failed call, not a silent one", async () => {
  const { runner, events } = setUp({ load: () => Promise.reject(new Error("offline")) });
  await runner.epoch("s", { type: "install-receive", keys: epochKeys(1) });
  await runner.epoch("s", { type: "switch-send", epoch: 1 });
  runner.run(start(3));
  await settle();
  assert.deepEqual(events, [{ number: 3, event: { type: "failed", failure: "MEDIA-WORKER" } }]);
});

const MINUTE = 60_000;
const GRANT: IceGrant = { iceServers: [{ urls: "turn:turn.clinic.example" }], lifeMs: 10 * MINUTE };

/** A relay that can be away, and a clock that the test moves. */
function withRelay(t: TestContext, grant = GRANT) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const relay: { refuses: ApiErrorCode | null; asked: number } = { refuses: null, asked: 0 };
  const scene = setUp({
    ice: async () => {
      relay.asked += 1;
      if (relay.refuses !== null) throw new ApiError(relay.refuses);
      return grant;
    },
  });
  const pass = async (ms: number) => {
    t.mock.timers.tick(ms);
    await settle();
  };
  return { ...scene, relay, pass };
}

async function begin({ runner }: ReturnType<typeof setUp>, relayOnly: boolean): Promise<void> {
  await runner.epoch("s", { type: "install-receive", keys: epochKeys(1) });
  await runner.epoch("s", { type: "switch-send", epoch: 1 });
  runner.run({ ...start(1), relayOnly });
  await settle();
}

test("TURN credentials are renewed a minute before they end, and on until the relay is back", async (t) => {
  const scene = withRelay(t);
  await begin(scene, true);
  assert.deepEqual(scene.created[0]?.iceServers, GRANT.iceServers);
  await scene.pass(9 * MINUTE - 1);
  assert.equal(scene.relay.asked, 1);
  scene.relay.refuses = "OFFLINE";
  await scene.pass(1);
  assert.deepEqual([scene.relay.asked, scene.calls], [2, []]);
  scene.relay.refuses = null;
  await scene.pass(15_000);
  assert.deepEqual([scene.relay.asked, scene.calls], [3, ["1:ice"]]);
});

test("a path that is lost is looked for with fresh credentials, whatever the clock says of the old ones", async (t) => {
  const scene = withRelay(t);
  await begin(scene, true);
  scene.created[0]?.emit({ type: "connection", state: "interrupted" });
  await settle();
  assert.deepEqual([scene.relay.asked, scene.calls], [2, ["1:ice"]]);
});

test("without the relay a direct call begins at once, and looks for more paths when it is back", async (t) => {
  const scene = withRelay(t);
  scene.relay.refuses = "OFFLINE";
  await begin(scene, false);
  assert.deepEqual(scene.created[0]?.iceServers, []);
  scene.relay.refuses = null;
  await scene.pass(1_000);
  assert.deepEqual(scene.calls, ["1:ice", "1:restart"]);
});

test("a call that may only be relayed waits for the relay, and no longer than it has to", async (t) => {
  const scene = withRelay(t);
  scene.relay.refuses = "OFFLINE";
  await begin(scene, true);
  await scene.pass(1_000);
  assert.equal(scene.created.length, 0);
  scene.relay.refuses = null;
  await scene.pass(1_000);
  assert.deepEqual(scene.created[0]?.iceServers, GRANT.iceServers);
});

test("a sign-in that ran out in the call does not end the renewals for good", async (t) => {
  const scene = withRelay(t);
  await begin(scene, true);
  scene.relay.refuses = "SIGN-IN-REQUIRED";
  await scene.pass(9 * MINUTE);
  scene.relay.refuses = null;
  await scene.pass(15_000);
  assert.deepEqual(scene.calls, ["1:ice"]);
});

test("what the relay refuses is not asked for again", async (t) => {
  const scene = withRelay(t);
  scene.relay.refuses = "SESSION-ENDED";
  await begin(scene, true);
  assert.deepEqual(scene.created[0]?.iceServers, []);
  await scene.pass(60 * MINUTE);
  assert.equal(scene.relay.asked, 1);
});
