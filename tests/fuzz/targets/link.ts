/** The invite link's fragment. */
import assert from "node:assert/strict";
import { type Bytes, concat, fromBase64Url, toBase64Url } from "../../../crypto/bytes.ts";
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

export const LINK = textTarget({
  name: "link",
  covers: ["crypto/invite.ts parseInvite", "crypto/invite.ts isDisplayName"],
  samples,
  wrong: mutatedBytes(bodies).map(resealed),
  check: (text) =>
    judged(
      () => parseInvite(sodium, text),
      codes("LINK-MALFORMED", "VERSION-UNKNOWN"),
      (invite) => {
        assert.equal(encodeInvite(sodium, invite), text, "two links for one invite");
        assert.ok(isDisplayName(invite.name));
        wholesome(invite, text.length);
      },
    ),
});
