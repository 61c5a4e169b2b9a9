/** The handshake's payloads and the head of its messages: what the holder of the right keys could put inside. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { concat } from "../../../crypto/bytes.ts";
import {
  bodyOf,
  chooseSuite,
  encodePayload1,
  encodePayload2,
  header,
  KEM_CIPHERTEXT_BYTES,
  KEM_PUBLIC_KEY_BYTES,
  parsePayload1,
  parsePayload2,
  SUITES,
} from "../../../crypto/handshake-payload.ts";
import { type Kind, kindOf } from "../../../crypto/kinds.ts";
import { counting } from "../../crypto/support/session.ts";
import { codes, judged, sameBytes, wholesome } from "../judge.ts";
import { ACCEPTED, bytesTarget } from "../target.ts";

const PAYLOAD_CODES = codes("MESSAGE-MALFORMED", "SUITE-UNKNOWN");
const FLAGS = [false, true] as const;

const payload1 = (passcode: boolean, suites: readonly number[]) =>
  encodePayload1({
    suites,
    kemPublicKey: counting(KEM_PUBLIC_KEY_BYTES),
    commitment: counting(32),
    share: passcode ? counting(32, 7) : null,
  });

const offer = bytesTarget({
  name: "payload-1",
  covers: ["crypto/handshake-payload.ts parsePayload1"],
  samples: [
    payload1(false, [1]),
    payload1(true, [1]),
    payload1(true, [9, 1, 0xffff]),
    payload1(
      false,
      Array.from({ length: 16 }, (_, i) => i),
    ),
  ],
  wrong: fc
    .tuple(fc.nat(20), fc.array(fc.nat(3), { maxLength: 20 }), fc.constantFrom(0, 0, 32, 32, -1, 1, 31, 33))
    .map(([count, suites, longer]) =>
      concat(
        Uint8Array.of(count),
        ...suites.map((suite) => Uint8Array.of(0, suite)),
        new Uint8Array(Math.max(0, KEM_PUBLIC_KEY_BYTES + 32 + longer)),
      ),
    ),
  check: (bytes) => {
    const verdicts = FLAGS.map((passcode) =>
      judged(
        () => parsePayload1(bytes, passcode),
        PAYLOAD_CODES,
        (payload) => {
          sameBytes(encodePayload1(payload), bytes);
          assert.equal(new Set(payload.suites).size, payload.suites.length, "a suite twice");
          wholesome(payload, bytes.length);
          judged(
            () => chooseSuite(payload.suites),
            codes("SUITE-UNKNOWN"),
            (suite) => assert.ok(SUITES.includes(suite)),
          );
        },
      ),
    );
    assert.ok(
      verdicts.filter((verdict) => verdict === ACCEPTED).length <= 1,
      "read with and without a passcode",
    );
    return verdicts.find((verdict) => verdict === ACCEPTED) ?? verdicts.join();
  },
});

const payload2 = (passcode: boolean, suite: number) =>
  encodePayload2({
    suite,
    kemCiphertext: counting(KEM_CIPHERTEXT_BYTES),
    nonce: counting(32),
    share: passcode ? counting(32, 7) : null,
  });

const answered = bytesTarget({
  name: "payload-2",
  covers: ["crypto/handshake-payload.ts parsePayload2"],
  samples: [payload2(false, 1), payload2(true, 1)],
  check: (bytes) => {
    const verdicts = FLAGS.map((passcode) =>
      judged(
        () => parsePayload2(bytes, passcode, SUITES),
        PAYLOAD_CODES,
        (payload) => {
          sameBytes(encodePayload2(payload), bytes);
          assert.ok(SUITES.includes(payload.suite), "a suite that was not offered");
        },
      ),
    );
    assert.ok(
      verdicts.filter((verdict) => verdict === ACCEPTED).length <= 1,
      "read with and without a passcode",
    );
    return verdicts.find((verdict) => verdict === ACCEPTED) ?? verdicts.join();
  },
});

const KINDS: readonly Kind[] = [1, 2, 3, 4, 5, 0x10];
const head = bytesTarget({
  name: "message-head",
  covers: ["crypto/handshake-payload.ts bodyOf", "crypto/kinds.ts kindOf"],
  samples: KINDS.map((kind) => concat(header(kind), counting(5))),
  wrong: fc
    .tuple(fc.nat(255), fc.nat(3), fc.constantFrom(0, 1, 2, 2_046, 2_047, 2_048))
    .map(([kind, version, length]) => concat(Uint8Array.of(kind, version), new Uint8Array(length))),
  check: (bytes) => {
    const verdicts = KINDS.map((kind) =>
      judged(
        () => bodyOf(bytes, kind),
        codes("MESSAGE-MALFORMED", "VERSION-UNKNOWN"),
        (body) => sameBytes(concat(header(kind), body), bytes),
      ),
    );
    assert.ok(verdicts.filter((verdict) => verdict === ACCEPTED).length <= 1, "two kinds at once");
    judged(
      () => kindOf(bytes),
      codes("MESSAGE-MALFORMED"),
      (kind) => assert.equal(kind, bytes[0]),
    );
    return verdicts.find((verdict) => verdict !== "MESSAGE-MALFORMED") ?? "MESSAGE-MALFORMED";
  },
});

export const PAYLOAD = [offer, answered, head] as const;
