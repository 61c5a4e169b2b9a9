/** The environment: what is taken, and what stops the start with which words. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { ConfigError, readConfig, readEnvironment } from "../../relay/config.ts";
import { startTestRelay, temporaryFolder } from "../support/relay.ts";

const SECRET = "q8Zt3mVw1sKxYb6Rj0Ln9PdCf4GhTe7U5aXoQi2N";

const HOOK = {
  ALERT_WEBHOOK_URL: "https://hooks.example/T0/B0",
  ALERT_WEBHOOK_SECRET: "pass1".repeat(4),
};
const MAIL = {
  ALERT_SMTP_URL: "smtp://me%40clinic:pass1@mail.clinic.example",
  ALERT_MAIL_FROM: "quietroom@clinic.example",
  ALERT_MAIL_TO: "it@clinic.example, dr@clinic.example",
};

suite("the environment", () => {
  test("may be empty", () => {
    const { limits, clientDir, ...config } = readConfig({});
    assert.deepEqual(config, {
      port: 3000,
      host: "127.0.0.1",
      dataDir: resolve("data"),
      publicUrl: null,
      trustProxy: 0,
      logLevel: "info",
      alerts: { webhook: null, mail: null },
      metrics: null,
      turn: null,
      backup: { recipient: null, days: 2 },
    });
    assert.ok(clientDir.endsWith(join("client", "dist")));
    assert.equal(limits.helloTimeoutMs, 5_000);
  });

  test("of a clinic behind a proxy", () => {
    const config = readConfig({
      PORT: " 8080 ",
      HOST: "0.0.0.0",
      DATA_DIR: "/srv/quietroom",
      PUBLIC_URL: "https://rooms.clinic.example:8443/",
      TRUST_PROXY: "2",
      LOG_LEVEL: "warn",
      TURN_REALM: "turn.clinic.example",
      TURN_SECRET: SECRET,
    });
    assert.equal(config.publicUrl?.origin, "https://rooms.clinic.example:8443");
    assert.deepEqual(
      [config.port, config.host, config.dataDir, config.trustProxy, config.logLevel],
      [8080, "0.0.0.0", "/srv/quietroom", 2, "warn"],
    );
    assert.equal(config.turn?.host, "turn.clinic.example");
  });

  test("of who wants to be told", () => {
    const config = readConfig({ ...MAIL, ...HOOK, METRICS_PORT: "9464", BACKUP_DAYS: "3" });
    assert.deepEqual(config.alerts.webhook, {
      url: "https://hooks.example/T0/B0",
      secret: "pass1".repeat(4),
    });
    assert.deepEqual(config.alerts.mail, {
      host: "mail.clinic.example",
      port: 587,
      security: "starttls",
      login: { user: "me@clinic", password: "pass1" },
      from: "quietroom@clinic.example",
      to: ["it@clinic.example", "dr@clinic.example"],
    });
    assert.deepEqual([config.metrics, config.backup.days], [{ port: 9464, host: "127.0.0.1" }, 3]);
    const mail = (url: string) => readConfig({ ...MAIL, ALERT_SMTP_URL: url }).alerts.mail;
    assert.deepEqual([mail("smtps://a.example")?.port, mail("smtps://a.example")?.security], [465, "tls"]);
    assert.deepEqual([mail("smtp://[::1]:25")?.host, mail("smtp://[::1]:25")?.security], ["::1", "local"]);
  });

  const wrong: [Record<string, string>, string, RegExp][] = [
    [{ ALERT_WEBHOOK_URL: "pass1.example" }, "ALERT_WEBHOOK_URL", /not an https or http URL/],
    [{ ALERT_WEBHOOK_URL: "ftp://pass1.example" }, "ALERT_WEBHOOK_URL", /not an https or http URL/],
    [{ ALERT_WEBHOOK_URL: "https://me:pass1@a.example" }, "ALERT_WEBHOOK_URL", /user name or a password/],
    [{ ALERT_WEBHOOK_SECRET: "pass1".repeat(4) }, "ALERT_WEBHOOK_URL", /is missing/],
    [{ ...HOOK, ALERT_WEBHOOK_SECRET: "pass1" }, "ALERT_WEBHOOK_SECRET", /shorter than 16/],
    [{ ...MAIL, ALERT_MAIL_FROM: "" }, "ALERT_MAIL_FROM", /is missing/],
    [{ ...MAIL, ALERT_MAIL_FROM: "a@b.example, c@d.example" }, "ALERT_MAIL_FROM", /2 addresses/],
    [{ ...MAIL, ALERT_MAIL_TO: "it@clinic.example;x" }, "ALERT_MAIL_TO", /no mail address/],
    [{ ...MAIL, ALERT_MAIL_TO: "a@b.example\r\nBcc: c@d.example" }, "ALERT_MAIL_TO", /no mail address/],
    [{ ...MAIL, ALERT_SMTP_URL: "https://me:pass1@a.example" }, "ALERT_SMTP_URL", /not an smtp or smtps URL/],
    [{ ...MAIL, ALERT_SMTP_URL: "smtp://me:pass1@a_b.example" }, "ALERT_SMTP_URL", /no mail server/],
    [{ ...MAIL, ALERT_SMTP_URL: "smtp://me:pass1@a.example/x" }, "ALERT_SMTP_URL", /more than a user/],
    [{ ...MAIL, ALERT_SMTP_URL: "smtp://me:pass1%@a.example" }, "ALERT_SMTP_URL", /percent-encoded/],
    [{ ...MAIL, ALERT_SMTP_URL: "smtp://pass1@a.example" }, "ALERT_SMTP_URL", /without a password/],
    [{ METRICS_PORT: "on" }, "METRICS_PORT", /"on", not a whole number/],
    [{ METRICS_HOST: "monitoring" }, "METRICS_HOST", /"monitoring", not an IP address/],
    [{ BACKUP_DAYS: "0" }, "BACKUP_DAYS", /"0", not a whole number/],
    [{ PORT: "http" }, "PORT", /"http", not a whole number from 0 to 65535/],
    [{ PORT: "65536" }, "PORT", /"65536"/],
    [{ PORT: "-1" }, "PORT", /"-1"/],
    [{ PORT: "80.5" }, "PORT", /"80.5"/],
    [{ HOST: "my-server" }, "HOST", /"my-server", not an IP address/],
    [{ HOST: "0.0.0.0:3000" }, "HOST", /not an IP address/],
    [{ PUBLIC_URL: "rooms.clinic.example" }, "PUBLIC_URL", /not a URL/],
    [{ PUBLIC_URL: "http://rooms.clinic.example" }, "PUBLIC_URL", /only to https pages/],
    [{ PUBLIC_URL: "ftp://localhost" }, "PUBLIC_URL", /only to https pages/],
    [{ PUBLIC_URL: "http://localhost.clinic.example" }, "PUBLIC_URL", /only to https pages/],
    [{ PUBLIC_URL: "https://a.example/rooms", TRUST_PROXY: "1" }, "PUBLIC_URL", /more than a host/],
    [{ PUBLIC_URL: "https://a.example/?x", TRUST_PROXY: "1" }, "PUBLIC_URL", /more than a host/],
    [{ PUBLIC_URL: "https://a.example/#x", TRUST_PROXY: "1" }, "PUBLIC_URL", /more than a host/],
    [{ PUBLIC_URL: "https://me:pass1@a.example", TRUST_PROXY: "1" }, "PUBLIC_URL", /user name/],
    [{ PUBLIC_URL: "https://a.example" }, "TRUST_PROXY", /is missing, and PUBLIC_URL is https/],
    [{ TRUST_PROXY: "yes" }, "TRUST_PROXY", /"yes", not a whole number from 0 to 10/],
    [{ LOG_LEVEL: "all" }, "LOG_LEVEL", /"all"/],
    [{ TURN_REALM: "turn.clinic.example" }, "TURN_SECRET", /is missing/],
    [{ TURN_REALM: "turn.clinic.example", TURN_SECRET: "hunter2hunter2" }, "TURN_SECRET", /characters/],
    [{ TURN_REALM: "a.example", TURN_SECRET: SECRET, TURN_SECRETS: "x" }, "TURN_SECRETS", /no setting/],
  ];
  for (const [environment, variable, reason] of wrong)
    test(`is refused with ${JSON.stringify(environment)}`, () => {
      assert.throws(
        () => readConfig(environment),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.equal(error.problems.length, 1);
          const [problem] = error.problems;
          assert.equal(problem?.variable, variable);
          assert.match(problem.reason, reason);
          assert.match(problem.fix, /^[A-Z0-9].+\.$/, "a sentence that says what to do");
          assert.ok(error.message.includes(problem.fix));
          assert.doesNotMatch(error.message, /hunter2|pass1|q8Zt3/, "no secret is repeated");
          return true;
        },
      );
    });

  test("tells all mistakes at once", () => {
    assert.throws(
      () => readConfig({ PORT: "x", HOST: "y", LOG_LEVEL: "z", TURN_PORT: "w" }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        const named = error.problems.map(({ variable }) => variable).sort();
        assert.deepEqual(named, ["HOST", "LOG_LEVEL", "PORT", "TURN_PORT", "TURN_REALM", "TURN_SECRET"]);
        return true;
      },
    );
  });
});

suite("the .env file", () => {
  test("fills in what the process's environment does not say", (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, ".env"), "# a comment\nPORT=4000\nHOST='0.0.0.0'\n");
    const environment = readEnvironment(folder, { PORT: "5000", LOG_LEVEL: "warn" });
    assert.deepEqual(environment, { PORT: "5000", HOST: "0.0.0.0", LOG_LEVEL: "warn" });
  });

  test("may be missing", (t) => {
    assert.deepEqual(readEnvironment(temporaryFolder(t), { PORT: "1" }), { PORT: "1" });
  });

  test("that cannot be read stops the start", (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, ".env"));
    assert.throws(() => readEnvironment(folder, {}), /\.env cannot be read/);
  });
});

suite("what only the machine can refuse", () => {
  test("a port that is taken", async (t) => {
    const first = await startTestRelay(t);
    await assert.rejects(
      startTestRelay(t, { port: first.port }),
      (error) => error instanceof ConfigError && error.message.startsWith(`PORT ${first.port} is taken`),
    );
  });

  test("an address that is not this machine's", async (t) => {
    await assert.rejects(
      startTestRelay(t, { env: { HOST: "192.0.2.1" } }),
      (error) => error instanceof ConfigError && error.message.startsWith("HOST 192.0.2.1 is no address"),
    );
  });

  test("a data folder that is a file", async (t) => {
    const file = join(temporaryFolder(t), "file");
    writeFileSync(file, "");
    await assert.rejects(
      startTestRelay(t, { dataDir: file }),
      (error) => error instanceof ConfigError && error.message.startsWith(`DATA_DIR ${file} cannot be used`),
    );
  });

  test("a database of a newer release", async (t) => {
    const dataDir = temporaryFolder(t);
    const database = new DatabaseSync(join(dataDir, "quietroom.db"));
    database.exec("PRAGMA user_version = 999");
    database.close();
    await assert.rejects(
      startTestRelay(t, { dataDir }),
      (error) => error instanceof ConfigError && /newer release/.test(error.message),
    );
  });

  test("a database that is none", async (t) => {
    const dataDir = temporaryFolder(t);
    writeFileSync(
      join(dataDir, "quietroom.db"),
      "this is not a database, and long enough to be looked at".repeat(9),
    );
    chmodSync(join(dataDir, "quietroom.db"), 0o600);
    await assert.rejects(startTestRelay(t, { dataDir }), ConfigError);
  });
});

test("npm start's script stops with the words and exit code 1", async () => {
  const script = join(import.meta.dirname, "..", "..", "scripts", "start.ts");
  const child = spawn(process.execPath, [script, "--keep-build"], {
    env: { PORT: "nonsense" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += String(chunk);
  });
  const [code] = await once(child, "close");
  assert.equal(code, 1);
  assert.match(said, /did not start/);
  assert.match(said, /PORT is "nonsense", not a whole number from 0 to 65535\.\n {2}3000 is the usual one/);
  assert.doesNotMatch(said, /\bat .*\.ts:/, "no stack trace");
});
