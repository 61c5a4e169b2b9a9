/** Metrics of a real relay: what can be read, where, and what is not in it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { suite, test } from "node:test";
import { leavePending } from "../../relay/audit/pending.ts";
import { ConfigError } from "../../relay/config.ts";
import { openDatabase } from "../../relay/storage/sqlite/database.ts";
import { createPendingStore } from "../../relay/storage/sqlite/pending.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { call, join, openSocket, signIn } from "../support/relay-client.ts";

const ON = { METRICS_PORT: "0" };

async function read({ metricsPort }: TestRelay, path = "/metrics") {
  const response = await fetch(`http://127.0.0.1:${metricsPort}${path}`, {
    headers: { connection: "close" },
  });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

const LABEL = /(?:[a-z_]+="[\w.:+-]*"(?:,|(?=\})))*/.source;
const SAMPLE = new RegExp(`^([a-z_]+)(?:\\{(${LABEL})\\})? (\\S+)$`);

/** The text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const comment = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (comment !== null) {
      if (comment[1] === "TYPE") assert.match(comment[3] ?? "", /^(counter|gauge|histogram)$/);
      typed.add(comment[2] ?? "");
      continue;
    }
    const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`);
    assert.ok(typed.has(name) || typed.has(name.replace(/_(bucket|sum|count)$/, "")), line);
    assert.match(value, /^(?:[-+]?Inf|NaN|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/, line);
    const key = labels === "" ? name : `${name}{${labels}}`;
    assert.ok(!samples.has(key), `twice: ${line}`);
    samples.set(key, value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value));
  }
  return samples;
}

async function connects(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const [what] = await Promise.race([
    once(socket, "connect").then(() => ["connect"]),
    once(socket, "error").then(() => ["error"]),
  ]).catch(() => ["error"]);
  socket.destroy();
  return what === "connect";
}

suite("metrics", () => {
  test("can be read nowhere unless a port is set, and not at the relay's own", async (t) => {
    const relay = await startTestRelay(t);
    assert.equal(relay.metricsPort, null);
    const { text } = await call(relay, "GET", "/metrics");
    assert.doesNotMatch(text, /quietroom_|process_/);
  });

  test("are in Prometheus' text format, on a listener that ends with the relay", async (t) => {
    const relay = await startTestRelay(t, { env: ON });
    const { status, type, text } = await read(relay);
    assert.deepEqual([status, type?.split(";")[0]], [200, "text/plain"]);
    assert.ok(parse(text).size > 100);
    assert.equal((await read(relay, "/")).status, 404);
    assert.equal((await read(relay, "/api/account")).status, 404);
    assert.notEqual(relay.metricsPort, relay.port);
    assert.equal(await connects(relay.metricsPort ?? 0), true);
    await relay.close();
    assert.equal(await connects(relay.metricsPort ?? 0), false);
  });

  test("move with what happens", async (t) => {
    const relay = await startTestRelay(t, { env: ON, disk: async () => ({ free: 2 ** 40, size: 2 ** 41 }) });
    const before = parse((await read(relay)).text);
    const host = await signIn(relay);
    const invite = await host.makeInvite({ use: "reusable" });
    const guest = await join(relay, invite);
    const lost = await guest.connect(t);
    lost.forward(guest.id, new Uint8Array(1));
    const desk = await host.connect(t);
    lost.forward(guest.id, new Uint8Array(100));
    await desk.frame();
    await call(relay, "GET", "/api/nothing");
    await openSocket(t, relay, { origin: "https://a.example" }).catch(() => {});
    await lost.close();
    const odd = await guest.connect(t);
    odd.socket.close(4999);
    await odd.closed;
    await relay.logged('"code":4999');
    const burnt = await host.makeInvite();
    for (const _ of [1, 2, 3]) await host.strike(burnt.room, (await join(relay, burnt)).session);
    await relay.checkAlerts();

    const after = parse((await read(relay)).text);
    const moved = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? 0);
    const expected: Record<string, number> = {
      quietroom_frames_forwarded_total: 1,
      quietroom_bytes_forwarded_total: 117,
      'quietroom_frames_dropped_total{reason="no-host"}': 1,
      'quietroom_sockets_refused_total{reason="origin"}': 1,
      'quietroom_requests_refused_total{code="NOT-FOUND"}': 1,
      'quietroom_sockets_closed_total{code="other"}': 1,
      'quietroom_alerts_open{rule="invite-burnt"}': 1,
      'quietroom_alerts_open{rule="log-alarm"}': 0,
    };
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, moved(name)])), expected);
    for (const name of ["log_entries", "log_events_total", "log_commits_total", "log_append_seconds_count"])
      assert.ok(moved(`quietroom_${name}`) > 3, name);
    assert.equal(after.get("quietroom_log_available"), 1);
    assert.equal(after.get("quietroom_disk_free_bytes"), 2 ** 40);
    assert.equal(after.get("quietroom_backup_age_seconds"), Number.POSITIVE_INFINITY);
    assert.ok((after.get('quietroom_event_loop_lag_seconds{quantile="1"}') ?? -1) >= 0);
    assert.equal(after.size - before.size, 2, "close codes alone come as they happen");
  });

  test("say how old the newest backup is, which a command beside the relay has made", async (t) => {
    const clock = { now: Date.now() };
    const relay = await startTestRelay(t, { env: ON, now: () => clock.now });
    const { database } = openDatabase(relay.dataDir);
    t.after(() => database.close());
    const store = createPendingStore(database);
    await leavePending(store, { action: "backup.made", outcome: "failure", details: { reason: "full" } });
    await signIn(relay);
    const age = async () => parse((await read(relay)).text).get("quietroom_backup_age_seconds");
    assert.equal(await age(), Number.POSITIVE_INFINITY, "that one failed");
    await leavePending(store, { action: "backup.made", outcome: "success" });
    await signIn(relay);
    clock.now += 90_000;
    assert.equal(await age(), 90);
  });

  test("hold nothing about anybody", async (t) => {
    const relay = await startTestRelay(t, { env: ON });
    const host = await signIn(relay);
    const invite = await host.makeInvite();
    const guest = await join(relay, invite);
    const socket = await guest.connect(t);
    await socket.close();
    const { text } = await read(relay);
    for (const personal of [invite.room, invite.token, guest.session, "127.0.0.1", "Okafor", host.cookie])
      assert.ok(!text.includes(personal), personal);
    assert.doesNotMatch(text, /[A-Za-z0-9_-]{22,}(?=")/, "no label is long enough for an id");
  });

  test("that cannot listen stop the start with the setting's name", async (t) => {
    const { port } = await startTestRelay(t);
    await assert.rejects(
      startTestRelay(t, { env: { METRICS_PORT: String(port) } }),
      (error) => error instanceof ConfigError && error.message.startsWith(`METRICS_PORT ${port} is taken`),
    );
  });
});
