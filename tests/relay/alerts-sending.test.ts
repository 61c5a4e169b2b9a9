/** Alerts outside the app: to a real HTTP server and a real mail server, which may be slow, down or unwilling. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { createMail } from "../../relay/alerts/mail.ts";
import type { AlertMessage, Receiver } from "../../relay/alerts/receiver.ts";
import { createSender } from "../../relay/alerts/sender.ts";
import type { MailSettings } from "../../relay/alerts/settings.ts";
import { createWebhook } from "../../relay/alerts/webhook.ts";
import { WORDS } from "../../relay/alerts/words.ts";
import { createLog } from "../../relay/log.ts";
import { ALERT_RULES } from "../../relay/wire/alerts.ts";
import { startSmtpServer } from "../support/smtp-server.ts";
import { startWebhookServer } from "../support/webhook-server.ts";

const MESSAGE: AlertMessage = {
  id: "A".repeat(22),
  rule: "sign-ins-failed",
  raised: Date.UTC(2026, 10, 26, 2, 12),
  count: 12,
  url: "https://rooms.clinic.example/",
};
const SECRET = "hunter2hunter2hunter2";
/** Where nobody listens. */
async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
}

const never = new AbortController().signal;

function sending(t: TestContext, receivers: readonly Receiver[], retries: readonly number[] = [1, 2, 3]) {
  const lines: string[] = [];
  const told = (event: object) => void lines.push(JSON.stringify(event));
  const log = { ...createLog("silent"), warn: told, error: told };
  const limits = { alertRetriesMs: retries, alertTryMs: 300, alertQueue: 2 };
  const sender = createSender({ receivers, limits, log });
  t.after(() => sender.close());
  return { sender, lines };
}

const local = (port: number, changes: Partial<MailSettings> = {}): MailSettings => ({
  host: "127.0.0.1",
  port,
  security: "local",
  login: null,
  from: "quietroom@clinic.example",
  to: ["it@clinic.example", "dr@clinic.example"],
  ...changes,
});

const Body = v.strictObject({
  id: v.string(),
  rule: v.string(),
  raised: v.string(),
  count: v.number(),
  url: v.string(),
  text: v.string(),
});

suite("a webhook", () => {
  test("is given JSON, signed with the secret", async (t) => {
    const server = await startWebhookServer(t);
    await createWebhook({ url: server.url, secret: SECRET }).send(MESSAGE, never);
    const [post] = server.posted;
    assert.ok(post);
    const { text, ...fields } = v.parse(Body, JSON.parse(post.body));
    assert.deepEqual(fields, { ...MESSAGE, raised: "2026-11-26T02:12:00.000Z" });
    assert.match(text, /^Quietroom: many failed sign-ins/);
    const signature = createHmac("sha256", SECRET).update(post.body).digest("hex");
    assert.equal(post.headers["x-quietroom-signature"], `sha256=${signature}`);
    assert.equal(post.headers["content-type"], "application/json");
  });

  test("has no signature without a secret, and is followed nowhere", async (t) => {
    const server = await startWebhookServer(t, () => 302);
    await assert.rejects(createWebhook({ url: server.url, secret: null }).send(MESSAGE, never), /HTTP-302/);
    assert.equal(server.posted.length, 1);
    assert.equal(server.posted[0]?.headers["x-quietroom-signature"], undefined);
  });
});

suite("a mail", () => {
  test("says what happened and what to do, in plain words", async (t) => {
    const server = await startSmtpServer(t);
    const login = { user: "me@clinic", password: "päss" };
    await createMail(local(server.port, { login }), 500).send(MESSAGE, never);
    const [mail] = server.mails;
    assert.ok(mail);
    assert.deepEqual(
      [mail.from, mail.to],
      ["quietroom@clinic.example", ["it@clinic.example", "dr@clinic.example"]],
    );
    assert.deepEqual(mail.login, ["me@clinic", "päss"]);
    assert.match(mail.text, /^Subject: Quietroom: many failed sign-ins$/m);
    const text = mail.text.replaceAll("=\n", "");
    assert.match(text, /Since 2026-11-26 02:12 UTC, 12 times so far/);
    assert.ok(text.includes(MESSAGE.url) && text.includes(MESSAGE.id));
  });

  test("is not given to a server elsewhere that offers no TLS, nor is the password", async (t) => {
    const server = await startSmtpServer(t);
    const login = { user: "me", password: SECRET };
    const mail = createMail(local(server.port, { security: "starttls", login }), 500);
    await assert.rejects(mail.send(MESSAGE, never));
    assert.deepEqual([server.mails.length, server.said.includes("AUTH")], [0, false]);
  });

  test("has words for every rule, without a name, an id or anybody's data", async (t) => {
    const server = await startSmtpServer(t);
    const mail = createMail(local(server.port), 500);
    for (const rule of ALERT_RULES) await mail.send({ ...MESSAGE, rule }, never);
    assert.equal(server.mails.length, ALERT_RULES.length);
    assert.equal(new Set(ALERT_RULES.map((rule) => WORDS[rule].title)).size, ALERT_RULES.length);
    for (const { text } of server.mails) assert.doesNotMatch(text, /^(?:bcc|cc):/im);
  });
});

suite("sending", () => {
  test("tries again after a failure, and stops at the first success", async (t) => {
    const server = await startWebhookServer(t, (index) => (index < 2 ? 500 : 200));
    const { sender, lines } = sending(t, [createWebhook({ url: server.url, secret: SECRET })]);
    assert.equal(await sender.send(MESSAGE), true);
    assert.deepEqual(sender.counters.webhook, { sent: 1, failed: 2, gaveUp: 0 });
    assert.equal(server.posted.length, 3);
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? "", /"alert-not-sent","receiver":"webhook".*HTTP-500/);
    assert.ok(!lines.join().includes(server.url), "for many services the URL is a password");
  });

  test("gives up in the end, and says so", async (t) => {
    const server = await startSmtpServer(t, { refuse: "550 no such person" });
    const { sender, lines } = sending(t, [createMail(local(server.port), 300)]);
    assert.equal(await sender.send(MESSAGE), true);
    assert.deepEqual(sender.counters.mail, { sent: 0, failed: 4, gaveUp: 1 });
    assert.match(lines.at(-1) ?? "", /alert-given-up/);
    assert.ok(!lines.join().includes("clinic.example"), "no address in the log");
  });

  test("is over in time with a receiver that never answers, or is not there", async (t) => {
    const silent = await startWebhookServer(t, () => null);
    const mute = await startSmtpServer(t, { mute: true });
    const receivers = [
      createWebhook({ url: silent.url, secret: null }),
      createMail(local(mute.port), 100_000),
    ];
    const { sender } = sending(t, receivers, []);
    assert.equal(await sender.send(MESSAGE), true);
    assert.deepEqual([sender.counters.webhook.gaveUp, sender.counters.mail.gaveUp], [1, 1]);
    const gone = sending(t, [createWebhook({ url: await closedAddress(), secret: null })], []);
    assert.equal(await gone.sender.send(MESSAGE), true);
    assert.match(gone.lines[0] ?? "", /ECONNREFUSED/);
  });

  test("keeps a bounded number waiting, one receiver's trouble apart from the other's", async (t) => {
    const silent = await startWebhookServer(t, () => null);
    const good = await startSmtpServer(t);
    const receivers = [createWebhook({ url: silent.url, secret: null }), createMail(local(good.port), 500)];
    const { sender } = sending(t, receivers, [1_000_000]);
    const all = [1, 2, 3].map(() => sender.send(MESSAGE));
    await good.came(2);
    assert.equal(sender.counters.webhook.gaveUp, 1);
    await sender.close();
    assert.deepEqual(await Promise.all(all), [false, false, true], "two are told again after the next start");
    assert.equal(await sender.send(MESSAGE), false);
  });
});
