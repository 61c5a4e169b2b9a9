import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { deniedIpv4Range } from "../../turn/denied-peers.ts";
import {
  describeProblem,
  type ParsedSettings,
  parseTurnServer,
  parseTurnService,
  TURN_VARIABLES,
} from "../../turn/settings.ts";
import { turnUrls } from "../../turn/urls.ts";
import { codePoint } from "../support/code-point.ts";

const SECRET = "f7Qm3vJx0cZkR8uTn5yWd2sLh9bPe4Ga1oIqXiKtVjU=";
const OTHER_SECRET = "Zp4Vt8Lq1xYw6Nc3Rb9Kd5Hs7Jf2Mg0AeUoXiTzEyC8=";
const BOX = {
  TURN_REALM: "turn.quiet.example",
  TURN_SECRET: SECRET,
  TURN_EXTERNAL_IP: "93.184.215.14",
  TURN_TLS_CERT: "/etc/coturn/fullchain.pem",
  TURN_TLS_KEY: "/etc/coturn/privkey.pem",
};

type Env = Readonly<Record<string, string>>;

function problems(parsed: ParsedSettings<unknown>): readonly string[] {
  return parsed.ok ? [] : parsed.problems.map(({ variable }) => variable);
}

describe("the box's settings", () => {
  test("with only what is required", () => {
    assert.deepEqual(parseTurnServer(BOX), {
      ok: true,
      settings: {
        realm: "turn.quiet.example",
        secret: SECRET,
        previousSecret: null,
        port: 3478,
        tlsPort: 443,
        externalIp: "93.184.215.14",
        listenIp: "93.184.215.14",
        relayIp: "93.184.215.14",
        certificateFile: "/etc/coturn/fullchain.pem",
        keyFile: "/etc/coturn/privkey.pem",
        minPort: 49160,
        maxPort: 49960,
        totalQuota: 200,
        runAs: { user: "turnserver", group: "turnserver" },
      },
    });
  });

  test("with everything", () => {
    const parsed = parseTurnServer({
      ...BOX,
      TURN_REALM: " TURN.Quiet.Example ",
      TURN_SECRET_PREVIOUS: OTHER_SECRET,
      TURN_LISTEN_IP: "10.0.0.5",
      TURN_RELAY_IP: "10.0.0.6",
      TURN_PORT: "3479",
      TURN_TLS_PORT: "5349",
      TURN_MIN_PORT: "50000",
      TURN_MAX_PORT: "50009",
      TURN_TOTAL_QUOTA: "10",
      TURN_RUN_AS: "coturn:daemon",
    });
    assert.ok(parsed.ok);
    const { realm, previousSecret, listenIp, relayIp, port, tlsPort, minPort, maxPort, totalQuota, runAs } =
      parsed.settings;
    assert.deepEqual(
      { realm, previousSecret, listenIp, relayIp, port, tlsPort, minPort, maxPort, totalQuota, runAs },
      {
        realm: "turn.quiet.example",
        previousSecret: OTHER_SECRET,
        listenIp: "10.0.0.5",
        relayIp: "10.0.0.6",
        port: 3479,
        tlsPort: 5349,
        minPort: 50000,
        maxPort: 50009,
        totalQuota: 10,
        runAs: { user: "coturn", group: "daemon" },
      },
    );
  });

  test("an empty environment names everything that is missing, at once", () => {
    assert.deepEqual([...problems(parseTurnServer({}))].sort(), Object.keys(BOX).sort());
  });

  test("TURN_LISTEN_IP decides the relay's address unless that is set itself", () => {
    const parsed = parseTurnServer({ ...BOX, TURN_LISTEN_IP: "192.168.7.2" });
    assert.equal(parsed.ok && parsed.settings.relayIp, "192.168.7.2");
  });
});

/** What is changed, which variable is blamed, and words of the reason. */
const REFUSED: readonly (readonly [Env, string, RegExp])[] = [
  [{ TURN_SECRET: "" }, "TURN_SECRET", /missing/],
  [{ TURN_SECRET: "   " }, "TURN_SECRET", /missing/],
  [{ TURN_SECRET: "CHANGE_ME" }, "TURN_SECRET", /placeholder/],
  [{ TURN_SECRET: "short" }, "TURN_SECRET", /5 characters/],
  [{ TURN_SECRET: "0123456789abcdef".repeat(4) }, "TURN_SECRET", /repeats/],
  [{ TURN_SECRET_PREVIOUS: "weak" }, "TURN_SECRET_PREVIOUS", /characters/],
  [{ TURN_SECRET_PREVIOUS: SECRET }, "TURN_SECRET_PREVIOUS", /same/],
  [{ TURN_REALM: "" }, "TURN_REALM", /missing/],
  [{ TURN_REALM: "turn example" }, "TURN_REALM", /DNS name/],
  [{ TURN_REALM: "turn.example\nno-auth" }, "TURN_REALM", /DNS name/],
  [{ TURN_REALM: "-turn.example" }, "TURN_REALM", /DNS name/],
  [{ TURN_REALM: "https://turn.example" }, "TURN_REALM", /DNS name/],
  [{ TURN_REALM: "93.184.215.14" }, "TURN_REALM", /DNS name/],
  [{ TURN_REALM: `${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}` }, "TURN_REALM", /DNS name/],
  [{ TURN_EXTERNAL_IP: "" }, "TURN_EXTERNAL_IP", /missing/],
  [{ TURN_EXTERNAL_IP: "10.0.0.5" }, "TURN_EXTERNAL_IP", /private/],
  [{ TURN_EXTERNAL_IP: "100.64.1.1" }, "TURN_EXTERNAL_IP", /carrier-grade/],
  [{ TURN_EXTERNAL_IP: "203.0.113.10" }, "TURN_EXTERNAL_IP", /documentation/],
  [{ TURN_EXTERNAL_IP: "127.0.0.1" }, "TURN_EXTERNAL_IP", /loopback/],
  [{ TURN_EXTERNAL_IP: "0.0.0.0" }, "TURN_EXTERNAL_IP", /this network/],
  [{ TURN_EXTERNAL_IP: "169.254.1.1" }, "TURN_EXTERNAL_IP", /link-local/],
  [{ TURN_EXTERNAL_IP: "224.0.0.1" }, "TURN_EXTERNAL_IP", /multicast/],
  [{ TURN_EXTERNAL_IP: "255.255.255.255" }, "TURN_EXTERNAL_IP", /broadcast/],
  [{ TURN_EXTERNAL_IP: "93.184.215" }, "TURN_EXTERNAL_IP", /not an IPv4/],
  [{ TURN_EXTERNAL_IP: "93.184.215.014" }, "TURN_EXTERNAL_IP", /not an IPv4/],
  [{ TURN_EXTERNAL_IP: "93.184.215.14/24" }, "TURN_EXTERNAL_IP", /not an IPv4/],
  [{ TURN_EXTERNAL_IP: "turn.quiet.example" }, "TURN_EXTERNAL_IP", /not an IPv4/],
  [{ TURN_EXTERNAL_IP: "2600::1" }, "TURN_EXTERNAL_IP", /IPv6/],
  [{ TURN_RELAY_IP: "2600::1" }, "TURN_RELAY_IP", /lets IPv6 relays reach denied IPv4 peers/],
  [{ TURN_RELAY_IP: "::ffff:93.184.215.14" }, "TURN_RELAY_IP", /IPv6/],
  [{ TURN_LISTEN_IP: "0.0.0.0" }, "TURN_LISTEN_IP", /this network/],
  [{ TURN_LISTEN_IP: "127.0.0.1" }, "TURN_LISTEN_IP", /loopback/],
  [{ TURN_LISTEN_IP: "::" }, "TURN_LISTEN_IP", /IPv6/],
  [{ TURN_TLS_CERT: "" }, "TURN_TLS_CERT", /missing/],
  [{ TURN_TLS_CERT: "fullchain.pem" }, "TURN_TLS_CERT", /absolute path/],
  [{ TURN_TLS_KEY: "/etc/co turn/key.pem" }, "TURN_TLS_KEY", /absolute path/],
  [{ TURN_TLS_KEY: "/etc/key.pem\nverbose" }, "TURN_TLS_KEY", /absolute path/],
  [{ TURN_PORT: "0" }, "TURN_PORT", /whole number/],
  [{ TURN_PORT: "65536" }, "TURN_PORT", /whole number/],
  [{ TURN_PORT: "3478.5" }, "TURN_PORT", /whole number/],
  [{ TURN_PORT: "0x10" }, "TURN_PORT", /whole number/],
  [{ TURN_PORT: "443" }, "TURN_TLS_PORT", /same/],
  [{ TURN_PORT: "49500" }, "TURN_PORT", /between/],
  [{ TURN_TLS_PORT: "49160" }, "TURN_TLS_PORT", /between/],
  [{ TURN_MIN_PORT: "1023" }, "TURN_MIN_PORT", /1024/],
  [{ TURN_MIN_PORT: "50000", TURN_MAX_PORT: "49999" }, "TURN_MAX_PORT", /leaves 0 ports/],
  [{ TURN_MIN_PORT: "50000", TURN_MAX_PORT: "50198" }, "TURN_MAX_PORT", /leaves 199 ports/],
  [{ TURN_TOTAL_QUOTA: "-1" }, "TURN_TOTAL_QUOTA", /whole number/],
  [{ TURN_RUN_AS: "root" }, "TURN_RUN_AS", /ordinary user/],
  [{ TURN_RUN_AS: "turnserver:root" }, "TURN_RUN_AS", /ordinary user/],
  [{ TURN_RUN_AS: "a:b:c" }, "TURN_RUN_AS", /ordinary user/],
  [{ TURN_SECRTE: SECRET }, "TURN_SECRTE", /no setting/],
];

describe("the box's settings are refused", () => {
  for (const [change, variable, reason] of REFUSED)
    test(`${JSON.stringify(change)}`, () => {
      const parsed = parseTurnServer({ ...BOX, ...change });
      assert.ok(!parsed.ok);
      assert.deepEqual(problems(parsed), [variable]);
      const [problem] = parsed.problems;
      assert.match(problem?.reason ?? "", reason);
      // Each tells what to do, in a sentence.
      assert.match(problem?.fix ?? "", /^[A-Z0-9].{10,}\.$/);
    });

  test("and no message ever holds a secret", () => {
    const weak = [
      "CHANGE_ME-7Hq",
      "tooShort7Hq",
      `${"7Hq".repeat(20)}`,
      "7Hq has blanks in it, and a length",
    ];
    for (const text of weak)
      for (const change of [{ TURN_SECRET: text }, { TURN_SECRET_PREVIOUS: text }]) {
        const parsed = parseTurnServer({ ...BOX, ...change });
        assert.ok(!parsed.ok);
        assert.ok(!parsed.problems.map(describeProblem).join("\n").includes("7Hq"));
      }
  });

  test("one as text names the variable, the reason and the fix", () => {
    const parsed = parseTurnServer({ ...BOX, TURN_PORT: "many" });
    assert.ok(!parsed.ok);
    assert.equal(
      parsed.problems.map(describeProblem).join(),
      'TURN_PORT is "many", not a whole number from 1 to 65535.\n  3478 is the usual one.',
    );
  });
});

describe("the relay's settings", () => {
  const RELAY = { TURN_REALM: "turn.quiet.example", TURN_SECRET: SECRET };

  test("are nothing when no TURN_ variable is set", () => {
    for (const env of [{}, { PATH: "/bin" }, { TURN_REALM: "", TURN_SECRET: " " }])
      assert.deepEqual(parseTurnService(env), { ok: true, settings: null });
  });

  test("need a realm and a secret as soon as any is set", () => {
    assert.deepEqual(problems(parseTurnService({ TURN_PORT: "3478" })), ["TURN_REALM", "TURN_SECRET"]);
    assert.deepEqual(problems(parseTurnService({ ...RELAY, TURN_SECRET: "CHANGE_ME" })), ["TURN_SECRET"]);
    assert.deepEqual(problems(parseTurnService({ ...RELAY, TURN_TYPO: "1" })), ["TURN_TYPO"]);
  });

  test("with only what is required", () => {
    assert.deepEqual(parseTurnService(RELAY), {
      ok: true,
      settings: {
        realm: "turn.quiet.example",
        host: "turn.quiet.example",
        secret: SECRET,
        port: 3478,
        tlsPort: 443,
        transports: ["udp", "tcp", "tls"],
        credentialSeconds: 600,
      },
    });
  });

  test("read the same environment as the box's", () => {
    const parsed = parseTurnService({ ...BOX, TURN_LISTEN_IP: "10.0.0.5" });
    assert.equal(parsed.ok && parsed.settings?.host, "turn.quiet.example");
  });

  test("give the URLs that browsers get", () => {
    const urls = (env: Env) => {
      const parsed = parseTurnService({ ...RELAY, ...env });
      assert.ok(parsed.ok && parsed.settings);
      return turnUrls(parsed.settings);
    };
    assert.deepEqual(urls({}), [
      "turn:turn.quiet.example:3478?transport=udp",
      "turn:turn.quiet.example:3478?transport=tcp",
      "turns:turn.quiet.example:443?transport=tcp",
    ]);
    assert.deepEqual(urls({ TURN_HOST: "Localhost", TURN_TLS_PORT: "5349", TURN_TRANSPORTS: "tls, udp" }), [
      "turn:localhost:3478?transport=udp",
      "turns:localhost:5349?transport=tcp",
    ]);
    assert.deepEqual(urls({ TURN_HOST: "127.0.0.1", TURN_TRANSPORTS: "udp" }), [
      "turn:127.0.0.1:3478?transport=udp",
    ]);
  });

  for (const [variable, value] of [
    ["TURN_TRANSPORTS", "udp,quic"],
    ["TURN_TRANSPORTS", ","],
    ["TURN_HOST", "turn:3478"],
    ["TURN_HOST", "[2600::1]"],
    ["TURN_HOST", "300.1.1.1"],
    // Firefox does not even try TLS with an address.
    ["TURN_HOST", "93.184.215.14"],
    ["TURN_CREDENTIAL_MINUTES", "0"],
    ["TURN_CREDENTIAL_MINUTES", "61"],
    ["TURN_TLS_PORT", "3478"],
  ] as const)
    test(`refuse ${variable}=${value}`, () => {
      assert.deepEqual(problems(parseTurnService({ ...RELAY, [variable]: value })), [variable]);
    });
});

test("the README's table has every variable, and its defaults are the real ones", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../turn/README.md"), "utf8");
  const rows = readme.split("\n").filter((line) => line.startsWith("| `TURN_"));
  const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  const named = cells.flatMap(([, names = ""]) => names.replaceAll("`", "").split(", "));
  assert.deepEqual([...named].sort(), [...TURN_VARIABLES].sort());
  const defaults = cells
    .flatMap(([, names = "", values = ""]) => {
      const split = values.split(/, (?=\d)/);
      return names.split(", ").map((name, i) => [name.replaceAll("`", ""), split[i] ?? ""] as const);
    })
    .filter(([, value]) => /^[a-z0-9,]+$/.test(value) && !/^(required|none)$/.test(value));
  const env = Object.fromEntries(defaults);
  assert.ok(defaults.length >= 8);
  assert.deepEqual(parseTurnServer({ ...BOX, ...env }), parseTurnServer(BOX));
  assert.deepEqual(parseTurnService({ ...BOX, ...env }), parseTurnService(BOX));
});

describe("whatever the environment holds", () => {
  const value = fc.oneof(
    fc.string(),
    fc.string({ unit: codePoint }),
    fc.ipV4(),
    fc.ipV6(),
    fc.domain(),
    fc.integer().map(String),
    fc.constantFrom(SECRET, OTHER_SECRET, "/etc/x.pem", "udp,tls", "\n", "a\nverbose", "turnserver:x"),
  );
  const environment = fc.record(Object.fromEntries(TURN_VARIABLES.map((name) => [name, value])), {
    requiredKeys: [],
  });
  /** One value after another on top of a good environment: reaches further than noise alone. */
  const nearlyGood = fc
    .dictionary(fc.constantFrom(...TURN_VARIABLES), value, { maxKeys: 3 })
    .map((change) => ({ ...BOX, ...change }));

  test("parsing never throws, and refuses with variables of the list alone", () => {
    const known: readonly string[] = TURN_VARIABLES;
    fc.assert(
      fc.property(fc.oneof(environment, nearlyGood), (env) => {
        for (const parsed of [parseTurnServer(env), parseTurnService(env)]) {
          if (parsed.ok) continue;
          assert.ok(parsed.problems.length > 0);
          for (const { variable } of parsed.problems) assert.ok(known.includes(variable));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("what the box accepts is public, in range, and without a character that turnserver.conf gives a meaning to", () => {
    let accepted = 0;
    fc.assert(
      fc.property(nearlyGood, (env) => {
        const parsed = parseTurnServer(env);
        if (!parsed.ok) return;
        accepted++;
        const { externalIp, listenIp, relayIp, minPort, maxPort, totalQuota, runAs, ...rest } =
          parsed.settings;
        assert.equal(deniedIpv4Range(externalIp), null);
        for (const ip of [externalIp, listenIp, relayIp]) assert.ok(isIPv4(ip));
        assert.ok(maxPort - minPort + 1 >= totalQuota);
        for (const text of [...Object.values(rest), runAs.user, runAs.group])
          assert.doesNotMatch(String(text), /[\s"'#;\\]|^=/);
      }),
      { numRuns: 1000 },
    );
    assert.ok(accepted > 50);
  });
});
