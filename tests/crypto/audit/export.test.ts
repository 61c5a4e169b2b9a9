import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeExportEnd,
  encodeExportHeader,
  encodeExportLine,
  MAX_LINE_BYTES,
  parseExportEnd,
  parseExportHeader,
  parseExportLine,
} from "../../../crypto/audit/export.ts";
import { fromBase64Url } from "../../../crypto/bytes.ts";
import { someHash, someId } from "../support/audit.ts";
import { throwsCode } from "../support/session.ts";

const header = {
  log: "quietroom.log/AAAAAAAAAAAAAAAAAAAAAA+01234567+AQ==",
  relay: someHash("relay"),
  checkpoint: "quietroom.log/x\n1\nAA==\n\n— quietroom.log/x AAAA\n",
  first: 0,
  second: 12,
  session: someId("session"),
};
const hash = fromBase64Url(someHash("hash")) ?? assert.fail();
const lines = [
  { index: 0, received: 1, body: { event: "a.b.c-_" }, proof: null },
  { index: 2 ** 53 - 1, received: 253_402_300_799_999, body: { leaf: hash }, proof: null },
  { index: 7, received: 1, body: { event: "x" }, proof: [] },
  { index: 7, received: 1, body: { leaf: hash }, proof: [hash, hash.slice().reverse()] },
  {
    index: 7,
    received: 1,
    body: { event: "x".repeat(4_096) },
    proof: Array.from({ length: 53 }, () => hash),
  },
];

test("what is written is read again, within the bound", () => {
  for (const each of [header, { ...header, session: null, first: 12 }]) {
    assert.deepEqual(parseExportHeader(encodeExportHeader(each)), each);
  }
  for (const line of lines) {
    const text = encodeExportLine(line);
    assert.ok(text.length <= MAX_LINE_BYTES);
    assert.deepEqual(parseExportLine(text), line);
  }
  assert.equal(parseExportEnd(encodeExportEnd(12)), 12);
});

test("nothing else is read", () => {
  const text = encodeExportHeader(header);
  for (const bad of [
    "",
    "{}",
    "null",
    ` ${text}`,
    `${text}\n`,
    text.replace('"version":1', '"version":2'),
    text.replace('"first":0,', '"first":00,'),
    text.replace('"first":0,', '"first":1,'),
    encodeExportHeader({ ...header, session: null, first: 13 }),
    text.replace('"first":0,"second":12', '"second":12,"first":0'),
    text.replace("\\n1", "\\n\ud8001"),
    text.replace("\\n1", "\\u000a1"),
    text.replace("—", "\\u2014"),
    text.replace("}", ',"more":1}'),
  ])
    throwsCode(() => parseExportHeader(bad), "MESSAGE-MALFORMED");
  const line = encodeExportLine(lines[3] ?? assert.fail());
  for (const bad of [
    "{}",
    text,
    line.replace(",", ", "),
    line.replace('"index":7', '"index":9007199254740992'),
    line.replace('"index":7', '"index":-7'),
    line.replace('"received":1', '"received":253402300800000'),
    line.replace("]", ",]"),
    line.replace('","', '""'),
    line.replace('","', '",,"'),
    line.replace('"]', '="]'),
    encodeExportLine({ ...(lines[0] ?? assert.fail()), body: { event: 'a"b' } }),
    encodeExportLine({ ...(lines[0] ?? assert.fail()), body: { event: "x".repeat(4_097) } }),
    encodeExportLine({ ...(lines[0] ?? assert.fail()), proof: Array.from({ length: 54 }, () => hash) }),
  ])
    throwsCode(() => parseExportLine(bad), "MESSAGE-MALFORMED");
  for (const bad of ['{"end":-1}', '{"end":01}', '{"end":1} ', '{"end":9007199254740992}', "", text])
    assert.equal(parseExportEnd(bad), null);
});
