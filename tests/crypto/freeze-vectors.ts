/**
 * Writes tests/vectors/{noise,cpace,xwing,invite,handshake}.json from this implementation. Run by hand, and only when
 * the protocol is meant to change: `node tests/crypto/freeze-vectors.ts`. Every changed line means that clients from
 * before and after do not understand each other.
 */
import { writeFileSync } from "node:fs";
import {
  cpaceVector,
  type HandshakeInput,
  handshakeVector,
  inviteVector,
  noiseVector,
  xwingVector,
} from "./support/frozen.ts";
import { therapistPrivateKey, therapistPublicKey } from "./support/handshake.ts";
import { hex, seededRandom } from "./support/session.ts";

function write(name: string, content: unknown): void {
  writeFileSync(new URL(`../vectors/${name}`, import.meta.url), `${JSON.stringify(content, null, 2)}\n`);
}

function bytes(seed: string, length: number): string {
  return hex(seededRandom(`frozen ${seed}`)(length));
}

write(
  "noise.json",
  noiseVector("prologue", seededRandom("frozen noise psk")(32), seededRandom("frozen noise keys"), [
    "the first payload",
    "the second payload",
    "initiator to responder",
    "responder to initiator",
    "",
    "once more",
  ]),
);

write(
  "cpace.json",
  ["1234", "ｂｌａｕｅｒ Fluß ﬁ", "пароль"].map((passcode, i) =>
    cpaceVector({
      link_secret: bytes(`cpace secret ${i}`, 32),
      passcode,
      sid: bytes(`cpace sid ${i}`, 32),
      initiator_random: bytes(`cpace a ${i}`, 64),
      responder_random: bytes(`cpace b ${i}`, 64),
    }),
  ),
);

write(
  "xwing.json",
  [0, 1].map((i) =>
    xwingVector({ seed: bytes(`xwing seed ${i}`, 32), encapsulation_seed: bytes(`xwing enc ${i}`, 64) }),
  ),
);

const invites = [
  { passcode: false, relay_only: false, name: "Dr. Ada Lindqvist" },
  { passcode: true, relay_only: false, name: "Žofie Nováková" },
  { passcode: false, relay_only: true, name: "岡田 由紀" },
  { passcode: true, relay_only: true, name: "x" },
].map((invite, i) =>
  inviteVector({
    ...invite,
    secret: bytes(`invite secret ${i}`, 32),
    therapist_public_key: hex(therapistPublicKey),
  }),
);
write("invite.json", invites);

function handshakeInput(
  name: string,
  invite: number,
  patient: string | null,
  therapist: string | null,
): HandshakeInput {
  const extra = therapist === null ? 0 : 64;
  return {
    name,
    fragment: invites[invite]?.fragment ?? "",
    therapist_private_key: hex(therapistPrivateKey),
    session: bytes(`session ${name}`, 16),
    patient_passcode: patient,
    therapist_passcode: therapist,
    patient_random: bytes(`patient ${name}`, 96 + extra),
    therapist_random: bytes(`therapist ${name}`, 128 + extra),
  };
}

write(
  "handshake.json",
  [
    handshakeInput("no passcode", 0, null, null),
    handshakeInput("passcode", 1, "blue river 42", "blue river 42"),
    handshakeInput("passcode, relay only", 3, "7", "7"),
    handshakeInput("wrong passcode", 1, "blue river 43", "blue river 42"),
  ].map(handshakeVector),
);
