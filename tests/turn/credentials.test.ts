import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { issueCredentials } from "../../turn/credentials.ts";
import { isTurnSecret, type TurnSecret } from "../../turn/secret.ts";

function secretOf(text: string): TurnSecret {
  assert.ok(isTurnSecret(text));
  return text;
}
const secret = secretOf("f7Qm3vJx0cZkR8uTn5yWd2sLh9bPe4Ga1oIqXiKtVjU=");
const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);

test("the name and the password of a known moment", () => {
  const issued = issueCredentials({ secret, ttlSeconds: 600, now: 1_795_334_400_999, random: counting });
  // printf '%s' 1795335000:000102030405060708090a0b0c0d0e0f | openssl dgst -sha1 -hmac "$SECRET" -binary | base64
  assert.deepEqual(issued, {
    username: "1795335000:000102030405060708090a0b0c0d0e0f",
    credential: "A57rJmETzrk/6aAr8YpGquKEnAs=",
    expires: 1_795_335_000_000,
  });
});

test("the end in the name is the end that is told, never later than asked and less than a second earlier", () => {
  const moment = fc.integer({ min: 0, max: 8_000_000_000_000 });
  const minutes = fc.integer({ min: 60, max: 3600 });
  fc.assert(
    fc.property(moment, minutes, (now, ttlSeconds) => {
      const { username, expires } = issueCredentials({ secret, ttlSeconds, now, random: counting });
      assert.equal(Number(username.split(":")[0]) * 1000, expires);
      const late = now + ttlSeconds * 1000 - expires;
      assert.ok(late >= 0 && late < 1000);
    }),
  );
});

test("the id is exactly the random bytes, in characters that coturn takes", () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(bytes, (id) => {
      const { username } = issueCredentials({ secret, ttlSeconds: 60, now: 0, random: () => id });
      assert.equal(username, `60:${Buffer.from(id).toString("hex")}`);
    }),
  );
});

test("another name or another secret gives another password", () => {
  const issue = { secret, ttlSeconds: 600, now: 0, random: counting };
  const other = secretOf("Zp4Vt8Lq1xYw6Nc3Rb9Kd5Hs7Jf2Mg0AeUoXiTzEyC8=");
  const passwords = [
    issueCredentials(issue),
    issueCredentials({ ...issue, now: 1000 }),
    issueCredentials({ ...issue, secret: other }),
  ].map(({ credential }) => credential);
  assert.equal(new Set(passwords).size, 3);
});

test("lifetimes that are no minutes are refused", () => {
  for (const ttlSeconds of [0, -60, 59, 3601, 86_400, 60.5, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => issueCredentials({ secret, ttlSeconds, now: 0, random: counting }), RangeError);
});
