/** Which signals reach the connection, when it is repaired, and what is told about it: the pure parts. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createGate, type Gate, judge, MAX_CANDIDATES, settle } from "../../client/media/gate.ts";
import { leaks } from "../../client/media/monitor.ts";
import { bytesReceived, FIRST_PULSE, feel } from "../../client/media/pulse.ts";
import {
  createRepair,
  FIRST_PATH_MS,
  LOST_PATH_MS,
  type Repair,
  type RepairEvent,
  step,
  wakeAt,
} from "../../client/media/repair.ts";
import { readFacts } from "../../client/media/status.ts";
import type { CallRole, PeerSignal } from "../../client/media/types.ts";

const sdp = (name: string) => readFileSync(join(import.meta.dirname, `../vectors/sdp/${name}.sdp`), "utf8");
const OFFER: PeerSignal = { type: "offer", sdp: sdp("chromium-offer") };
const NEXT_OFFER: PeerSignal = { type: "offer", sdp: sdp("chromium-restart") };
const ANSWER: PeerSignal = { type: "answer", sdp: sdp("firefox-answer") };

function verdict(gate: Gate, signal: PeerSignal, state: RTCSignalingState): string {
  const { verdict } = judge(gate, signal, state);
  return verdict.type === "drop" ? verdict.reason : verdict.type;
}

const taken = (gate: Gate, signal: PeerSignal, state: RTCSignalingState): Gate =>
  settle(judge(gate, signal, state).gate, "taken");

// ---- the gate --------------------------------------------------------------------------------------------------

test("only the host's offers and the guest's answers, each in its turn", () => {
  const [host, guest] = [createGate("host"), createGate("guest")];
  assert.equal(verdict(guest, OFFER, "stable"), "description");
  assert.equal(verdict(guest, ANSWER, "stable"), "turn");
  assert.equal(verdict(guest, OFFER, "have-remote-offer"), "turn");
  assert.equal(verdict(guest, OFFER, "closed"), "turn");
  assert.equal(verdict(host, ANSWER, "have-local-offer"), "description");
  assert.equal(verdict(host, ANSWER, "stable"), "turn");
  assert.equal(verdict(host, OFFER, "stable"), "turn");
  assert.equal(verdict(host, OFFER, "have-local-offer"), "turn");
});

test("one description at a time: while the browser has one, a second is dropped", () => {
  const { gate } = judge(createGate("guest"), OFFER, "stable");
  assert.equal(verdict(gate, NEXT_OFFER, "stable"), "turn");
});

test("a replayed offer is dropped, a newer one is not", () => {
  const gate = taken(createGate("guest"), OFFER, "stable");
  assert.equal(verdict(gate, OFFER, "stable"), "replay");
  assert.equal(verdict(gate, NEXT_OFFER, "stable"), "description");
  const later = taken(gate, NEXT_OFFER, "stable");
  assert.equal(verdict(later, OFFER, "stable"), "replay");
});

test("an offer that the browser refused leaves no trace", () => {
  const gate = taken(createGate("guest"), OFFER, "stable");
  const far = { ...OFFER, sdp: OFFER.sdp.replace(/^(o=- \d+) \d+/m, "$1 999") } as const;
  const after = settle(judge(gate, far, "stable").gate, "refused");
  assert.equal(verdict(after, NEXT_OFFER, "stable"), "description");
});

test("another connection's description, or another certificate, is dropped", () => {
  const gate = taken(createGate("guest"), OFFER, "stable");
  const other = { ...NEXT_OFFER, sdp: NEXT_OFFER.sdp.replace(/^o=- \d+/m, "o=- 1") } as const;
  assert.equal(verdict(gate, other, "stable"), "replay");
  const stranger = { ...NEXT_OFFER, sdp: NEXT_OFFER.sdp.replaceAll(/sha-256 ../g, "sha-256 00") } as const;
  assert.equal(verdict(gate, stranger, "stable"), "certificate");
});

test("rubbish is dropped, and candidates are counted", () => {
  let gate = taken(createGate("guest"), OFFER, "stable");
  assert.equal(verdict(gate, { type: "offer", sdp: "v=0" }, "stable"), "malformed");
  const candidate = (text: string): PeerSignal => ({
    type: "candidate",
    candidate: { candidate: text, sdpMid: "0", sdpMLineIndex: 0 },
  });
  assert.equal(verdict(gate, candidate("nonsense"), "stable"), "malformed");
  const good = candidate("candidate:1 1 udp 1 192.0.2.7 9 typ host");
  for (let i = 0; i < MAX_CANDIDATES; i++) {
    assert.equal(verdict(gate, good, "stable"), "candidate");
    gate = judge(gate, good, "stable").gate;
  }
  assert.equal(verdict(gate, good, "stable"), "excess");
  assert.equal(verdict(taken(gate, NEXT_OFFER, "stable"), good, "stable"), "candidate");
});

test("only a guest asks for a restart, and only a host hears it", () => {
  assert.equal(verdict(createGate("host"), { type: "renegotiate", restart: true }, "stable"), "restart");
  assert.equal(verdict(createGate("host"), { type: "renegotiate", restart: false }, "stable"), "turn");
  assert.equal(verdict(createGate("guest"), { type: "renegotiate", restart: true }, "stable"), "turn");
});

// ---- repair ----------------------------------------------------------------------------------------------------

/** Lets time pass as a timer would, and lists what is done when: "time effect". */
function run(
  role: CallRole,
  script: readonly (readonly [time: number, event: RepairEvent])[],
  until: number,
) {
  let repair: Repair = createRepair(role);
  const done: string[] = [];
  const take = (event: RepairEvent, now: number) => {
    const next = step(repair, event, now);
    repair = next.repair;
    for (const effect of next.effects) done.push(`${now} ${effect}`);
  };
  const passTo = (end: number) => {
    for (let wakes = 0; ; wakes++) {
      assert.ok(wakes < 1_000, "it wakes without end");
      const wake = wakeAt(repair);
      if (wake === null || wake > end) return;
      take("tick", wake);
    }
  };
  for (const [time, event] of script) {
    passTo(time);
    take(event, time);
  }
  passTo(until);
  return { repair, done };
}

test("no path within 30 seconds: it gives up, not before", () => {
  const { done } = run("host", [[1_000, "negotiated"]], 100_000);
  assert.deepEqual(done, [`${1_000 + FIRST_PATH_MS} give-up`]);
});

test("when the browser gives up first, it is asked again with new credentials", () => {
  const { done } = run(
    "host",
    [
      [0, "negotiated"],
      [16_000, "failed"],
    ],
    29_000,
  );
  assert.deepEqual(done, ["16000 restart", "21000 restart", "26000 restart"]);
  assert.deepEqual(
    run(
      "host",
      [
        [0, "negotiated"],
        [16_000, "failed"],
        [17_000, "path"],
      ],
      90_000,
    ).done,
    ["16000 restart", "17000 connected"],
  );
});

test("a path that comes back by itself is left alone", () => {
  const { done } = run(
    "host",
    [
      [0, "negotiated"],
      [100, "path"],
      [5_000, "lost"],
      [5_200, "path"],
    ],
    200_000,
  );
  assert.deepEqual(done, ["100 connected", "5000 interrupted", "5200 connected"]);
});

test("a lost path: a restart every five seconds, and the end after two minutes", () => {
  const { done } = run(
    "host",
    [
      [0, "negotiated"],
      [100, "path"],
      [5_000, "lost"],
    ],
    500_000,
  );
  assert.deepEqual(done.slice(0, 6), [
    "100 connected",
    "5000 interrupted",
    "5300 restart",
    "10300 restart",
    "15300 restart",
    "20300 restart",
  ]);
  assert.equal(done.at(-1), `${5_000 + LOST_PATH_MS} give-up`);
});

test("the guest waits for the host's turn before it asks", () => {
  const { done } = run(
    "guest",
    [
      [0, "negotiated"],
      [100, "path"],
      [5_000, "lost"],
    ],
    9_000,
  );
  assert.deepEqual(done, ["100 connected", "5000 interrupted", "8000 restart"]);
});

test("a restart under way, whoever began it, is not undone by another", () => {
  const { done } = run(
    "guest",
    [
      [0, "negotiated"],
      [100, "path"],
      [5_000, "lost"],
      [7_500, "negotiated"],
    ],
    14_000,
  );
  assert.deepEqual(done, ["100 connected", "5000 interrupted", "12500 restart"]);
});

test("a path that is lost right after a restart is not repaired again: another connection takes its place", () => {
  const negotiatedAt = 5_000;
  const lostAfter = (ms: number) =>
    run(
      "guest",
      [
        [0, "negotiated"],
        [100, "path"],
        [negotiatedAt, "negotiated"],
        [negotiatedAt + ms, "lost"],
      ],
      15_000,
    ).done;
  assert.deepEqual(lostAfter(1_700), ["100 connected", "6700 give-up"]);
  assert.deepEqual(lostAfter(5_000), ["100 connected", "10000 interrupted", "13000 restart"]);
});

test("a failed path is repaired at once", () => {
  const { done } = run(
    "host",
    [
      [0, "negotiated"],
      [100, "path"],
      [5_000, "failed"],
    ],
    6_000,
  );
  assert.deepEqual(done, ["100 connected", "5000 interrupted", "5000 restart"]);
});

test("asked for by the other side without end, restarts on a path that works are rare", () => {
  const asks = Array.from({ length: 6_000 }, (_, i) => [1_000 + i * 10, "asked"] as const);
  const { done } = run("host", [[0, "negotiated"], [100, "path"], ...asks], 61_000);
  const restarts = done.filter((line) => line.endsWith("restart"));
  // At once the first time, since it may well be needed.
  assert.equal(restarts[0], "1000 restart");
  assert.ok(restarts.length >= 11 && restarts.length <= 13, `${restarts.length} in a minute`);
  assert.ok(!done.some((line) => /interrupted|give-up/.test(line)));
});

test("asked for without end, restarts stay apart", () => {
  const asks = Array.from({ length: 500 }, (_, i) => [1_000 + i * 10, "restart"] as const);
  const { done } = run("host", [[0, "negotiated"], [100, "path"], ...asks], 20_000);
  const restarts = done.filter((line) => line.endsWith("restart")).length;
  assert.ok(restarts >= 3 && restarts <= 5, `${restarts}`);
});

test("nothing comes after the end", () => {
  const { repair, done } = run(
    "host",
    [
      [0, "negotiated"],
      [40_000, "path"],
      [41_000, "restart"],
    ],
    90_000,
  );
  assert.deepEqual(done, [`${FIRST_PATH_MS} give-up`]);
  assert.equal(wakeAt(repair), null);
});

// ---- the pulse -------------------------------------------------------------------------------------------------

/** Looks one after another: frames and bytes so far; and what each look brought. */
function looks(...all: readonly (readonly [frames: number, bytes: number | null])[]): string[] {
  let pulse = FIRST_PULSE;
  return all.map(([frames, bytes]) => {
    const next = feel(pulse, { frames, bytes });
    pulse = next.pulse;
    return next.effects.join("+");
  });
}

test("frames are a sign of life, and without any so are bytes", () => {
  assert.deepEqual(looks([10, null], [20, null], [20, 500], [20, 510], [20, 520]), ["", "", "ask", "", ""]);
  assert.deepEqual(looks([10, null], [10, 500], [12, null]), ["", "ask", ""]);
});

test("silence: asked for a sign, doubted, lost, and then again and again until something comes", () => {
  const silent = [20, 500] as const;
  assert.deepEqual(looks([20, null], ...Array.from({ length: 9 }, () => silent), [21, null], [22, null]), [
    "",
    "ask",
    "doubt",
    "",
    "lost+doubt+ask",
    "",
    "",
    "",
    "lost+doubt+ask",
    "",
    "back",
    "",
  ]);
});

test("a sum of bytes that shrinks, since a pair of candidates is gone, is no sign of life", () => {
  assert.deepEqual(looks([20, null], [20, 500], [20, 100], [20, 100]), ["", "ask", "doubt", ""]);
});

test("bytes are those of all pairs of candidates, and of nothing else", () => {
  const stats = new Map([
    ["a", { type: "candidate-pair", bytesReceived: 5 }],
    ["b", { type: "candidate-pair" }],
    ["c", { type: "transport", bytesReceived: 100 }],
    ["d", { type: "candidate-pair", bytesReceived: 7 }],
  ]);
  assert.equal(bytesReceived(stats), 12);
});

// ---- status ----------------------------------------------------------------------------------------------------

function statsWith(local: object, remote: object): [string, Record<string, unknown>][] {
  return [
    ["T", { type: "transport", selectedCandidatePairId: "P", tlsVersion: "FEFC" }],
    ["P", { type: "candidate-pair", localCandidateId: "L", remoteCandidateId: "R" }],
    ["L", { type: "local-candidate", ...local }],
    ["R", { type: "remote-candidate", ...remote }],
    ["C", { type: "codec", mimeType: "video/VP9" }],
    ["O", { type: "outbound-rtp", kind: "video", codecId: "C", framesSent: 7, framesEncoded: 9 }],
    ["A", { type: "outbound-rtp", kind: "audio", packetsSent: 50 }],
    ["I", { type: "inbound-rtp", kind: "video", framesDecoded: 5 }],
  ];
}

test("a direct path, the codec and the DTLS version are read from the statistics", () => {
  assert.deepEqual(readFacts(statsWith({ candidateType: "host" }, { candidateType: "prflx" })), {
    path: { kind: "direct" },
    videoCodec: "VP9",
    dtls: "1.3",
    framesDecoded: 5,
    encodedFrames: 9,
    sentAudioPackets: 50,
  });
});

test("a relayed path names the relay, whichever side's it is", () => {
  const relay = {
    candidateType: "relay",
    url: "turns:turn.example.org:443?transport=tcp",
    relayProtocol: "tls",
  };
  const path = (local: object, remote: object) => readFacts(statsWith(local, remote)).path;
  const host = { candidateType: "host" };
  assert.deepEqual(path(relay, host), { kind: "relayed", server: "turn.example.org", protocol: "tls" });
  assert.deepEqual(path({ ...relay, url: "turn:[2001:db8::1]:3478" }, host), {
    kind: "relayed",
    server: "[2001:db8::1]",
    protocol: "tls",
  });
  assert.deepEqual(path({ candidateType: "relay", address: "198.51.100.7" }, host), {
    kind: "relayed",
    server: "198.51.100.7",
    protocol: null,
  });
  assert.deepEqual(path(host, { candidateType: "relay", address: "198.51.100.8" }), {
    kind: "relayed",
    server: "198.51.100.8",
    protocol: null,
  });
});

test("before there is anything, nothing is claimed", () => {
  assert.deepEqual(readFacts([]), {
    path: null,
    videoCodec: null,
    dtls: null,
    framesDecoded: 0,
    encodedFrames: 0,
    sentAudioPackets: 0,
  });
});

test("media that the worker never saw is a leak", () => {
  const none = { audio: 0, video: 0 };
  const counts = { epoch: 0, sealed: none, opened: none, refused: 0 };
  const facts = readFacts([]);
  const one = { audio: 1, video: 1 };
  assert.equal(leaks(facts, counts), false);
  assert.equal(leaks({ ...facts, sentAudioPackets: 1 }, counts), true);
  assert.equal(leaks({ ...facts, framesDecoded: 1 }, counts), true);
  assert.equal(leaks({ ...facts, encodedFrames: 29 }, counts), false);
  assert.equal(leaks({ ...facts, encodedFrames: 30 }, counts), true);
  const busy = { ...facts, sentAudioPackets: 9, encodedFrames: 99, framesDecoded: 9 };
  assert.equal(leaks(busy, { ...counts, sealed: one, opened: one }), false);
});
