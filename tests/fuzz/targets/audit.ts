/** The audit log: events, entries, checkpoints, sealed details, and exports that somebody hands to a verifier. */
import assert from "node:assert/strict";
import fc from "fast-check";
import sodium from "libsodium-wrappers";
import {
  encodeVerifierKey,
  openCheckpoint,
  parseVerifierKey,
  signCheckpoint,
} from "../../../crypto/audit/checkpoint.ts";
import { openDetails, sealDetails } from "../../../crypto/audit/details.ts";
import { encodeEntry, parseEntry } from "../../../crypto/audit/entry.ts";
import { parseEvent, signEvent } from "../../../crypto/audit/event.ts";
import {
  encodeExportEnd,
  encodeExportHeader,
  encodeExportLine,
  parseExportEnd,
  parseExportHeader,
  parseExportLine,
} from "../../../crypto/audit/export.ts";
import { createLogVerifier } from "../../../crypto/audit/verify.ts";
import {
  ascii,
  concat,
  decodeBase64Url,
  fromAscii,
  fromBase64,
  fromBase64Url,
  toBase64,
  toBase64Url,
  utf8,
} from "../../../crypto/bytes.ts";
import { sha256, signingKey, someHash, verifyEd25519 } from "../../crypto/support/audit.ts";
import { aDay, SESSIONS } from "../../crypto/support/audit-log.ts";
import { wrongJson } from "../json.ts";
import { codes, judged, nothing, refusalOf, sameBytes, sameJson, wholesome } from "../judge.ts";
import { mutatedBytes, mutatedText } from "../mutate.ts";
import { ACCEPTED, bytesTarget, textTarget } from "../target.ts";

await sodium.ready;
const log = await aDay();
const malformed = codes("MESSAGE-MALFORMED");

const base64 = textTarget({
  name: "base64",
  covers: ["crypto/bytes.ts fromBase64"],
  samples: ["", "AA==", "AAA=", "AAAA", "+/+/", "Zm9vYmFy"],
  check: (text) =>
    judged(
      () => fromBase64(text),
      nothing,
      (bytes) => assert.equal(toBase64(bytes), text),
    ),
});

const latin = bytesTarget({
  name: "ascii",
  covers: ["crypto/bytes.ts fromAscii", "crypto/bytes.ts decodeBase64Url"],
  samples: [ascii("abc"), ascii("AAAA")],
  neverRefuses: true,
  check: (bytes) => {
    const text = fromAscii(bytes);
    assert.equal(text, Buffer.from(bytes).toString("latin1"));
    const decoded = decodeBase64Url(bytes);
    assert.deepEqual(decoded, fromBase64Url(text));
    return ACCEPTED;
  },
});

// ---- events ----------------------------------------------------------------------------------------------------

const eventTexts = log.entries.map(({ text }) => text);
const [HEADER = ""] = eventTexts[0]?.split(".") ?? [];
const payloads = eventTexts.map((text) =>
  fromAscii(fromBase64Url(text.split(".")[1] ?? "") ?? new Uint8Array(0)),
);
const SIGNATURE = toBase64Url(new Uint8Array(64));
const withPayload = (payload: string) =>
  `${HEADER}.${Buffer.from(payload, "utf8").toString("base64url")}.${SIGNATURE}`;

const event = textTarget({
  name: "audit-event",
  covers: ["crypto/audit/event.ts parseEvent"],
  samples: eventTexts,
  wrong: fc
    .oneof(mutatedText(payloads), wrongJson(payloads.map((text) => JSON.parse(text))))
    .map(withPayload),
  waits: true,
  check: async (text) => {
    let parsed: ReturnType<typeof parseEvent>;
    try {
      parsed = parseEvent(text);
    } catch (error) {
      return refusalOf(error, malformed);
    }
    wholesome(parsed.event, text.length);
    sameJson({ v: 1, ...parsed.event }, Buffer.from(text.split(".")[1] ?? "", "base64url").toString("utf8"));
    assert.equal(
      await signEvent(parsed.event, async () => parsed.signature),
      text,
      "written again, another text",
    );
    assert.equal(fromAscii(parsed.signed), text.slice(0, text.lastIndexOf(".")));
    return ACCEPTED;
  },
});

const entry = bytesTarget({
  name: "audit-entry",
  covers: ["crypto/audit/entry.ts parseEntry"],
  samples: log.entries.slice(0, 3).map(({ received, text }) => encodeEntry({ received, event: text })),
  wrong: fc
    .tuple(
      fc.constantFrom(0, 1, 2),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.string({ maxLength: 9 }),
    )
    .map(([version, time, text]) => {
      const header = new Uint8Array(9);
      header[0] = version;
      new DataView(header.buffer).setBigUint64(1, time >> BigInt(text.length * 4));
      return concat(header, new Uint8Array(Buffer.from(text, "latin1")));
    }),
  check: (bytes) =>
    judged(
      () => parseEntry(bytes),
      malformed,
      (value) => sameBytes(encodeEntry(value), bytes),
    ),
});

// ---- checkpoints -----------------------------------------------------------------------------------------------

const stranger = signingKey("stranger");
const origin = "example.com/log";
const root = sha256(new Uint8Array(0));
const note = await log.checkpoint();
const strangers = await signCheckpoint(sha256, { origin, size: 3, root }, stranger.publicKey, stranger.sign);
const cosigned = `${note}${strangers.split("\n").at(-2)}\n`;
const real = new Set([note, cosigned].map((text) => text.split("\n\n")[0]));

const checkpoint = textTarget({
  name: "checkpoint",
  covers: ["crypto/audit/checkpoint.ts openCheckpoint"],
  samples: [note, cosigned],
  wrong: mutatedText([note, cosigned, strangers, `\n${note}`, note.replace("\n\n", "\nextension\n\n")]),
  waits: true,
  share: 0.3,
  check: async (text) => {
    try {
      const opened = await openCheckpoint(sha256, verifyEd25519, text, log.verifierKey);
      assert.ok(real.has(text.split("\n\n")[0]), "a checkpoint that nobody signed was opened");
      assert.equal(`${opened.origin}\n${opened.size}\n${toBase64(opened.root)}`, text.split("\n\n")[0]);
      return ACCEPTED;
    } catch (error) {
      return refusalOf(error, codes("MESSAGE-MALFORMED", "MESSAGE-FORGED"));
    }
  },
});

const verifierKey = textTarget({
  name: "verifier-key",
  covers: ["crypto/audit/checkpoint.ts parseVerifierKey"],
  samples: [log.verifierKey, encodeVerifierKey(sha256, "übung/é", stranger.publicKey)],
  check: (text) =>
    judged(
      () => parseVerifierKey(sha256, text),
      malformed,
      ({ origin: name, key }) => assert.equal(encodeVerifierKey(sha256, name, key), text),
    ),
});

// ---- details ---------------------------------------------------------------------------------------------------

const box = sodium.crypto_box_seed_keypair(new Uint8Array(32));
const said = [{ hash: someHash("consent"), version: "de-3" }, { version: "é\n\u2028 😀" }] as const;
const sealed = said.map(
  (details) => sealDetails(sodium, box.publicKey, "consent.given", details) ?? assert.fail(),
);
// In the registry's order.
const plain = [
  JSON.stringify({ version: said[0].version, hash: said[0].hash }),
  JSON.stringify({ version: said[1].version }),
];
const padded = (json: Uint8Array) =>
  concat(json, Uint8Array.of(0x80), new Uint8Array((128 - ((json.length + 1) % 128)) % 128));
const seal = (bytes: Uint8Array) => new Uint8Array(sodium.crypto_box_seal(bytes, box.publicKey));

const details = bytesTarget({
  name: "audit-details",
  covers: ["crypto/audit/details.ts openDetails"],
  samples: sealed,
  wrong: fc.oneof(
    wrongJson(plain.map((text) => JSON.parse(text))).map((text) => seal(padded(Buffer.from(text, "utf8")))),
    mutatedBytes(plain.map((text) => padded(utf8(text)))).map(seal),
  ),
  share: 0.3,
  check: (bytes) =>
    judged(
      () => openDetails(sodium, box, "consent.given", bytes),
      codes("MESSAGE-MALFORMED", "MESSAGE-FORGED"),
      (opened) => {
        wholesome(opened, bytes.length);
        const again =
          sealDetails(sodium, box.publicKey, "consent.given", opened) ?? assert.fail("nothing to say");
        sameBytes(
          sodium.crypto_box_seal_open(again, box.publicKey, box.privateKey),
          sodium.crypto_box_seal_open(bytes, box.publicKey, box.privateKey),
        );
      },
    ),
});

// ---- exports ---------------------------------------------------------------------------------------------------

const whole = await log.export();
const session = await log.export(0, log.entries.length, SESSIONS[0]);
const headers = [whole[0] ?? "", session[0] ?? ""];
const lines = [...whole.slice(1, 4), ...session.slice(1, 4)];
const purged = lines.map((line) => encodeExportLine({ ...parseExportLine(line), body: { leaf: root } }));
const values = (texts: readonly string[]) => texts.map((text) => JSON.parse(text));

const exportHeader = textTarget({
  name: "export-header",
  covers: ["crypto/audit/export.ts parseExportHeader"],
  samples: headers,
  wrong: wrongJson(values(headers)),
  check: (text) =>
    judged(
      () => parseExportHeader(text),
      malformed,
      (header) => {
        wholesome(header, text.length);
        assert.equal(encodeExportHeader(header), text);
      },
    ),
});

const exportLine = textTarget({
  name: "export-line",
  covers: ["crypto/audit/export.ts parseExportLine"],
  samples: [...lines, ...purged],
  wrong: wrongJson(values([...lines, ...purged])),
  check: (text) =>
    judged(
      () => parseExportLine(text),
      malformed,
      (line) => {
        wholesome(line, text.length);
        assert.equal(encodeExportLine(line), text);
      },
    ),
});

const exportEnd = textTarget({
  name: "export-end",
  covers: ["crypto/audit/export.ts parseExportEnd"],
  samples: ['{"end":0}', '{"end":12}'],
  check: (text) =>
    judged(
      () => parseExportEnd(text),
      nothing,
      (count) => assert.equal(encodeExportEnd(count), text),
    ),
});

const file = session.join("\n");

const exportFile = textTarget({
  name: "export-file",
  covers: ["crypto/audit/verify.ts createLogVerifier"],
  samples: [file],
  wrong: fc.tuple(fc.nat(session.length - 1), fc.nat(session.length - 1), fc.nat(3)).map(([a, b, kind]) => {
    const [one = "", other = ""] = [session[a], session[b]];
    if (kind === 0) return session.toSpliced(a, 1).join("\n");
    if (kind === 1) return session.toSpliced(a, 0, other).join("\n");
    return session.with(a, other).with(b, one).join("\n");
  }),
  waits: true,
  share: 0.02,
  check: async (text) => {
    const verifier = createLogVerifier({
      sha256,
      verify: verifyEd25519,
      verifyEvents: async (jobs) =>
        jobs.map(({ key, signed, signature }) => verifyEd25519(key, signed, signature) === true),
      logKey: log.verifierKey,
      older: null,
    });
    for (const line of text.split("\n")) await verifier.line(line);
    const { holds, findings } = await verifier.end();
    assert.equal(holds, text === file, "only the file itself holds");
    return holds ? ACCEPTED : (findings[0]?.code ?? assert.fail("refused without a word"));
  },
});

export const AUDIT = [
  base64,
  latin,
  event,
  entry,
  checkpoint,
  verifierKey,
  details,
  exportHeader,
  exportLine,
  exportEnd,
  exportFile,
] as const;
