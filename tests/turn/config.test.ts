/** turnserver.conf as text: two frozen files, and what must hold for every other. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { turnserverConf } from "../../turn/config.ts";
import { DENIED_IPV4, DENIED_IPV6 } from "../../turn/denied-peers.ts";
import { parseTurnServer, type TurnServerSettings } from "../../turn/settings.ts";
import { confFor, TEST_PROFILE } from "../support/coturn.ts";

const ENVIRONMENT = {
  TURN_REALM: "turn.quiet.example",
  TURN_SECRET: "f7Qm3vJx0cZkR8uTn5yWd2sLh9bPe4Ga1oIqXiKtVjU=",
  TURN_EXTERNAL_IP: "93.184.215.14",
  TURN_TLS_CERT: "/etc/coturn/fullchain.pem",
  TURN_TLS_KEY: "/etc/coturn/privkey.pem",
};

function settingsFrom(env: Readonly<Record<string, string>>): TurnServerSettings {
  const parsed = parseTurnServer({ ...ENVIRONMENT, ...env });
  assert.ok(parsed.ok);
  return parsed.settings;
}

const vector = (name: string) => readFileSync(join(import.meta.dirname, "../vectors", name), "utf8");

/** The lines that coturn acts on. */
const directives = (conf: string) => conf.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

const names = (conf: string) => directives(conf).map((line) => line.split("=")[0]);

describe("the file", () => {
  test("of a box with a public address is the frozen one", () => {
    assert.equal(turnserverConf(settingsFrom({})), vector("turnserver.conf"));
  });

  test("of a box behind NAT, in a rotation of the secret, is the frozen one", () => {
    const settings = settingsFrom({
      TURN_LISTEN_IP: "10.0.0.5",
      TURN_SECRET_PREVIOUS: "Zp4Vt8Lq1xYw6Nc3Rb9Kd5Hs7Jf2Mg0AeUoXiTzEyC8=",
    });
    assert.equal(turnserverConf(settings), vector("turnserver.nat.conf"));
  });

  test("gives a reason above every line, for the eye in at most 120 columns", () => {
    for (const paragraph of turnserverConf(settingsFrom({ TURN_LISTEN_IP: "10.0.0.5" })).split("\n\n"))
      assert.match(paragraph, /^#/);
    for (const line of vector("turnserver.nat.conf").split("\n")) assert.ok(line.length <= 120, line);
  });

  test("denies every range of the list, none of which starts at `::`", () => {
    const conf = directives(turnserverConf(settingsFrom({})));
    for (const { first, last } of [...DENIED_IPV4, ...DENIED_IPV6])
      assert.ok(conf.includes(`denied-peer-ip=${first}-${last}`));
    assert.ok(!conf.some((line) => line.startsWith("denied-peer-ip=::-")));
  });

  test("allows a denied peer only behind NAT, and then its own address alone", () => {
    const allowed = (env: Readonly<Record<string, string>>) =>
      directives(turnserverConf(settingsFrom(env))).filter((line) => line.startsWith("allowed-peer-ip"));
    assert.deepEqual(allowed({}), []);
    assert.deepEqual(allowed({ TURN_RELAY_IP: "172.16.3.4" }), ["allowed-peer-ip=172.16.3.4"]);
  });
});

test("the test profile is the generated file and two lines, which let loopback peers in and nothing else", () => {
  const settings = settingsFrom({});
  assert.equal(confFor(settings, { profile: "production" }), turnserverConf(settings));
  assert.equal(confFor(settings, {}), turnserverConf(settings) + TEST_PROFILE);
  assert.deepEqual(directives(TEST_PROFILE), [
    "allow-loopback-peers",
    "allowed-peer-ip=127.0.0.0-127.255.255.255",
  ]);
  assert.ok(!names(turnserverConf(settings)).includes("allow-loopback-peers"));
});

test("no accepted setting adds a line, drops one, or changes any but its own", () => {
  const port = fc.integer({ min: 1, max: 65_535 }).map(String);
  const text = fc.oneof(fc.string(), fc.constantFrom("x\nno-auth", "a b", "# x", "=x", '"x"'));
  const values = {
    TURN_REALM: fc.oneof(fc.domain(), text),
    TURN_SECRET: fc.oneof(fc.base64String({ minLength: 32, maxLength: 128 }), text),
    TURN_EXTERNAL_IP: fc.oneof(fc.ipV4(), text),
    TURN_TLS_CERT: fc.oneof(fc.webPath(), text),
    TURN_TLS_KEY: fc.oneof(fc.webPath(), text),
    TURN_PORT: port,
    TURN_TLS_PORT: port,
    TURN_RUN_AS: fc.oneof(fc.stringMatching(/^[a-z]{1,8}(:[a-z]{1,8})?$/), text),
  };
  const change = fc
    .tuple(fc.record(values), fc.shuffledSubarray(Object.keys(values), { minLength: 1, maxLength: 2 }))
    .map(([all, chosen]) => Object.entries(all).filter(([name]) => chosen.includes(name)));
  const plain = turnserverConf(settingsFrom({}));
  let accepted = 0;
  fc.assert(
    fc.property(change, (changed) => {
      const parsed = parseTurnServer({ ...ENVIRONMENT, ...Object.fromEntries(changed) });
      if (!parsed.ok) return;
      accepted++;
      const conf = turnserverConf(parsed.settings);
      assert.deepEqual(names(conf), names(plain));
      const { settings } = parsed;
      const given: Readonly<Record<string, string>> = {
        realm: settings.realm,
        "static-auth-secret": settings.secret,
        "listening-ip": settings.listenIp,
        "relay-ip": settings.relayIp,
        cert: settings.certificateFile,
        pkey: settings.keyFile,
        "listening-port": String(settings.port),
        "tls-listening-port": String(settings.tlsPort),
        "proc-user": settings.runAs.user,
        "proc-group": settings.runAs.group,
      };
      for (const [i, line] of directives(conf).entries()) {
        const [name = "", ...value] = line.split("=");
        const own = given[name];
        if (own === undefined) assert.equal(line, directives(plain)[i]);
        else assert.equal(value.join("="), own);
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(accepted > 50);
});
