/** Ten thousand connections that ask for nothing, from one address and from many. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { LIMITS } from "../../relay/limits.ts";
import { spawnRelay } from "../support/relay.ts";
import { startBystander } from "./support/bystander.ts";
import { gather } from "./support/crowd.ts";
import { upgradeRequest } from "./support/raw-websocket.ts";
import { growth, sampleUntil } from "./support/samples.ts";

/** Both sides need a file descriptor for each; Node has raised its own limit as far as it may. */
const SIZE = Math.min(10_000, openFiles() - 1_000);
/** The bystander's: a desk and a guest. */
const SEATED = 2;
/** Those of everybody else in the test, and those that are being let go. */
const SPARE = 50;
const MEGABYTE = 1_000_000;

const relay = await spawnRelay(
  { after },
  {
    env: { LOG_LEVEL: "error" },
    // Nobody is late within the test; what becomes of those is in fire-slow.test.ts.
    limits: {
      sockets: SIZE,
      requestHeadMs: 120_000,
      requestMs: 120_000,
      stalledMs: 120_000,
      helloTimeoutMs: 120_000,
      heartbeatTimeoutMs: 120_000,
      closeTimeoutMs: 500,
    },
  },
);
const bystander = await startBystander({ after }, relay);

function openFiles(): number {
  const { userLimits } = Object(process.report.getReport());
  const { soft } = userLimits.open_files;
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}

/** The relay without the crowd, whose connections have all been let go. */
const alone = () => sampleUntil(relay, ({ sockets }) => sockets <= SEATED);

test("connections from a hundred addresses that ask for nothing give way to who asks", async (t) => {
  const before = await alone();
  await bystander.servedDuring(t, async () => {
    const crowd = await gather(relay, { size: SIZE, perAddress: 100 });
    const { sockets } = await relay.sample();
    assert.ok(sockets <= LIMITS.httpConnections + SPARE, `${sockets} are open at the same time`);
    await crowd.leave();
  });
  const afterwards = await alone();
  const { "crowded-out": crowded = 0, ...rest } = growth(before.http.cut, afterwards.http.cut);
  assert.deepEqual(rest, {});
  // Connections of the well-behaved count as well, and may have stood at the end of the line.
  assert.ok(crowded >= SIZE - LIMITS.httpConnections && crowded <= SIZE, `${crowded} gave way`);
  assert.equal(afterwards.sockets, SEATED);
  assert.ok(
    afterwards.heap - before.heap < 4 * MEGABYTE,
    `${afterwards.heap - before.heap} bytes are still held`,
  );
});

test("connections from one address that ask for nothing are a few, and cost others no place", async (t) => {
  const size = 3_000;
  const before = await alone();
  await bystander.servedDuring(t, async () => {
    const crowd = await gather(relay, { size, perAddress: size, firstAddress: 200 });
    const { sockets } = await relay.sample();
    assert.ok(sockets <= LIMITS.httpPerAddress + SPARE, `${sockets} are open at the same time`);
    await crowd.leave();
  });
  const afterwards = await alone();
  assert.deepEqual(growth(before.http.cut, afterwards.http.cut), {
    "address-full": size - LIMITS.httpPerAddress,
  });
  assert.equal(afterwards.sockets, SEATED);
});

test("sockets without a ticket from many addresses fill the relay, and give way to who has one", async (t) => {
  const extra = 240;
  const besiege = () =>
    bystander.servedDuring(t, async () => {
      const size = SIZE + extra - SEATED;
      const crowd = await gather(relay, {
        size,
        perAddress: LIMITS.socketsPerAddress,
        firstAddress: 300,
        says: upgradeRequest(relay),
      });
      const { sockets } = await relay.sample();
      assert.ok(sockets >= SIZE, `${sockets} were open at the same time`);
      await crowd.leave();
    });

  const before = await alone();
  await besiege();
  const once = await alone();
  assert.deepEqual(growth(before.counters.refused, once.counters.refused), { "crowded-out": extra });
  assert.equal(once.sockets, SEATED);
  assert.ok(once.heap - before.heap < 4 * MEGABYTE, `${once.heap - before.heap} bytes are still held`);

  // The allocator keeps what it once had; but a second siege must find that enough.
  await besiege();
  const twice = await alone();
  assert.ok(twice.rss - once.rss < 48 * MEGABYTE, `the process grew by ${twice.rss - once.rss} bytes`);
  assert.ok(twice.heap - once.heap < MEGABYTE, `${twice.heap - once.heap} bytes are still held`);
  assert.equal(relay.output(), "", "nothing failed inside");
});
