/** What the other side's browser may be told: session descriptions, candidates, and the order in which they come. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import * as v from "valibot";
import { type Candidate, candidateParts, cleanCandidate } from "../../../client/media/candidate.ts";
import { createGate, judge, MAX_CANDIDATES, settle } from "../../../client/media/gate.ts";
import { cleanSdp, MAX_SDP_LENGTH, SdpRefused } from "../../../client/media/sdp.ts";
import { Signal } from "../../../client/transport/messages.ts";
import { wrongJson } from "../json.ts";
import { judged, nothing, sameValue, wholesome } from "../judge.ts";
import { mutatedText } from "../mutate.ts";
import { ACCEPTED, textTarget } from "../target.ts";

const FOLDER = join(import.meta.dirname, "../../vectors/sdp");
const captured = readdirSync(FOLDER).map((file) => readFileSync(join(FOLDER, file), "utf8"));

const sdpRefusal = (error: unknown) => (error instanceof SdpRefused ? error.problem : null);

const SEALABLE = /^(?:opus\/48000\/2|vp8\/90000|vp9\/90000|rtx\/90000)$/i;

/** What no description that was let through may say. */
function requireHarmless(sdp: string): void {
  assert.match(sdp, /^(?:[\x20-\x7e]+\r\n)+$/, "a line that is none");
  assert.ok(sdp.length <= 2 * MAX_SDP_LENGTH);
  assert.doesNotMatch(sdp, /^a=(?:candidate|rtcp:|ssrc-audio-level|simulcast|rid|crypto|identity)/m);
  for (const [, uri = ""] of sdp.matchAll(/^a=extmap:\d+ (\S+)/gm))
    assert.match(uri, /sdes:mid$|transport-wide-cc-extensions-01$|abs-send-time$/, "an extension in clear");
  for (const section of sdp.split(/^(?=m=)/m).slice(1)) {
    const codecs = new Map<string, string>();
    for (const [, payload = "", codec = ""] of section.matchAll(/^a=rtpmap:(\d+) (.*)\r$/gm)) {
      assert.match(codec, SEALABLE, "a codec that cannot be sealed");
      assert.ok(!codecs.has(payload), "two codecs for one payload type");
      codecs.set(payload, codec);
    }
    for (const [, payload = "", parameters = ""] of section.matchAll(/^a=fmtp:(\d+) (.*)\r$/gm)) {
      if (/opus/i.test(codecs.get(payload) ?? ""))
        assert.equal(
          parameters,
          "minptime=10;useinbandfec=1;stereo=0;sprop-stereo=0;cbr=1;maxaveragebitrate=40000",
        );
      if (/vp9/i.test(codecs.get(payload) ?? "")) assert.doesNotMatch(parameters, /profile-id=(?!0(?:;|$))/);
    }
  }
}

/** The attacks that this filter is for, as lines. */
const HOSTILE_LINES = [
  "a=rtpmap:111 PCMU/8000",
  "a=rtpmap:111 opus/48000/2",
  "a=rtpmap:96 H264/90000",
  "a=rtpmap:0 PCMU/8000",
  "a=fmtp:111 usedtx=1;stereo=1",
  "a=fmtp:98 profile-id=2",
  "a=fmtp:96 x=y",
  "a=rtcp-fb:* nack",
  "a=rtcp-fb:96 nack",
  "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "a=extmap:2/recvonly http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  "a=candidate:1 1 udp 1 192.0.2.1 9 typ host",
  "a=rtcp:9 IN IP4 192.0.2.1",
  "c=IN IP4 192.0.2.1",
  "b=AS:1",
  "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x",
  "a=rid:h send",
  "a=simulcast:send h;l",
  "a=inactive",
  "a=recvonly",
  "a=mid:",
  "a=mid:!",
  "a=mid:0",
  "a=setup:actpass",
  "a=ice-lite",
  "a=ice-ufrag:abcd",
  "a=bundle-only",
  "a=group:BUNDLE 0 1 2",
  "a=fingerprint:sha-256 AA",
  "a=fingerprint:sha-1 AA:BB",
  "a=identity:x",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "m=video 0 UDP/TLS/RTP/SAVPF 96",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "o=- 1 1 IN IP4 0.0.0.0",
  "v=0",
  "s=-",
  "t=0 0",
  "=",
  "a=",
  "x",
];
const hostileDescription = fc
  .tuple(
    fc.nat(captured.length - 1),
    fc.array(fc.tuple(fc.nat(999), fc.nat(HOSTILE_LINES.length - 1), fc.boolean()), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([index, edits]) => {
    const lines = (captured[index] ?? "").split("\r\n");
    for (const [at, which, instead] of edits)
      lines.splice(at % lines.length, instead ? 1 : 0, HOSTILE_LINES[which] ?? "");
    return lines.join("\r\n");
  });

const description = textTarget({
  name: "session-description",
  covers: ["client/media/sdp.ts cleanSdp"],
  samples: captured,
  wrong: hostileDescription,
  check: (text) =>
    judged(
      () => cleanSdp(text),
      sdpRefusal,
      (clean) => {
        requireHarmless(clean.sdp);
        sameValue(cleanSdp(clean.sdp), clean, "cleaned again, it is another one");
        wholesome(clean, text.length);
      },
    ),
});

// ---- candidates ----------------------------------------------------------------------------------------------

const line = "candidate:1 1 udp 2122194687 192.0.2.2 56956 typ host generation 0 ufrag mgbe network-id 1";
const candidates: readonly Candidate[] = [
  { candidate: line, sdpMid: "0", sdpMLineIndex: 0 },
  {
    candidate:
      "candidate:3 1 udp 41885439 198.51.100.7 50000 typ relay raddr 203.0.113.9 rport 61000 ufrag mgbe",
    sdpMid: "1",
    sdpMLineIndex: null,
    usernameFragment: "mgbe",
  },
  {
    candidate: "candidate:0 1 UDP 2122252543 4d406f11-e7dd-4963-93a8-88468935ac30.local 54885 typ host",
    sdpMid: null,
    sdpMLineIndex: 2,
    usernameFragment: "a+b/",
  },
  {
    candidate: "candidate:2 1 udp 2105458943 2001:db8::1 9 typ host tcptype active",
    sdpMid: "0",
    sdpMLineIndex: 0,
  },
];
const signals = [
  ...candidates.map((candidate) => ({ type: "candidate", candidate })),
  ...captured.slice(0, 2).map((sdp) => ({ type: "offer", sdp })),
  ...captured.slice(0, 2).map((sdp) => ({ type: "answer", sdp })),
  { type: "renegotiate", restart: true },
];

function parsedSignal(text: string): v.InferOutput<typeof Signal> | null {
  try {
    const result = v.safeParse(Signal, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}

/** A candidate whose own text was mutated, in the object that carries it. */
const mutatedLine = fc
  .tuple(
    fc.nat(candidates.length - 1),
    mutatedText(candidates.map(({ candidate }) => candidate)),
    mutatedText(["mgbe", "0"]),
  )
  .map(([index, text, fragment]) => {
    const whole = { ...candidates[index], candidate: text };
    const odd = fragment === "mgbe" ? whole : { ...whole, usernameFragment: fragment, sdpMid: fragment };
    return JSON.stringify({ type: "candidate", candidate: index % 2 === 0 ? whole : odd });
  });

const CLEAN_LINE =
  /^candidate:[\w+/-]{1,32} 1 udp \d{1,10} [\da-zA-Z.:-]{2,45} \d{1,5} typ (?:host|(?:srflx|prflx|relay) raddr 0\.0\.0\.0 rport 0)(?: ufrag [\w+/]{1,256})?$/i;

const candidate = textTarget({
  name: "candidate",
  covers: ["client/media/candidate.ts cleanCandidate", "client/media/candidate.ts candidateParts"],
  samples: signals.slice(0, candidates.length).map((signal) => JSON.stringify(signal)),
  wrong: fc.oneof(mutatedLine, wrongJson(signals.slice(0, candidates.length))),
  check: (text) => {
    const signal = parsedSignal(text);
    if (signal?.type !== "candidate") return "no candidate";
    return judged(
      () => cleanCandidate(signal.candidate, false),
      nothing,
      (clean) => {
        assert.match(clean.candidate, CLEAN_LINE, "more than a candidate");
        assert.match(clean.sdpMid ?? "0", /^[\w-]{1,16}$/, "more than a section's name");
        sameValue(cleanCandidate(clean, false), clean, "cleaned again, it is another one");
        const parts = candidateParts(clean.candidate);
        assert.ok(parts !== null && parts.port <= 65_535);
        assert.equal(
          cleanCandidate(clean, true) !== null,
          parts.type === "relay",
          "relay only lets another through",
        );
      },
    );
  },
});

// ---- the gate ------------------------------------------------------------------------------------------------

const STATES: readonly RTCSignalingState[] = ["stable", "have-local-offer", "have-remote-offer", "closed"];

/** Descriptions as they follow each other, and as somebody else's or an older one would. */
const [first = ""] = captured;
const bumped = (sdp: string, by: bigint) =>
  sdp.replace(
    /^(o=\S+ \d+ )(\d+)/m,
    (_line, before: string, version: string) => `${before}${BigInt(version) + by}`,
  );
const descriptions = [0n, 1n, 2n]
  .map((by) => bumped(first, by))
  .flatMap((sdp) => [
    sdp,
    sdp.replaceAll(/^(a=fingerprint:sha-256 )../gm, "$100"),
    sdp.replace(/^o=\S+ \d/m, (origin) => `${origin}7`),
  ])
  .flatMap((sdp) => [JSON.stringify({ type: "offer", sdp }), JSON.stringify({ type: "answer", sdp })]);

/** A course of signals, one in a line, for both roles and in any state of the connection. */
const gate = textTarget({
  name: "signal-gate",
  covers: ["client/media/gate.ts judge"],
  share: 0.3,
  samples: [signals.map((signal) => JSON.stringify(signal)).join("\n")],
  wrong: fc
    .array(
      fc.oneof(
        fc.constantFrom(...signals.map((signal) => JSON.stringify(signal))),
        fc.constantFrom(...descriptions),
        fc.constantFrom(...descriptions),
        mutatedLine,
        wrongJson(signals),
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((list) => list.join("\n")),
  check: (text) => {
    let passed = 0;
    for (const role of ["host", "guest"] as const) {
      let now = createGate(role);
      for (const [index, each] of text.split("\n", 64).entries()) {
        const signal = parsedSignal(each);
        if (signal === null) continue;
        const last = now.last;
        // Mostly the state in which this side may hear a description.
        const turn = role === "host" ? "have-local-offer" : "stable";
        const state = index % 3 === 2 ? (STATES[index % STATES.length] ?? turn) : turn;
        const judgement = judge(now, signal, state);
        now = judgement.gate;
        const { verdict } = judgement;
        if (verdict.type === "description") {
          requireHarmless(verdict.description.sdp);
          assert.equal(state, role === "host" ? "have-local-offer" : "stable");
          if (last !== null) {
            const { fingerprint, id, version } = verdict.description;
            assert.equal(fingerprint, last.fingerprint, "another certificate");
            assert.ok(id === last.id && version > last.version, "an older one, or another connection's");
          }
          now = settle(now, index % 4 === 3 ? "refused" : "taken");
        }
        if (verdict.type === "restart") assert.equal(role, "host");
        if (verdict.type !== "drop") passed++;
        assert.ok(now.candidates <= MAX_CANDIDATES);
      }
    }
    return passed > 0 ? ACCEPTED : "all dropped";
  },
});

export const DESCRIPTION = [description, candidate, gate] as const;
