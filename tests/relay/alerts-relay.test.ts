/** Alerts of a whole relay: from a stranger's guesses to the webhook, the mail, the log and the admin's page. */
import assert from "node:assert/strict";
import { join as joinPath } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { Account } from "../../relay/wire/accounts.ts";
import { type Alert, Alerts } from "../../relay/wire/alerts.ts";
import { startTestRelay, type TestRelay, temporaryFolder } from "../support/relay.ts";
import { call, join, signIn, type TestHost } from "../support/relay-client.ts";
import { startSmtpServer } from "../support/smtp-server.ts";
import { guestSpeaker, staffSpeaker } from "../support/speaker.ts";
import { firstAdminsAuthenticator, signInAnswer } from "../support/staff.ts";
import { startWebhookServer } from "../support/webhook-server.ts";

/** Three wrong passcodes. */
async function burn(relay: TestRelay, host: TestHost): Promise<void> {
  const invite = await host.makeInvite();
  for (const _ of [1, 2, 3]) await host.strike(invite.room, (await join(relay, invite)).session);
}

async function alertsOf(host: TestHost): Promise<Alerts> {
  return v.parse(Alerts, (await host.get("/api/alerts")).json);
}

function subjectsRaised({ dataDir }: TestRelay): unknown[] {
  const database = new DatabaseSync(joinPath(dataDir, "quietroom.db"), { readOnly: true });
  const rows = database.prepare("SELECT subject FROM log_entries WHERE action = 'alert.raised'").all();
  database.close();
  return rows.map(({ subject }) => subject);
}

const mailTo = (port: number) => ({
  ALERT_SMTP_URL: `smtp://127.0.0.1:${port}`,
  ALERT_MAIL_FROM: "quietroom@clinic.example",
  ALERT_MAIL_TO: "it@clinic.example",
});

async function only(host: TestHost): Promise<Alert> {
  const { alerts } = await alertsOf(host);
  assert.equal(alerts.length, 1);
  return alerts[0] ?? assert.fail();
}

async function told(t: TestContext) {
  const hook = await startWebhookServer(t);
  const smtp = await startSmtpServer(t);
  return { hook, smtp, env: { ALERT_WEBHOOK_URL: hook.url, ...mailTo(smtp.port) } };
}

suite("alerts of a relay", () => {
  test("a burnt invite is shown, told, on record, counted and acknowledged", async (t) => {
    const { hook, smtp, env } = await told(t);
    const relay = await startTestRelay(t, { env });
    const host = await signIn(relay);
    assert.deepEqual(await alertsOf(host), { alerts: [], open: 0 });
    await burn(relay, host);
    await Promise.all([hook.came(1), smtp.came(1)]);
    await relay.checkAlerts();
    const alert = await only(host);
    assert.deepEqual([alert.rule, alert.count, alert.acknowledged], ["invite-burnt", 1, null]);
    assert.deepEqual(subjectsRaised(relay), [alert.id]);
    assert.ok(hook.posted[0]?.body.includes(`"url":"${relay.url}/"`));
    for (const said of [hook.posted[0]?.body ?? "", smtp.mails[0]?.text ?? ""])
      assert.doesNotMatch(said, /okafor/i, "no names");

    await burn(relay, host);
    await relay.checkAlerts();
    assert.equal((await only(host)).count, 2);
    const answer = await host.post(`/api/alerts/${alert.id}/acknowledge`);
    const { alerts, open } = v.parse(Alerts, answer.json);
    assert.deepEqual([alerts.length, open, alerts[0]?.acknowledged?.name], [1, 0, "Dr. Okafor"]);
    await burn(relay, host);
    await relay.checkAlerts();
    assert.equal((await alertsOf(host)).open, 1);
    await hook.came(2);
    assert.deepEqual([hook.posted.length, subjectsRaised(relay).length], [2, 2]);
  });

  test("many failed sign-ins are one, after a restart too", async (t) => {
    const { hook, env } = await told(t);
    const dataDir = temporaryFolder(t);
    const first = await startTestRelay(t, { env, dataDir });
    const host = await signIn(first);
    const lie = () => signInAnswer(first, firstAdminsAuthenticator(first), { userVerified: false });
    for (let count = 0; count < 10; count++) assert.equal((await lie()).status, 401);
    await hook.came(1);
    await first.logged("alert-told");
    const alert = await only(host);
    assert.deepEqual([alert.rule, alert.count], ["sign-ins-failed", 10]);
    await first.checkAlerts();
    await first.close();
    const second = await startTestRelay(t, { env, dataDir });
    await second.checkAlerts();
    assert.deepEqual(await only(await signIn(second)), alert);
    assert.deepEqual([hook.posted.length, subjectsRaised(second)], [1, [alert.id]]);
  });

  test("a receiver that is down harms nothing, and the relay stops in time", async (t) => {
    const hook = await startWebhookServer(t, () => null);
    const env = { ALERT_WEBHOOK_URL: hook.url, ...mailTo(1) };
    const relay = await startTestRelay(t, { env });
    const host = await signIn(relay);
    await burn(relay, host);
    await hook.came(1);
    await relay.logged('"alert-not-sent","receiver":"mail"');
    assert.equal((await only(host)).rule, "invite-burnt");
    const began = performance.now();
    await relay.close();
    assert.ok(performance.now() - began < 2_000);
    assert.ok(!relay.logs().includes(hook.url));
    const again = await startWebhookServer(t);
    const next = await startTestRelay(t, { env: { ALERT_WEBHOOK_URL: again.url }, dataDir: relay.dataDir });
    await again.came(1);
    await next.logged("alert-told");
    assert.equal(subjectsRaised(next).length, 1);
  });

  test("what two pages sign makes one alert of each kind, and a page that lost its place another", async (t) => {
    const clock = { now: Date.now() };
    const relay = await startTestRelay(t, { now: () => clock.now });
    const host = await signIn(relay);
    const { id: account } = v.parse(Account, (await host.get("/api/account")).json);
    const guest = await join(relay, await host.makeInvite());
    const { session, resume } = guest;
    const hers = staffSpeaker(account);
    const theirs = guestSpeaker(session);
    const failed = { action: "words.compared", outcome: "failure", session } as const;
    const alarm = { action: "log.alarm", outcome: "failure" } as const;
    const events = [await theirs.say({ action: "knock" }), await theirs.say(failed)];
    await call(relay, "POST", "/api/log/guest-events", { session, resume, events });
    const said = await host.post("/api/log/events", {
      events: [await hers.say(failed), await hers.say(alarm)],
    });
    assert.doesNotMatch(said.text, /refused/);
    for (let request = 0; request < 3; request++) {
      const lost = await Promise.all([hers.draft({ seq: 40 + request }), hers.draft({ seq: 50 + request })]);
      const { text } = await host.post("/api/log/events", { events: lost });
      assert.match(text, /AUDIT-CHAIN.*AUDIT-CHAIN/);
      clock.now += 2_000;
    }
    await relay.checkAlerts();
    const { alerts } = await alertsOf(host);
    assert.deepEqual(alerts.map(({ rule, count }) => `${rule} ${count}`).toSorted(), [
      "chain-gap 3",
      "log-alarm 1",
      "words-mismatched 1",
    ]);
  });

  test("a log that cannot be written is told at once, and put on record when it can", async (t) => {
    const { hook, env } = await told(t);
    const relay = await startTestRelay(t, { env, limits: { auditRetryMs: 0 } });
    const host = await signIn(relay);
    const invite = await host.makeInvite();
    const knife = new DatabaseSync(joinPath(relay.dataDir, "quietroom.db"), { timeout: 5_000 });
    for (const table of ["log_entries", "alerts"])
      knife.exec(
        `CREATE TRIGGER broken_${table} BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'full'); END`,
      );
    const knock = () => call(relay, "POST", "/api/join", { room: invite.room, token: invite.token });
    assert.equal((await knock()).status, 503);
    await hook.came(1);
    assert.match(hook.posted[0]?.body ?? "", /"rule":"log-unavailable"/);
    assert.equal((await only(host)).rule, "log-unavailable", "in memory");
    for (const table of ["log_entries", "alerts"]) knife.exec(`DROP TRIGGER broken_${table}`);
    knife.close();
    assert.equal((await knock()).status, 200);
    await relay.checkAlerts();
    const { id } = await only(host);
    assert.deepEqual([subjectsRaised(relay), hook.posted.length], [[id], 1]);
  });

  test("a disk that is nearly full is one", async (t) => {
    const free = { is: 2 ** 40 };
    const disk = async () => ({ free: free.is, size: 2 ** 41 });
    const relay = await startTestRelay(t, { disk });
    const host = await signIn(relay);
    await relay.checkAlerts();
    assert.deepEqual(await alertsOf(host), { alerts: [], open: 0 });
    free.is = 1_000;
    await relay.checkAlerts();
    assert.equal((await only(host)).rule, "disk-nearly-full");
  });
});
