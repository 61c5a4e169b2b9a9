/** Text and numbers in their smallest forms: base64url, UTF-8, names, passcodes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import * as v from "valibot";
import { PersonName } from "../../../client/transport/messages.ts";
import { cleanName } from "../../../client/transport/person-name.ts";
import { canonicalPasscode } from "../../../client/ui/passcode.ts";
import { fromBase64Url, fromUtf8, readUintBe, toBase64Url, uintBe, utf8 } from "../../../crypto/bytes.ts";
import { passcodeBytes } from "../../../crypto/cpace.ts";
import { isDisplayName } from "../../../crypto/invite.ts";
import { codes, judged, nothing, sameBytes } from "../judge.ts";
import { ACCEPTED, bytesTarget, textTarget } from "../target.ts";

const base64Url = textTarget({
  name: "base64url",
  covers: ["crypto/bytes.ts fromBase64Url"],
  samples: ["", "AA", "AAA", "AAAA", "-_-_", "Zm9vYmFy", "A".repeat(43)],
  check: (text) =>
    judged(
      () => fromBase64Url(text),
      nothing,
      (bytes) => assert.equal(toBase64Url(bytes), text),
    ),
});

const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodedByPlatform(bytes: Uint8Array): string | null {
  try {
    return fatal.decode(bytes);
  } catch {
    return null;
  }
}

const utf8Bytes = bytesTarget({
  name: "utf-8",
  covers: ["crypto/bytes.ts fromUtf8"],
  samples: ["", "Dr. Ada", "é", "€", "😀", "\ufeffx", "a\u0000b"].map(utf8),
  check: (bytes) => {
    assert.equal(fromUtf8(bytes), decodedByPlatform(bytes), "another answer than a fatal TextDecoder's");
    return judged(
      () => fromUtf8(bytes),
      nothing,
      (text) => sameBytes(utf8(text), bytes),
    );
  },
});

const integer = bytesTarget({
  name: "integer",
  covers: ["crypto/bytes.ts readUintBe"],
  samples: [new Uint8Array(0), Uint8Array.of(1, 2, 3, 4), new Uint8Array(8).fill(255)],
  neverRefuses: true,
  check: (bytes) => {
    const field = bytes.subarray(0, 8);
    sameBytes(uintBe(readUintBe(field), field.length), field);
    return ACCEPTED;
  },
});

const graphemes = fc.string({ unit: "grapheme", maxLength: 70 });

const name = textTarget({
  name: "name",
  covers: ["client/transport/person-name.ts cleanName"],
  samples: [
    "Dr. Ada Lindqvist",
    "  José \t García ",
    "李小龙",
    "أحمد",
    "e\u200d\u0301",
    "👩‍👩‍👧 family",
    "x".repeat(200),
  ],
  wrong: graphemes,
  neverRefuses: true,
  check: (text) => {
    const cleaned = cleanName(text);
    assert.equal(cleanName(cleaned), cleaned, "cleaned again, it is another name");
    if (cleaned !== "") {
      assert.ok(isDisplayName(cleaned), "no link can carry it");
      assert.ok(v.is(PersonName, cleaned), "the other side would refuse it");
    }
    return ACCEPTED;
  },
});

const passcode = textTarget({
  name: "passcode",
  covers: ["client/ui/passcode.ts canonicalPasscode"],
  samples: ["482 913", "Blue River 42", "ﬀ ﬁ ½", "١٢٣٤٥٦", "ＦＵＬＬ", "ǅ İ ς", "x".repeat(63)],
  wrong: fc.tuple(fc.nat(70), graphemes).map(([count, text]) => "x".repeat(count) + text),
  check: (text) => {
    const canonical = canonicalPasscode(text);
    assert.equal(canonicalPasscode(canonical), canonical, "said again, it is another passcode");
    if (canonical === "") return "empty";
    return judged(
      () => passcodeBytes(canonical),
      codes(),
      (bytes) => assert.equal(fromUtf8(bytes), canonical, "the handshake compares something else"),
    );
  },
});

export const TEXT = [base64Url, utf8Bytes, integer, name, passcode] as const;
