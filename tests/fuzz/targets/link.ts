/** The invite link's fragment. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Bytes, concat, fromBase64Url, toBase64Url, uintBe } from "../../../crypto/bytes.ts";
import { encodeInvite, isDisplayName, parseInvite } from "../../../crypto/invite.ts";
import { hash } from "../../../crypto/kdf.ts";
import { LABEL } from "../../../crypto/labels.ts";
import { inviteWith, base as sodium } from "../../crypto/support/handshake.ts";
import { codes, judged, wholesome } from "../judge.ts";
import { mutatedBytes } from "../mutate.ts";
import { textTarget } from "../target.ts";

const CHECKSUM_BYTES = 4;
const samples = [
  inviteWith(),
  inviteWith({ passcode: true, name: "é" }),
  inviteWith({ relayOnly: true, name: "李小龙 – 😀" }),
  inviteWith({ passcode: true, relayOnly: true, name: "x".repeat(64) }),
].map((invite) => encodeInvite(sodium, invite));

/** Changed, and then given the checksum that fits: anybody can compute it. */
function resealed(body: Bytes): string {
  const checksum = hash(sodium, LABEL.linkChecksum, 32, body).subarray(0, CHECKSUM_BYTES);
  return toBase64Url(concat(body, checksum));
}
const bodies = samples.map((text) => (fromBase64Url(text) ?? assert.fail()).slice(0, -CHECKSUM_BYTES));

/** Names that show as something else than they are, or that two people would not call the same. */
const ODD_NAMES = [
  "",
  " Ada",
  "Ada\n",
  "Ada\u00a0",
  "e\u0301",
  "\ufb01",
  "\u212b",
  "\u202eadA",
  "a\u2028b",
  "a\u0000b",
  "a\u009bb",
  "x".repeat(65),
  "é".repeat(33),
];
const named = fc
  .oneof(fc.constantFrom(...ODD_NAMES), fc.string({ unit: "grapheme", maxLength: 30 }))
  .map((name) => {
    const bytes = Buffer.from(name);
    const [body = new Uint8Array(0)] = bodies;
    return resealed(concat(body.slice(0, 66), uintBe(bytes.length & 0xff, 1), bytes));
  });

export const LINK = textTarget({
  name: "link",
  covers: ["crypto/invite.ts parseInvite", "crypto/invite.ts isDisplayName"],
  samples,
  wrong: fc.oneof({ arbitrary: mutatedBytes(bodies).map(resealed), weight: 3 }, named),
  check: (text) =>
    judged(
      () => parseInvite(sodium, text),
      codes("LINK-MALFORMED", "VERSION-UNKNOWN"),
      (invite) => {
        assert.equal(encodeInvite(sodium, invite), text, "two links for one invite");
        const { name } = invite;
        assert.ok(isDisplayName(name));
        assert.equal(name.normalize("NFC").trim(), name, "another name looks the same");
        assert.doesNotMatch(name, /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
        wholesome(invite, text.length);
      },
    ),
});
