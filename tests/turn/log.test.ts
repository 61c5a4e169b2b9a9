/** What coturn writes to its log with the generated file: nothing about who talks to whom. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Coturn, startCoturn } from "../support/coturn.ts";
import { connectTurn, type TurnClient, TurnRefused } from "../support/turn-client.ts";

/** A whole relayed exchange between two people, a refused password, a refused peer, and everything closed again. */
async function session(server: Coturn): Promise<void> {
  const { settings, certificate } = server;
  const connect = (transport: "udp" | "tls", credentials = server.credentials()): Promise<TurnClient> =>
    connectTurn({
      transport,
      host: "127.0.0.1",
      port: transport === "tls" ? settings.tlsPort : settings.port,
      credentials,
      tls: { ca: certificate.pem, servername: "localhost" },
    });
  const [a, b] = [await connect("udp"), await connect("tls")];
  const at = { a: (await a.allocate()).relayed, b: (await b.allocate()).relayed };
  await a.permit(at.b);
  await b.bindChannel(0x4000, at.a);
  b.sendOnChannel(0x4000, Buffer.from("payload-that-nobody-logs"));
  assert.equal((await a.receive()).data.toString(), "payload-that-nobody-logs");
  await a.refresh(0);
  await b.refresh(0);
  const wrong = await connect("udp", { ...server.credentials(), credential: "d3JvbmcgcGFzc3dvcmQ=" });
  await assert.rejects(wrong.allocate(), TurnRefused);
  const curious = await connect("udp");
  await curious.allocate();
  for (const client of [a, b, wrong]) await client.close();
  // The last thing that coturn has to say: once it is in the log, all the rest is.
  await assert.rejects(curious.permit({ ip: "10.11.12.13", port: 80 }), TurnRefused);
  await curious.close();
}

/** The lines after the start, once the refused peer is among them. */
async function linesOf(server: Coturn, run: () => Promise<void>): Promise<string[]> {
  const before = server.logs().length;
  await run();
  while (!server.logs().slice(before).includes("10.11.12.13")) await delay(10);
  return server
    .logs()
    .slice(before)
    .split("\n")
    .filter((line) => line.trim() !== "");
}

const ADDRESS = /127\.0\.0\.1/;

describe("with the file as generated", () => {
  let server: Coturn;
  let lines: string[];
  before(async () => {
    server = await startCoturn();
    lines = await linesOf(server, () => session(server));
  });
  after(() => server.close());

  test("a call leaves no line: only the refused password and the refused peer do", () => {
    // The name is the random id of the credential; the peer's address lies in a denied range, so it is never public.
    const password = /(credentials of user <|user )\d+:[0-9a-f]{32}/;
    const peer = /A peer IP 10\.11\.12\.13 denied/;
    // Said about the start, only a little later.
    const late = /SQLite DB connection success|listener fast-path challenge active/;
    const known = [password, peer, late];
    assert.ok(lines.some((line) => peer.test(line)));
    assert.deepEqual(
      lines.filter((line) => !known.some((pattern) => pattern.test(line))),
      [],
    );
  });

  test("no client's or relayed address, no payload and no secret is in it", () => {
    assert.doesNotMatch(lines.join("\n"), ADDRESS);
    assert.doesNotMatch(lines.join("\n"), /payload-that-nobody-logs/);
    assert.ok(!server.logs().includes(server.settings.secret));
  });
});

test("it starts without a complaint, except about lines that newer versions dropped, and a kernel without SCTP", async (t) => {
  const server = await startCoturn({ profile: "production" });
  t.after(() => server.close());
  const dropped =
    /Bad configuration format: (no-tlsv1|no-tlsv1_1|no-stun-backward-compatibility)$|deprecated|SCTP/i;
  const complaints = server
    .logs()
    .split("\n")
    .filter((line) => /error|warning|bad configuration|cannot|wrong/i.test(line) && !dropped.test(line));
  assert.deepEqual(complaints, []);
});

test("with `verbose`, which the file warns about, the same session leaves the addresses in the log", async (t) => {
  const server = await startCoturn({ edit: (conf) => `${conf}verbose\n` });
  t.after(() => server.close());
  const lines = await linesOf(server, () => session(server));
  assert.match(lines.join("\n"), ADDRESS);
});
