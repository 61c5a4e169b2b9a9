/**
 * What somebody on the way sees of a call: packets captured on a cable between the two, in clear and under DTLS and SRTP.
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  press,
  suiteScope,
  toDesk,
  waits,
} from "../support/app.ts";
import { eventually, type Person, received, type TestBrowser } from "../support/browsers.ts";
import { startCoturn } from "../support/coturn.ts";
import { DTLS_1_0, DTLS_1_2, DTLS_1_3, dtlsVersions } from "../support/dtls.ts";
import { kindOf, type Packet, peersNamedIn, rtpHeader, unwrapped } from "../support/pcap.ts";
import { launchIn } from "./browsers.ts";
import { SERVER_ADDRESS, skip } from "./enter.ts";
import { relayBehindTls } from "./front.ts";
import { addressOf, buildLab, type Lab, PRIVATE } from "./network.ts";
import { HALF_SECONDS, speechThenSilence } from "./speech.ts";

/** Says what must not be in there: the two levels of loudness, of the speaker and of a mixer (RFC 6464, RFC 6465). */
const LEVELS = /ssrc-audio-level|csrc-audio-level/;
const KNOWN_EXTENSIONS = /sdes:mid$|transport-wide-cc-extensions-01$|abs-send-time$/;

const scope = suiteScope();
let lab: Lab;
let patients: TestBrowser;
let therapist: Person;

before(async () => {
  if (skip) return;
  await builtClient();
  lab = buildLab();
  const address = { externalIp: SERVER_ADDRESS, listenIp: SERVER_ADDRESS, relayIp: SERVER_ADDRESS };
  const coturn = await startCoturn({ settings: address });
  scope.after(() => coturn.close());
  const trust = coturn.certificate.spki;
  const relay = await relayBehindTls(scope, coturn.certificate, coturn.environment("udp"));
  writeFileSync("/run/speech.wav", speechThenSilence());
  const flags = ["--use-file-for-fake-audio-capture=/run/speech.wav"];
  const therapists = await launchIn("therapist", "chromium", { trust, flags });
  scope.after(() => therapists.close());
  patients = await launchIn("patient", "firefox", { trust });
  scope.after(() => patients.close());
  therapist = await therapists.person({ before: RECORD_REMOTE });
  await openDesk(therapist, relay);
});
after(scope.clean);

/** Source of a script that keeps what the page tells its browser about the other side: the opened envelopes. */
const RECORD_REMOTE = `{
  globalThis.toldOfOther = [];
  const { addIceCandidate, setRemoteDescription } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addIceCandidate = function (candidate) {
    globalThis.toldOfOther.push(JSON.stringify(candidate));
    return addIceCandidate.call(this, candidate);
  };
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    globalThis.toldOfOther.push(description.sdp);
    return setRemoteDescription.call(this, description);
  };
}`;

declare global {
  var toldOfOther: string[];
}

/** Also how this person is to send: payload types and extensions are the receiver's choice. */
const told = ({ page }: Person) => page.evaluate(() => globalThis.toldOfOther.join("\n"));

async function patientInCall(hideAddresses: boolean): Promise<Person> {
  const patient = await patients.person({ before: RECORD_REMOTE });
  const { link } = await makeInvite(therapist, { hideAddresses });
  await arrive(patient, link);
  await waits(patient);
  await admit(therapist);
  await inCall(therapist, patient);
  return patient;
}

/** RTP of Opus from one side, by the payload types that the other side agreed to. */
function audioFrom(packets: readonly Packet[], payloadTypes: ReadonlySet<number>): Packet[] {
  return packets.filter(
    (packet) => kindOf(packet) === "rtp" && payloadTypes.has(rtpHeader(packet.payload).payloadType),
  );
}

const sizes = (packets: readonly Packet[]): number[] => [
  ...new Set(packets.map(({ payload }) => payload.length)),
];
/** Browsers also ask for names and look around in their network: those are no packets of the call. */
const sent = (packets: readonly Packet[], from: string, to: string): Packet[] =>
  packets.filter(({ source, destination }) => source === from && destination === to);

function payloadTypes(sdp: string, codec: string): Set<number> {
  const lines = [...sdp.matchAll(/^a=rtpmap:(\d+) (\w+)/gm)];
  return new Set(lines.filter(([, , name]) => name === codec).map(([, type]) => Number(type)));
}

/** Loud and silent tenths of a second that reached this person during `seconds`. */
async function hears({ page }: Person, seconds: number): Promise<{ loud: number; silent: number }> {
  const heard = { loud: 0, silent: 0 };
  const end = performance.now() + seconds * 1_000;
  let before = (await received(page)).audioEnergy;
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { audioEnergy } = await received(page);
    if (audioEnergy - before > 1e-5) heard.loud++;
    else heard.silent++;
    before = audioEnergy;
  }
  return heard;
}

describe("on the wire between a therapist in Chromium and a patient in Firefox", { skip }, () => {
  let patient: Person;
  /** From before they met, and from one whole sentence with a pause on. */
  let meeting: readonly Packet[];
  let talk: readonly Packet[];
  let seconds: number;

  before(async () => {
    const beginning = await lab.capture("therapist");
    patient = await patientInCall(false);
    meeting = await beginning.stop();
    // The frame counter grows by a byte with the 256th frame of an epoch, whatever is said. From then on it stays.
    for (const each of [therapist, patient])
      await eventually("300 sounds", async () => (await received(each.page)).audioPackets > 300);

    const talking = await lab.capture("therapist");
    const start = performance.now();
    const hearing = hears(patient, 2 * HALF_SECONDS + 1);
    await press(patient, /^microphone on/);
    const { loud, silent } = await hearing;
    seconds = (performance.now() - start) / 1_000;
    talk = await talking.stop();
    assert.ok(loud > 5 && silent > 5, `speech and silence were heard: ${loud} loud, ${silent} silent`);
  });

  const ends = () =>
    [
      [therapist, addressOf("therapist"), addressOf("patient")],
      [patient, addressOf("patient"), addressOf("therapist")],
    ] as const;

  test("sound has one size and one pace in speech, in silence and muted", async (t) => {
    for (const [from, own, other] of ends()) {
      const opus = payloadTypes(await told(from), "opus");
      const audio = audioFrom(sent(talk, own, other), opus);
      t.diagnostic(
        `${from.name}: ${audio.length} packets of ${sizes(audio)} bytes in ${seconds.toFixed(1)} s`,
      );
      assert.equal(sizes(audio).length, 1, `sizes ${sizes(audio)}`);
      const pace = audio.length / seconds;
      assert.ok(pace > 40 && pace < 60, `${pace} packets a second`);
    }
  });

  test("headers tell of no loudness and no other speakers", async () => {
    for (const [from, own, other] of ends()) {
      const descriptions = await told(from);
      assert.doesNotMatch(descriptions, LEVELS);
      const extensions = new Map(
        Array.from(descriptions.matchAll(/^a=extmap:(\d+)\S* (\S+)/gm), ([, id, uri = ""]) => [
          Number(id),
          uri,
        ]),
      );
      const rtp = [...sent(meeting, own, other), ...sent(talk, own, other)].filter(
        (packet) => kindOf(packet) === "rtp",
      );
      // The sound alone is so many; how many pictures there are, the machine's load decides.
      assert.ok(rtp.length > 200);
      for (const { payload } of rtp) {
        const header = rtpHeader(payload);
        assert.equal(header.contributors, 0);
        for (const id of header.extensions.keys()) assert.match(extensions.get(id) ?? "", KNOWN_EXTENSIONS);
      }
    }
  });

  test("the handshake offers and chooses DTLS 1.2 or newer", (t) => {
    const { offered, chosen } = dtlsVersions(meeting);
    t.diagnostic(
      `offered ${offered.map((v) => v.toString(16))}, chosen ${chosen.map((v) => v.toString(16))}`,
    );
    assert.ok(offered.length > 0 && chosen.length > 0);
    assert.ok(!offered.includes(DTLS_1_0));
    for (const version of chosen) assert.ok(version === DTLS_1_2 || version === DTLS_1_3);
  });

  test("nothing but STUN, DTLS and SRTP: no byte of a call travels otherwise", () => {
    const between = [meeting, talk].flatMap((packets) =>
      ends().flatMap(([, own, other]) => sent(packets, own, other)),
    );
    assert.ok(between.length > 400);
    for (const packet of between) assert.notEqual(kindOf(packet), "unknown");
  });
});

describe("with hidden addresses", { skip }, () => {
  let patient: Person;
  let packets: readonly (readonly Packet[])[];

  before(async () => {
    await press(therapist, /^end/);
    await press(therapist, /^end the session$/);
    await toDesk(therapist);
    await therapist.page.evaluate(() => globalThis.toldOfOther.splice(0));
    const cables = await Promise.all([lab.capture("therapist"), lab.capture("patient")]);
    patient = await patientInCall(true);
    packets = await Promise.all(cables.map((cable) => cable.stop()));
  });

  test("neither side is told a private address of the other's, and its browser asks for none", async () => {
    for (const each of [therapist, patient]) {
      const all = await told(each);
      assert.match(all, / typ relay/);
      assert.doesNotMatch(all, / typ (host|srflx|prflx)|\.local/);
      assert.doesNotMatch(all, PRIVATE);
    }
    const peers = new Set(packets.flat().flatMap(peersNamedIn));
    assert.deepEqual([...peers], [SERVER_ADDRESS]);
  });

  test("not one packet travels between the two, only to and from the TURN server", () => {
    const [hers = [], his = []] = packets;
    for (const [cable, other] of [
      [hers, addressOf("patient")],
      [his, addressOf("therapist")],
    ] as const) {
      const addresses = cable.flatMap(({ source, destination }) => [source, destination]);
      const relayed = addresses.filter((address) => address === SERVER_ADDRESS).length;
      assert.ok(relayed > 100, `${relayed} packets`);
      assert.ok(!addresses.includes(other));
    }
  });

  test("the TURN server sees sound of one size, too", async () => {
    const [cable = []] = packets;
    const relayed = sent(cable, addressOf("therapist"), SERVER_ADDRESS).map(unwrapped);
    const opus = payloadTypes(await told(therapist), "opus");
    // The section's name travels in the first packets, until the other side has heard of it.
    const audio = audioFrom(relayed, opus).filter(({ payload }) => !named(payload));
    assert.ok(audio.length > 20);
    // The frame counter grows by a byte twice within the first seconds; speech would move sizes by dozens.
    assert.ok(Math.max(...sizes(audio)) - Math.min(...sizes(audio)) <= 2, `sizes ${sizes(audio)}`);
  });

  /** Has more header extensions than the usual two. */
  const named = (payload: Buffer) => rtpHeader(payload).extensions.size > 2;
});
