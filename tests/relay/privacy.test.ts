/** What the relay writes down: searched for everything that it must never hold. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { test } from "node:test";
import * as v from "valibot";
import { EnrolmentMade } from "../../relay/wire/accounts.ts";
import { spawnRelay } from "../support/relay.ts";
import { call, join, openSocket, signIn } from "../support/relay-client.ts";
import { addColleague } from "../support/staff.ts";

/** The forms in which bytes could end up in a file. */
function formsOf(secret: string | Buffer): (string | Buffer)[] {
  const bytes = Buffer.from(secret);
  return [bytes, bytes.toString("hex"), bytes.toString("base64url"), bytes.toString("base64")];
}

function assertAbsent(
  where: string,
  content: Buffer,
  secrets: Readonly<Record<string, string | Buffer>>,
): void {
  for (const [name, secret] of Object.entries(secrets))
    for (const form of formsOf(secret)) assert.equal(content.includes(form), false, `${name} is in ${where}`);
}

test("neither log nor database holds a secret, an address or what was forwarded", async (t) => {
  const relay = await spawnRelay(t, {
    env: {
      LOG_LEVEL: "debug",
      PUBLIC_URL: "https://rooms.clinic.example",
      TRUST_PROXY: "1",
      TURN_REALM: "turn.clinic.example",
      TURN_SECRET: "q8Zt3mVw1sKxYb6Rj0Ln9PdCf4GhTe7U5aXoQi2N",
    },
  });
  const patientAddress = "198.51.100.77";
  const host = await signIn(relay);
  const desk = await host.connect(t);
  const invite = await host.makeInvite();
  const guest = await join(relay, invite);
  const { ticket } = await guest.rejoin();
  const socket = await openSocket(t, relay, { headers: { "x-forwarded-for": patientAddress } });
  socket.hello(ticket);
  await socket.heard("welcome");
  const ice = await host.admit(guest.session);
  const payload = Buffer.from(`v=0 o=- a=candidate:1 1 udp ${randomBytes(12).toString("hex")} Ada Lovelace`);
  socket.forward(guest.id, payload);
  await desk.frame();
  desk.forward(guest.id, payload);
  await socket.frame();
  // Mistakes must not be quoted either.
  const passcode = "correct horse battery";
  await call(relay, "POST", "/api/enrol/begin", { token: passcode });
  await call(relay, "POST", "/api/sign-in/finish", { response: passcode });
  const colleague = await addColleague(relay, host, ["practitioner"], "Dr. Wilhelmina Achterberg");
  await colleague.host.post("/api/account/name", { name: "Dr. Wilhelmina Verbeek" });
  const invited = await host.post("/api/people/invite", { name: "Dr. Verbeek", roles: ["auditor"] });
  const link = v.parse(EnrolmentMade, invited.json);
  await call(relay, "POST", `/api/join?secret=${passcode.replaceAll(" ", "-")}`, undefined, {
    raw: `{"x":${passcode}`,
  });
  await call(relay, "GET", `/j/${passcode.replaceAll(" ", "-")}`);
  await host.post(`/api/invites/${encodeURIComponent(passcode)}/revoke`);
  socket.send(passcode);
  await socket.closed;
  const strange = await openSocket(t, relay);
  strange.send(passcode);
  await strange.closed;
  await host.end(guest.session);

  const cookie = host.cookie.split("=")[1] ?? "";
  const credential = ice.iceServers[0]?.credential ?? "";
  assert.ok(cookie !== "" && credential !== "");
  const secrets = {
    "the set-up link's token": relay.setupToken,
    "its bytes": Buffer.from(relay.setupToken, "base64url"),
    "an enrolment link's token": link.token,
    "an access token": host.authorization().slice("Bearer ".length),
    "the cookie": cookie,
    "the cookie's bytes": Buffer.from(cookie, "base64url"),
    "the join token": Buffer.from(invite.token, "base64url"),
    "the resume secret": Buffer.from(guest.resume, "base64url"),
    "a ticket": ticket,
    "what was forwarded": payload,
    "a part of it": "Ada Lovelace",
    "a passcode": passcode,
    "a passcode in a path": passcode.replaceAll(" ", "-"),
    "the patient's address": patientAddress,
    "the TURN secret": "q8Zt3mVw1sKxYb6Rj0Ln9PdCf4GhTe7U5aXoQi2N",
    "a TURN credential": credential,
  };
  // The database is read while it is open, with its WAL, and again after an orderly end.
  searchFolder();
  assert.equal(await relay.stop(), 0);
  searchFolder();
  function searchFolder(): void {
    const files = readdirSync(relay.dataDir);
    assert.ok(files.includes("quietroom.db"));
    for (const file of files) assertAbsent(file, readFileSync(joinPath(relay.dataDir, file)), secrets);
  }
  const [credentialId = ""] = colleague.authenticator.credentials();
  assertAbsent("the output", Buffer.from(relay.output()), {
    ...secrets,
    "an address": "127.0.0.1",
    "a name of staff": "Wilhelmina",
    "a passkey's id": credentialId,
    "an account's id": colleague.id,
  });
  assert.ok(relay.output().includes('"event":"socket-closed"'), "there is a log to be searched");
  assert.ok(relay.output().includes('"route":"/api/invites/:room/revoke"'));
});
