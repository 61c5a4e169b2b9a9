/** A ticket is good once, for seconds, for the one that it was made for. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import fc from "fast-check";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createMemoryBackplane } from "../../relay/backplane/memory.ts";
import { createTickets, TICKET_SECONDS } from "../../relay/signal/tickets.ts";

const START = 1_800_000_000_000;
const GUEST = {
  role: "guest",
  desk: "desk",
  session: "AAAAAAAAAAAAAAAAAAAAAA",
  room: "AAAAAAAAAAAAAAAAAAAAAQ",
  admitted: false,
  since: START,
} as const;
const HOST = { role: "host", desk: "desk", login: "login" } as const;

async function setUp() {
  const clock = { now: START };
  const now = () => clock.now;
  const { once } = createMemoryBackplane(now);
  const tickets = await createTickets({ now, random: randomBytes, once });
  return { clock, tickets };
}

const decode = (part: string | undefined) => JSON.parse(Buffer.from(part ?? "", "base64url").toString());
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

suite("tickets", () => {
  test("give back what they were made for, the first time", async () => {
    const { tickets } = await setUp();
    for (const pass of [GUEST, HOST, { ...GUEST, admitted: true }]) {
      const ticket = await tickets.issue(pass);
      assert.deepEqual(await tickets.redeem(ticket), pass);
      assert.equal(await tickets.redeem(ticket), "ticket-reused");
    }
  });

  test("shown twice at the same time are taken once", async () => {
    const { tickets } = await setUp();
    const ticket = await tickets.issue(HOST);
    const answers = await Promise.all([1, 2, 3].map(() => tickets.redeem(ticket)));
    assert.equal(answers.filter((answer) => typeof answer === "object").length, 1);
  });

  test("live for seconds", async () => {
    const { clock, tickets } = await setUp();
    const [early, late] = [await tickets.issue(HOST), await tickets.issue(HOST)];
    clock.now = START + TICKET_SECONDS * 1000 - 1;
    assert.deepEqual(await tickets.redeem(early), HOST);
    clock.now = START + TICKET_SECONDS * 1000;
    assert.equal(await tickets.redeem(late), "ticket-expired");
    assert.equal(await tickets.redeem(early), "ticket-expired");
  });

  test("of another start are worthless", async () => {
    const before = await setUp();
    const after = await setUp();
    assert.equal(await after.tickets.redeem(await before.tickets.issue(HOST)), "ticket-forged");
  });

  test("survive no change: not one character, no other claim under the old signature", async () => {
    const { tickets } = await setUp();
    const ticket = await tickets.issue(GUEST);
    const [header, payload, signature] = ticket.split(".");
    const promoted = encode({ ...decode(payload), role: "host", login: "login" });
    assert.equal(await tickets.redeem(`${header}.${promoted}.${signature}`), "ticket-forged");
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (let at = 0; at < ticket.length; at++) {
      // The bit that is flipped is the highest of the six, so that none is lost in the last character's padding.
      const flipped = digits.charAt(digits.indexOf(ticket.charAt(at)) ^ 32);
      const changed =
        ticket.slice(0, at) + (ticket.charAt(at) === "." ? "-" : flipped) + ticket.slice(at + 1);
      assert.equal(await tickets.redeem(changed), "ticket-forged", `character ${at}`);
    }
    assert.deepEqual(await tickets.redeem(ticket), GUEST, "and the true one was not used up by them");
  });

  test("signed by somebody else, in whatever way, are forged", async () => {
    const { tickets } = await setUp();
    const [header, payload] = (await tickets.issue(HOST)).split(".");
    const claims = decode(payload);
    const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
    const typ = decode(header).typ;
    const signed = (head: Record<string, unknown>) =>
      new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", typ, ...head }).sign(privateKey);
    const forgeries = {
      "another key": await signed({}),
      "a key that it brings along": await signed({ jwk: await exportJWK(publicKey) }),
      "no signature": `${encode({ alg: "none", typ })}.${payload}.`,
      "a MAC": await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", typ })
        .sign(new TextEncoder().encode(JSON.stringify(await exportJWK(publicKey)))),
    };
    for (const [how, forgery] of Object.entries(forgeries))
      assert.equal(await tickets.redeem(forgery), "ticket-forged", how);
  });

  test("any text at all is answered and never throws", async () => {
    const { tickets } = await setUp();
    const three = fc.array(fc.base64String({ maxLength: 60 }), { minLength: 1, maxLength: 4 });
    const texts = fc.oneof(
      fc.string(),
      three.map((parts) => parts.join(".")),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => (await tickets.redeem(text)) === "ticket-forged"),
    );
  });
});
