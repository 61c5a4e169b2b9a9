import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import {
  encodeVerifierKey,
  MAX_CHECKPOINT_BYTES,
  openCheckpoint,
  parseVerifierKey,
  signCheckpoint,
} from "../../../crypto/audit/checkpoint.ts";
import { concat, fromBase64, toBase64, utf8 } from "../../../crypto/bytes.ts";
import { sha256, signingKey, verifyEd25519 } from "../support/audit.ts";
import { hex, rejectsCode, singleBitMutations, throwsCode } from "../support/session.ts";
import { ABSENT, officialVectors } from "../support/vectors.ts";

const origin = "quietroom.log/AAAAAAAAAAAAAAAAAAAAAA";
const key = signingKey("log");
const verifierKey = encodeVerifierKey(sha256, origin, key.publicKey);
const root = sha256(utf8("root"));
const checkpoint = { origin, size: 20_852_163, root };
const note = await signCheckpoint(sha256, checkpoint, key.publicKey, key.sign);
const open = (text: string, of = verifierKey) => openCheckpoint(sha256, verifyEd25519, text, of);

const official = officialVectors("c2sp-signed-note.json");
const Vector = v.object({ vkey: v.string(), note: v.string() });

test("C2SP's signed note: key, key id and signature", { skip: official === null && ABSENT }, async () => {
  const { vkey, note: signed } = v.parse(Vector, official);
  const { origin: name, key: publicKey } = parseVerifierKey(sha256, vkey);
  assert.equal(name, "example.com/foo");
  assert.equal(encodeVerifierKey(sha256, name, publicKey), vkey);
  const [text = "", line = ""] = signed.split("\n\n");
  const bytes = fromBase64(line.trimEnd().split(" ")[2] ?? "") ?? assert.fail();
  assert.equal(hex(bytes.subarray(0, 4)), vkey.split("+")[1]);
  assert.ok(verifyEd25519(publicKey, utf8(`${text}\n`), bytes.subarray(4)));
  // A note, and no checkpoint.
  await rejectsCode(open(signed, vkey), "MESSAGE-MALFORMED");
});

// c2sp.org/tlog-checkpoint, the example of "Note text"; its key is not given there.
const EXAMPLE = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;

test("C2SP's checkpoint is read where a signature of the key asked for is on it", async () => {
  const name = "example.com/behind-the-sofa";
  const ours = encodeVerifierKey(sha256, name, key.publicKey);
  await rejectsCode(open(EXAMPLE, ours), "MESSAGE-FORGED");
  const text = EXAMPLE.slice(0, EXAMPLE.indexOf("\n\n") + 1);
  const own = await signCheckpoint(
    sha256,
    {
      origin: name,
      size: 20_852_163,
      root: fromBase64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=") ?? root,
    },
    key.publicKey,
    key.sign,
  );
  assert.ok(own.startsWith(`${text}\n`));
  // The other signature is of a key that nobody asked for, and is passed over.
  const both = EXAMPLE + own.slice(own.indexOf("—"));
  assert.equal((await open(both, ours)).size, 20_852_163);
});

test("a checkpoint is opened as it was signed", async () => {
  assert.deepEqual(await open(note), checkpoint);
  for (const size of [0, 1, Number.MAX_SAFE_INTEGER]) {
    const signed = await signCheckpoint(sha256, { ...checkpoint, size }, key.publicKey, key.sign);
    assert.equal((await open(signed)).size, size);
  }
  assert.deepEqual(parseVerifierKey(sha256, verifierKey), { origin, key: key.publicKey });
});

test("signed by another key, of another log, or changed in one bit", async () => {
  const other = signingKey("other");
  await rejectsCode(open(note, encodeVerifierKey(sha256, origin, other.publicKey)), "MESSAGE-FORGED");
  await rejectsCode(open(note, encodeVerifierKey(sha256, `${origin}x`, key.publicKey)), "MESSAGE-FORGED");
  // Signed with our key under our name, and about another log.
  const text = note.slice(0, note.indexOf("\n\n") + 1).replace(origin, "example.com/other");
  const signature = await key.sign(utf8(text));
  const id = fromBase64(note.trimEnd().split(" ").at(-1) ?? "")?.slice(0, 4) ?? assert.fail();
  await rejectsCode(open(`${text}\n— ${origin} ${toBase64(concat(id, signature))}\n`), "MESSAGE-FORGED");
  for (const bad of singleBitMutations(utf8(note))) {
    const changed = Buffer.from(bad).toString("utf8");
    await rejectsCode(open(changed), "MESSAGE-MALFORMED", "MESSAGE-FORGED");
  }
});

test("one signature of the key that fails makes the note fail", async () => {
  const line = note.slice(note.indexOf("—"));
  await assert.doesNotReject(open(note + line));
  const id = fromBase64(line.trimEnd().split(" ")[2] ?? "")?.slice(0, 4) ?? assert.fail();
  const wrong = `— ${origin} ${toBase64(concat(id, new Uint8Array(64)))}\n`;
  const short = `— ${origin} ${toBase64(concat(id, new Uint8Array(63)))}\n`;
  for (const bad of [wrong, short]) {
    await rejectsCode(open(note + bad), "MESSAGE-FORGED");
    await rejectsCode(open(note.replace("—", `${bad}—`)), "MESSAGE-FORGED");
  }
});

test("what is no note or no checkpoint", async () => {
  const [text = "", line = ""] = note.split("\n\n");
  const signedText = async (changed: string) => {
    const id = fromBase64(line.trimEnd().split(" ")[2] ?? "")?.slice(0, 4) ?? assert.fail();
    return `${changed}\n— ${origin} ${toBase64(concat(id, await key.sign(utf8(changed))))}\n`;
  };
  assert.deepEqual(await open(await signedText(`${text}\n`)), checkpoint);
  const [, , rootText = ""] = text.split("\n");
  for (const changed of [
    `${text}\nextension\n`,
    `\n${text}\n`,
    `${text}\n\n`,
    text,
    `${text.replace("20852163", "020852163")}\n`,
    `${text.replace("20852163", "-1")}\n`,
    `${text.replace("20852163", "2e7")}\n`,
    `${text.replace("20852163", "9007199254740992")}\n`,
    `${text.replace("20852163", "18446744073709551616")}\n`,
    `${text.replace(rootText, rootText.slice(0, -1))}\n`,
    `${text.replace(rootText, "AAAA")}\n`,
    `${text.replace("\n", "\r\n")}\n`,
  ])
    await rejectsCode(open(await signedText(changed)), "MESSAGE-MALFORMED");
  for (const changed of [
    "",
    "\n",
    "\n\n",
    text,
    `${text}\n\n`,
    note.slice(0, -1),
    `${note}\n`,
    note.replace("— ", "- "),
    note.replace("— ", "—"),
    note.replace("— ", "—  "),
    `${note}— x\n`,
    `${note}— x AAAA \n`,
    `${note}— x AAAA\n`,
    `${note}— x+y AAAAAAAA\n`,
    `${note}— x AAAAAAA\n`,
    `${note}— \ud800 AAAAAAAA\n`,
    `${note}${"— x AAAAAAAA\n".repeat(80)}`,
  ])
    await rejectsCode(open(changed), "MESSAGE-MALFORMED");
  assert.ok(utf8(note).length < MAX_CHECKPOINT_BYTES / 3);
  await assert.doesNotReject(open(`${note}${"— x AAAAAAAA\n".repeat(16)}`), "16 signatures at least");
});

test("verifier keys: only the one text of each", () => {
  const [name = "", id = "", ...rest] = verifierKey.split("+");
  const encoded = rest.join("+");
  for (const bad of [
    "",
    "+",
    "++",
    name,
    `${name}+${id}`,
    `${name}+${id}+`,
    `+${id}+${encoded}`,
    `${name}+${id.toUpperCase()}f+${encoded}`,
    `${name}+00000000+${encoded}`,
    `${name}x+${id}+${encoded}`,
    `${name} +${id}+${encoded}`,
    `${name}+${id}+${encoded.replace(/=*$/, "")}A`,
    `${name}+${id}+${toBase64(concat(Uint8Array.of(2), key.publicKey))}`,
    `${name}+${id}+${toBase64(key.publicKey)}`,
    `${verifierKey}\n`,
    "x".repeat(400),
  ])
    throwsCode(() => parseVerifierKey(sha256, bad), "MESSAGE-MALFORMED");
  for (const bad of ["", "a b", "a+b", "a\u00a0b", "a\nb", "\u0000", "\ud800", "x".repeat(300)])
    throwsCode(() => encodeVerifierKey(sha256, bad, key.publicKey), "ARGUMENT-INVALID");
  throwsCode(() => encodeVerifierKey(sha256, origin, key.publicKey.slice(1)), "ARGUMENT-INVALID");
});

test("what no note can say is not signed", async () => {
  const sign = (changes: object, by = key.sign) =>
    signCheckpoint(sha256, { ...checkpoint, ...changes }, key.publicKey, by);
  for (const bad of [{ origin: "" }, { origin: "a b" }, { size: -1 }, { size: 0.5 }, { size: 2 ** 53 }])
    await rejectsCode(sign(bad), "ARGUMENT-INVALID");
  await rejectsCode(sign({ root: root.slice(1) }), "ARGUMENT-INVALID");
  await rejectsCode(
    sign({}, async () => new Uint8Array(63)),
    "ARGUMENT-INVALID",
  );
});
