/** What the operator wrote: the relay's settings and the TURN box's. A wrong one must be refused with words, not a crash. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { parseEnv } from "node:util";
import fc from "fast-check";
import { ConfigError, readConfig, readEnvironment } from "../../../relay/config.ts";
import { turnserverConf } from "../../../turn/config.ts";
import type { Environment, SettingProblem } from "../../../turn/fields.ts";
import { parseTurnServer, parseTurnService, TURN_VARIABLES } from "../../../turn/settings.ts";
import { turnUrls } from "../../../turn/urls.ts";
import { judged } from "../judge.ts";
import { ACCEPTED, textTarget } from "../target.ts";

const SECRET = "q7Zt0Vx3mB9dLr5yUeKwPn1sHgTjRf6a";
const RELAY = [
  "PORT=3000\nHOST=127.0.0.1\nPUBLIC_URL=https://rooms.clinic.example\nTRUST_PROXY=1\nLOG_LEVEL=info\nDATA_DIR=data",
  `PORT=0\nTURN_REALM=turn.clinic.example\nTURN_SECRET=${SECRET}\nTURN_CREDENTIAL_MINUTES=10\nTURN_TRANSPORTS=udp,tcp,tls`,
  `PORT=1\nALERT_WEBHOOK_URL=https://hooks.example/x\nALERT_WEBHOOK_SECRET=${SECRET}\nALERT_SMTP_URL=smtps://me:pw@mail.example:465\nALERT_MAIL_FROM=a@clinic.example\nALERT_MAIL_TO=b@clinic.example,c@clinic.example\nMETRICS_PORT=9464\nMETRICS_HOST=127.0.0.1\nBACKUP_DAYS=2`,
  `HOST=::1\nPUBLIC_URL=http://localhost:3000\nTURN_REALM=turn.example\nTURN_HOST=93.184.216.34\nTURN_TRANSPORTS=udp\nTURN_SECRET=${SECRET}`,
];
const BOX = [
  `TURN_REALM=turn.clinic.example\nTURN_SECRET=${SECRET}\nTURN_EXTERNAL_IP=93.184.216.34\nTURN_TLS_CERT=/etc/turn/fullchain.pem\nTURN_TLS_KEY=/etc/turn/privkey.pem`,
  `TURN_REALM=turn.example\nTURN_SECRET=${SECRET}\nTURN_SECRET_PREVIOUS=${SECRET.toLowerCase()}XYZ\nTURN_EXTERNAL_IP=93.184.216.34\nTURN_LISTEN_IP=10.0.0.4\nTURN_RELAY_IP=10.0.0.4\nTURN_TLS_CERT=/a.pem\nTURN_TLS_KEY=/b.pem\nTURN_MIN_PORT=50000\nTURN_MAX_PORT=51000\nTURN_TOTAL_QUOTA=100\nTURN_RUN_AS=turnserver:turnserver\nTURN_PORT=3478\nTURN_TLS_PORT=5349`,
];

const ALERT_NAMES = [
  "ALERT_WEBHOOK_URL",
  "ALERT_WEBHOOK_SECRET",
  "ALERT_SMTP_URL",
  "ALERT_MAIL_FROM",
  "ALERT_MAIL_TO",
  "METRICS_PORT",
  "METRICS_HOST",
  "BACKUP_DAYS",
];
const NAMES = [
  ...ALERT_NAMES,
  "PORT",
  "HOST",
  "PUBLIC_URL",
  "TRUST_PROXY",
  "LOG_LEVEL",
  "DATA_DIR",
  ...TURN_VARIABLES,
];
const VALUES = [
  "",
  " ",
  "0",
  "-1",
  "1e3",
  "65535",
  "65536",
  "3000.5",
  "0x10",
  "９",
  "999999999999",
  "NaN",
  "localhost",
  "0.0.0.0",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "fe80::1%eth0",
  "127.0.0.1",
  "10.0.0.4",
  "169.254.169.254",
  "93.184.216.34",
  "224.0.0.1",
  "255.255.255.255",
  "01.2.3.4",
  "1.2.3",
  "http://localhost",
  "https://a.example/path",
  "https://u:p@a.example",
  "https://a.example?x",
  "javascript:alert(1)",
  "file:///etc/passwd",
  "smtp://a.example",
  "smtps://u:p@[::1]:25",
  "smtp://u@a.example",
  "smtp://u:%ff@a.example",
  "a@b.example",
  "a@b.example,,c@d.example",
  "https://[::1]",
  "https://xn--a",
  "https://ａ.example",
  "http://LOCALHOST:1",
  "https://",
  "info",
  "silent",
  "INFO",
  "udp",
  "udp,udp",
  "udp,,tcp",
  "tls ,udp",
  "turn.example",
  "turn..example",
  "-a.example",
  "a.example.",
  "xn--80ak6aa92e.com",
  `${"a".repeat(64)}.example`,
  "a.1",
  "root",
  "root:root",
  "a:b:c",
  ":",
  "user",
  "/etc/passwd",
  "/a b",
  "/../x",
  "//",
  "/a\u202eb",
  "$(id)",
  "`id`",
  "a'b",
  'a"b',
  "a\\b",
  "a#b",
  "a=b",
  "__proto__",
  SECRET,
  SECRET.slice(0, 31),
  "change-me-change-me-change-me-change-me",
  "x".repeat(200),
  "abcabcabcabcabcabcabcabcabcabcabcabc",
];
/** For the variables whose values have a form of their own. */
const URLS = VALUES.filter((value) => value.includes(":/"));
const PATHS = VALUES.filter((value) => value.startsWith("/"));
function valuesFor(name: string): readonly string[] {
  if (name.endsWith("_URL")) return URLS;
  return name.startsWith("TURN_TLS_") ? PATHS : VALUES;
}

const wrongSettings = (samples: readonly string[]) =>
  fc
    .tuple(
      fc.nat(samples.length - 1),
      fc.array(fc.tuple(fc.nat(NAMES.length - 1), fc.nat(VALUES.length - 1)), { minLength: 1, maxLength: 3 }),
    )
    .map(([index, settings]) =>
      [
        samples[index] ?? "",
        ...settings.map(([which, pick]) => {
          const name = NAMES[which] ?? "";
          const values = valuesFor(name);
          return `${name}='${(values[pick % values.length] ?? "").replaceAll("'", "")}'`;
        }),
      ].join("\n"),
    );

/** What the messages themselves give as examples: a secret that is a part of it is none. */
const EXAMPLES = "https://rooms.clinic.example turn.clinic.example openssl rand -base64 32";

function requireUseful(problems: readonly SettingProblem[], environment: Environment): void {
  assert.ok(problems.length > 0, "refused without a problem");
  const { TURN_SECRET, TURN_SECRET_PREVIOUS, ALERT_WEBHOOK_SECRET, ...others } = environment;
  // Also in the name of a variable, which is told where there is none of that name.
  const elsewhere = [...Object.entries(others).flat(), EXAMPLES].join("\n");
  const secrets = [TURN_SECRET, TURN_SECRET_PREVIOUS, ALERT_WEBHOOK_SECRET].filter(
    (secret) => !elsewhere.includes(secret?.trim() ?? ""),
  );
  for (const { variable, reason, fix } of problems) {
    assert.ok(variable !== "" && reason !== "" && fix !== "");
    for (const text of [variable, reason, fix]) {
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u, "a control character on the operator's terminal");
      for (const secret of secrets)
        if (secret !== undefined && secret.trim().length > 12)
          assert.ok(!text.includes(secret.trim()), "a secret in a message");
    }
  }
}

const folder = tmpdir();
const relay = textTarget({
  name: "relay-environment",
  covers: [
    "relay/config.ts readConfig",
    "relay/config.ts readEnvironment",
    "relay/alerts/settings.ts readAlertSettings",
    "relay/metrics/settings.ts readMetricsSettings",
    "turn/settings.ts parseTurnService",
  ],
  samples: RELAY,
  wrong: wrongSettings(RELAY),
  check: (text) => {
    const environment = readEnvironment(folder, parseEnv(text));
    return judged(
      () => readConfig(environment),
      (error) => {
        if (!(error instanceof ConfigError)) return null;
        requireUseful(error.problems, environment);
        return "refused";
      },
      (config) => {
        assert.ok(Number.isInteger(config.port) && config.port >= 0 && config.port <= 65_535);
        assert.ok(Number.isInteger(config.trustProxy) && config.trustProxy >= 0 && config.trustProxy <= 10);
        assert.ok(config.publicUrl === null || /^https?:$/.test(config.publicUrl.protocol));
        assert.equal(config.publicUrl?.username ?? "", "");
        const { webhook, mail } = config.alerts;
        assert.match(webhook?.url ?? "http://", /^https?:\/\//);
        for (const address of mail === null ? [] : [mail.from, ...mail.to])
          assert.doesNotMatch(address, /[\s<>,\p{C}]/u, "a second header, or a second address");
        if (config.turn !== null)
          for (const url of turnUrls(config.turn))
            assert.match(url, /^turns?:[a-z0-9.-]+:\d+\?transport=(?:udp|tcp)$/);
      },
    );
  },
});

const CONF_LINE = /^(?:#.*|[a-z0-9_-]+(?:=(?:[A-Za-z0-9._/:@+~=,-]+|"[A-Z0-9+:!a-z]+"))?|)$/;

const box = textTarget({
  name: "turn-environment",
  covers: ["turn/settings.ts parseTurnServer", "turn/settings.ts parseTurnService"],
  samples: BOX,
  wrong: wrongSettings(BOX),
  check: (text) => {
    const environment: Environment = parseEnv(text);
    const service = parseTurnService(environment);
    if (!service.ok) requireUseful(service.problems, environment);
    const parsed = parseTurnServer(environment);
    if (!parsed.ok) {
      requireUseful(parsed.problems, environment);
      return "refused";
    }
    const lines = turnserverConf(parsed.settings).split("\n");
    for (const each of lines) assert.match(each, CONF_LINE, "a line that coturn reads otherwise");
    const counts = namesIn(lines);
    for (const [name, count] of counts)
      assert.ok(count <= (mostLines.get(name) ?? 0), `a line too many: ${name}`);
    return ACCEPTED;
  },
});

/** The settings that a file of plain values has, and how often. A value with a line end in it would bring more. */
const mostLines = new Map<string, number>();
for (const text of BOX) {
  const parsed = parseTurnServer(parseEnv(text));
  assert.ok(parsed.ok);
  for (const [name, count] of namesIn(turnserverConf(parsed.settings).split("\n")))
    mostLines.set(name, Math.max(count, mostLines.get(name) ?? 0));
}

function namesIn(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [name = ""] = line.split("=");
    if (name !== "" && !name.startsWith("#")) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

export const ENVIRONMENT = [relay, box] as const;
