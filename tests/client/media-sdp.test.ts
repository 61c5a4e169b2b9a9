/** The filter of session descriptions and candidates, on what Chromium 156 and Firefox 153 really wrote. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { candidateParts, cleanCandidate } from "../../client/media/candidate.ts";
import { hasFingerprint } from "../../client/media/certificate.ts";
import { cleanSdp, MAX_SDP_LENGTH, type SdpProblem, SdpRefused } from "../../client/media/sdp.ts";

const FOLDER = join(import.meta.dirname, "../vectors/sdp");
const captured = new Map(
  readdirSync(FOLDER).map((file) => [file.replace(".sdp", ""), readFileSync(join(FOLDER, file), "utf8")]),
);
const of = (name: string): string => captured.get(name) ?? assert.fail(name);
const linesOf = (sdp: string): string[] => sdp.split("\r\n");

function refusedFor(problem: SdpProblem, sdp: string): void {
  assert.throws(
    () => cleanSdp(sdp),
    (error: unknown) => error instanceof SdpRefused && error.problem === problem,
  );
}

test("there are descriptions of both browsers", () => {
  for (const browser of ["chromium", "firefox"])
    for (const kind of ["offer", "answer", "restart", "gathered", "preferred"]) of(`${browser}-${kind}`);
});

for (const [name, sdp] of captured) {
  test(`${name}: only VP9, VP8 and their retransmission, and Opus`, () => {
    const codecs = [...cleanSdp(sdp).sdp.matchAll(/^a=rtpmap:\d+ (\S+)/gm)].map(([, codec]) => codec);
    assert.deepEqual([...new Set(codecs)].sort(), ["VP8/90000", "VP9/90000", "opus/48000/2", "rtx/90000"]);
  });

  test(`${name}: no line is about a payload type that is not on its m-line`, () => {
    for (const section of cleanSdp(sdp)
      .sdp.split(/^(?=m=)/m)
      .slice(1)) {
      const [, list = ""] = /^m=\w+ \d+ \S+ (.+)\r$/m.exec(section) ?? [];
      for (const [, payload = ""] of section.matchAll(/^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/gm))
        assert.ok(list.split(" ").includes(payload), payload);
    }
  });

  test(`${name}: no header extension that speaks of the frame`, () => {
    const uris = [...cleanSdp(sdp).sdp.matchAll(/^a=extmap:\d+ (\S+)/gm)].map(([, uri = ""]) => uri);
    assert.ok(uris.length > 0);
    for (const uri of uris) assert.match(uri, /sdes:mid$|transport-wide-cc-extensions-01$|abs-send-time$/);
  });

  test(`${name}: Opus is constant in rate, mono, and never silent`, () => {
    const [, , parameters] = /^a=fmtp:(\d+) (minptime.*)$/m.exec(cleanSdp(sdp).sdp) ?? [];
    assert.equal(
      parameters?.trim(),
      "minptime=10;useinbandfec=1;stereo=0;sprop-stereo=0;cbr=1;maxaveragebitrate=40000",
    );
    const greedy = sdp.replace(/(a=fmtp:1\d\d )/, "$1stereo=1;usedtx=1;");
    assert.ok(!cleanSdp(greedy).sdp.includes("usedtx"));
  });

  test(`${name}: no address and no candidate`, () => {
    const { sdp: clean } = cleanSdp(sdp);
    assert.ok(!clean.includes("a=candidate") && !clean.includes("a=rtcp:") && !clean.includes(".local"));
    const addresses = [...clean.matchAll(/\d+\.\d+\.\d+\.\d+/g)].map(([address]) => address);
    assert.deepEqual([...new Set(addresses)].sort(), ["0.0.0.0", "127.0.0.1"]);
  });

  test(`${name}: cleaning what is clean changes nothing`, () => {
    const once = cleanSdp(sdp);
    assert.deepEqual(cleanSdp(once.sdp), once);
  });

  test(`${name}: the fingerprint is the browser's`, () => {
    const [, digest = ""] = /^a=fingerprint:sha-256 (\S+)/m.exec(sdp) ?? [];
    assert.equal(cleanSdp(sdp).fingerprint, digest.replaceAll(":", "").toLowerCase());
  });
}

test("the version grows from one description of a connection to the next", () => {
  for (const browser of ["chromium", "firefox"]) {
    const [first, second] = [cleanSdp(of(`${browser}-offer`)), cleanSdp(of(`${browser}-restart`))];
    assert.equal(first.id, second.id);
    assert.ok(second.version > first.version);
  }
});

test("Firefox's feedback lines of dropped payload types are gone", () => {
  const orphan = of("firefox-preferred").replace(" 120 124 121 125", " 121 125");
  assert.match(orphan, /^a=rtcp-fb:120 /m);
  assert.doesNotMatch(cleanSdp(orphan).sdp, /:120 |:124 /);
});

test("refused: another structure", () => {
  const sdp = of("chromium-offer");
  refusedFor("structure", "");
  refusedFor("structure", sdp.slice(0, sdp.indexOf("m=video")));
  refusedFor("structure", sdp + sdp.slice(sdp.indexOf("m=application")));
  refusedFor("structure", sdp.replace("m=video", "m=audio"));
  refusedFor("structure", sdp.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"));
  refusedFor("structure", sdp.replace("m=video 9", "m=video 0"));
  refusedFor("structure", sdp.replace("a=sendrecv", "a=recvonly"));
  refusedFor("structure", sdp.replace("a=rtcp-mux\r\n", ""));
  refusedFor("structure", sdp.replace("a=mid:1", "a=x:1"));
  refusedFor("structure", sdp.replace("a=mid:1", "a=mid:!"));
  refusedFor("structure", sdp.replace(/^o=.*$/m, "o=- 1 -2 IN IP4 0.0.0.0"));
  refusedFor("structure", sdp.replace("webrtc-datachannel", "5000"));
});

test("refused: a payload type that is said to be two codecs, or to have parameters twice", () => {
  const sdp = of("chromium-offer");
  refusedFor("structure", sdp.replace("a=rtpmap:111 opus", "a=rtpmap:111 PCMU/8000\r\na=rtpmap:111 opus"));
  refusedFor("structure", sdp.replace("a=fmtp:98 ", "a=fmtp:98 profile-id=2\r\na=fmtp:98 "));
  // Not a number that another line could also mean.
  refusedFor("codec", sdp.replaceAll(/\b111\b/g, "011"));
});

test("refused: a VP9 profile in any spelling but the plain one", () => {
  const sdp = of("chromium-offer").replaceAll(/VP8\/90000/g, "H264/90000");
  assert.match(cleanSdp(sdp).sdp, /VP9/);
  for (const profile of ["profile-id=2", "profile-id=", "  profile-id=2", "Profile-ID=2", "profile-id=0x2"])
    refusedFor("codec", sdp.replaceAll("profile-id=0", profile));
});

test("refused: no codec that can be sealed", () => {
  const sdp = of("chromium-offer");
  refusedFor("codec", sdp.replace("opus/48000/2", "PCMU/8000"));
  refusedFor("codec", sdp.replaceAll(/VP[89]\/90000/g, "H264/90000"));
});

test("refused: any doubt about the certificate", () => {
  const sdp = of("chromium-offer");
  const [line = ""] = /^a=fingerprint:.*$/m.exec(sdp) ?? [];
  refusedFor("fingerprint", sdp.replaceAll(/^a=fingerprint:.*\r\n/gm, ""));
  refusedFor("fingerprint", sdp.replace("sha-256", "sha-1"));
  refusedFor(
    "fingerprint",
    sdp.replace(line, `${line}\r\n${line.replace(/..$/, line.endsWith("00") ? "01" : "00")}`),
  );
  refusedFor("fingerprint", sdp.replace(line, `${line}\r\n${line.replace("sha-256", "sha-512")}`));
  refusedFor("fingerprint", sdp.replace(line, line.slice(0, -3)));
});

test("refused: too long, or not text of a browser", () => {
  const sdp = of("chromium-offer");
  refusedFor("size", sdp + "a=x:1\r\n".repeat(MAX_SDP_LENGTH));
  refusedFor("size", `${sdp}a=x:1\r\n`.padEnd(MAX_SDP_LENGTH - 1, "\r\na=x"));
  refusedFor("size", sdp.replace("s=-", "s=\u0000"));
  refusedFor("size", sdp.replace("s=-", "s=é"));
});

test("whatever a line says, nothing unknown gets through", () => {
  const sdp = of("chromium-offer");
  const known = new Set(linesOf(cleanSdp(sdp).sdp));
  const visible = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(visible, fc.nat(), (text, position) => {
      const lines = linesOf(sdp);
      const at = position % lines.length;
      const line = `a=x-${text}`;
      const clean = cleanSdp([...lines.slice(0, at), line, ...lines.slice(at)].join("\r\n"));
      for (const each of linesOf(clean.sdp)) assert.ok(known.has(each), each);
    }),
  );
});

// ---- candidates ------------------------------------------------------------------------------------------------

const HOST = "candidate:1 1 udp 2122194687 192.0.2.2 56956 typ host generation 0 ufrag mgbe network-id 1";
const RELAY =
  "candidate:3 1 udp 41885439 198.51.100.7 50000 typ relay raddr 203.0.113.9 rport 61000 generation 0 ufrag mgbe";
const MDNS = "candidate:0 1 UDP 2122252543 4d406f11-e7dd-4963-93a8-88468935ac30.local 54885 typ host";

const wrap = (candidate: string) => ({ candidate, sdpMid: "0", sdpMLineIndex: 0 });

test("a candidate keeps what ICE needs and nothing else", () => {
  assert.equal(
    cleanCandidate(wrap(HOST), false)?.candidate,
    "candidate:1 1 udp 2122194687 192.0.2.2 56956 typ host ufrag mgbe",
  );
  assert.equal(
    cleanCandidate(wrap(RELAY), false)?.candidate,
    "candidate:3 1 udp 41885439 198.51.100.7 50000 typ relay raddr 0.0.0.0 rport 0 ufrag mgbe",
  );
  assert.equal(cleanCandidate(wrap(MDNS), false)?.candidate, MDNS);
  assert.equal(
    cleanCandidate({ ...wrap(MDNS), usernameFragment: "a1b2" }, false)?.candidate,
    `${MDNS} ufrag a1b2`,
  );
  assert.deepEqual(candidateParts(RELAY), { address: "198.51.100.7", port: 50_000, type: "relay" });
});

test("relay only: no other candidate, and not the address behind it", () => {
  for (const other of [HOST, MDNS, HOST.replace("typ host", "typ srflx raddr 10.0.0.1 rport 1")])
    assert.equal(cleanCandidate(wrap(other), true), null);
  assert.ok(!cleanCandidate(wrap(RELAY), true)?.candidate.includes("203.0.113.9"));
});

test("refused: what is no candidate", () => {
  for (const text of [
    "",
    "candidate:",
    HOST.replace("udp", "sctp"),
    // A check over TCP is a connection to wherever the other side likes.
    "candidate:2 1 TCP 2105458943 192.0.2.2 9 typ host tcptype active",
    "candidate:2 1 tcp 2105458943 192.168.1.1 80 typ host tcptype passive",
    HOST.replace("56956", "0"),
    ...["0.0.0.0", "0.1.2.3", "224.0.0.251", "255.255.255.255", "::", "0:0:0:0:0:0:0:0", "ff02::fb"].map(
      (address) => HOST.replace("192.0.2.2", address),
    ),
    HOST.replace("192.0.2.2", "printer.local"),
    HOST.replace("192.0.2.2", "١٩٢.0.2.2"),
    HOST.replace("192.0.2.2", "evil.example"),
    HOST.replace("56956", "65536"),
    HOST.replace("1 1 udp", "1 2 udp"),
    HOST.replace("typ host", "typ other"),
    `${HOST}\r\na=x`,
    `${HOST} ${"x".repeat(2_000)}`,
  ])
    assert.equal(cleanCandidate(wrap(text), false), null, text.slice(0, 80));
  assert.equal(cleanCandidate({ ...wrap(HOST), sdpMid: null, sdpMLineIndex: null }, false), null);
  for (const sdpMid of ["", "a b", "0\r\na=x", "x".repeat(17)])
    assert.equal(cleanCandidate({ ...wrap(HOST), sdpMid }, false), null, sdpMid);
  for (const usernameFragment of ["", "abc", "abcd typ relay", "abcd\r\na=x", "\ud800bcd", "x".repeat(257)])
    assert.equal(cleanCandidate({ ...wrap(MDNS), usernameFragment }, false), null, usernameFragment);
});

test("a certificate is compared with the announced fingerprint", async () => {
  const certificate = new TextEncoder().encode("a certificate").buffer;
  const digest = Buffer.from(await crypto.subtle.digest("SHA-256", certificate)).toString("hex");
  assert.equal(await hasFingerprint(certificate, digest), true);
  const flipped = (digest.startsWith("0") ? "1" : "0") + digest.slice(1);
  assert.equal(await hasFingerprint(certificate, flipped), false);
  assert.equal(await hasFingerprint(certificate, digest.slice(0, 62)), false);
  assert.equal(await hasFingerprint(certificate, ""), false);
});
