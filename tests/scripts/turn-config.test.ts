/** `npm run turn:config` as a person meets it: a real process, in a folder of its own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { judgeCertificate } from "../../scripts/turn-certificate.ts";
import { throwawayCertificate } from "../support/certificate.ts";

const SCRIPT = join(import.meta.dirname, "../../scripts/turn-config.ts");
const SECRET = "f7Qm3vJx0cZkR8uTn5yWd2sLh9bPe4Ga1oIqXiKtVjU=";
const BOX = {
  TURN_REALM: "turn.quiet.example",
  TURN_SECRET: SECRET,
  TURN_EXTERNAL_IP: "93.184.215.14",
  TURN_TLS_CERT: "/nowhere/fullchain.pem",
  TURN_TLS_KEY: "/nowhere/privkey.pem",
};
type Env = Readonly<Record<string, string>>;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietroom-turn-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(env: Env, ...args: string[]) {
  return spawnSync(process.execPath, [SCRIPT, ...args], { cwd: folder, env, encoding: "utf8" });
}

function assertRefused(result: ReturnType<typeof run>, ...words: RegExp[]): void {
  assert.equal(result.status, 1);
  assert.equal(result.stdout, "");
  assert.match(result.stderr, /^\nNo turnserver\.conf was written\.\n/);
  for (const word of words) assert.match(result.stderr, word);
  // A refusal is for a person, not a stack trace.
  assert.doesNotMatch(result.stderr, /\n\s+at /);
}

const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);

describe("writes", () => {
  test("the file into the data folder, for its owner alone, and says what to do next", () => {
    const result = run(BOX);
    assert.equal(result.stderr, "");
    assert.equal(result.status, 0);
    const file = join(folder, "data", "turnserver.conf");
    assert.equal(mode(file), "600");
    assert.equal(mode(join(folder, "data")), "700");
    assert.match(readFileSync(file, "utf8"), new RegExp(`^static-auth-secret=${SECRET}$`, "m"));
    assert.match(result.stdout, /^Wrote .*\/data\/turnserver\.conf \(mode 0600\)\.$/m);
    assert.match(result.stdout, /443 TCP \(TLS\), 49160-49960 UDP/);
    assert.match(result.stdout, /systemctl restart coturn/);
    assert.match(result.stdout, /privkey\.pem cannot be read here, so it was not checked/);
    assert.ok(!result.stdout.includes(SECRET));
  });

  test("with the same mode whatever the umask", () => {
    const command = `umask 0377; "$0" "$@"`;
    const args = ["-c", command, process.execPath, SCRIPT, "--out", join(folder, "t.conf")];
    const result = spawnSync("/bin/sh", args, { cwd: folder, env: BOX, encoding: "utf8" });
    assert.equal(result.status, 0, result.stderr);
    assert.equal(mode(join(folder, "t.conf")), "600");
  });

  test("what .env says, and the environment before it", () => {
    const lines = Object.entries({ ...BOX, TURN_PORT: "3479", DATA_DIR: "elsewhere" });
    writeFileSync(join(folder, ".env"), lines.map(([name, value]) => `${name}=${value}`).join("\n"));
    assert.equal(run({ TURN_PORT: "3480" }).status, 0);
    const conf = readFileSync(join(folder, "elsewhere", "turnserver.conf"), "utf8");
    assert.match(conf, /^listening-port=3480$/m);
    assert.match(conf, /^realm=turn\.quiet\.example$/m);
  });

  test("over another file only with --force, and then closes it to others", () => {
    const file = join(folder, "t.conf");
    writeFileSync(file, "precious");
    chmodSync(file, 0o644);
    assertRefused(run(BOX, "--out", "t.conf"), /t\.conf is there already/, /--force/);
    assert.equal(readFileSync(file, "utf8"), "precious");
    assert.equal(run(BOX, "--out", "t.conf", "--force").status, 0);
    assert.match(readFileSync(file, "utf8"), /^use-auth-secret$/m);
    assert.equal(mode(file), "600");
    assert.deepEqual(readdirSync(folder), ["t.conf"]);
  });
});

describe("refuses", () => {
  test("a missing secret and a weak one, with the variable, the reason and the fix", () => {
    const { TURN_SECRET: _, ...rest } = BOX;
    assertRefused(run(rest), /TURN_SECRET is missing\.\n {2}Make one with: openssl rand/);
    assertRefused(run({ ...BOX, TURN_SECRET: "CHANGE_ME" }), /TURN_SECRET is the placeholder/);
    assertRefused(run({ ...BOX, TURN_SECRET: "a".repeat(64) }), /TURN_SECRET repeats/);
    assert.equal(existsSync(join(folder, "data")), false);
  });

  test("everything that is wrong at once, each once, the relay's half too", () => {
    const result = run({ ...BOX, TURN_REALM: "no name", TURN_EXTERNAL_IP: "10.0.0.1", TURN_TRANSPORTS: "x" });
    assertRefused(result, /TURN_EXTERNAL_IP is "10\.0\.0\.1"/, /TURN_TRANSPORTS is "x"/);
    assert.equal(result.stderr.match(/TURN_REALM is/g)?.length, 1);
  });

  test("arguments that it does not know, with those that it does", () => {
    assertRefused(run(BOX, "--ouput", "x"), /--ouput/, /--out FILE/);
    assertRefused(run(BOX, "turnserver.conf"), /--out FILE/);
  });

  test("a place that it cannot write to, and leaves nothing behind", () => {
    mkdirSync(join(folder, "t.conf"));
    assertRefused(run(BOX, "--out", "t.conf", "--force"), /t\.conf cannot be written/, /--out FILE/);
    assert.deepEqual(readdirSync(folder), ["t.conf"]);
  });

  test("a certificate for another name or of another time, a key of another pair, and files that are neither", () => {
    const [one, two] = ["one", "two"].map((name) => {
      mkdirSync(join(folder, name));
      return throwawayCertificate(join(folder, name));
    });
    assert.ok(one && two);
    const local = {
      ...BOX,
      TURN_HOST: "localhost",
      TURN_TLS_CERT: one.certificateFile,
      TURN_TLS_KEY: one.keyFile,
    };
    const good = run(local);
    assert.equal(good.status, 0, good.stderr);
    assert.doesNotMatch(good.stdout, /Note:/);
    assertRefused(run({ ...local, TURN_HOST: "turn.quiet.example" }), /not for turn\.quiet\.example/);
    assertRefused(run({ ...local, TURN_TLS_KEY: two.keyFile }), /TURN_TLS_KEY names a key that is not/);
    assertRefused(
      run({ ...local, TURN_TLS_KEY: one.certificateFile }),
      /TURN_TLS_KEY names a file that holds no/,
    );
    assertRefused(run({ ...local, TURN_TLS_CERT: one.keyFile }), /TURN_TLS_CERT names a file that holds no/);
    const files = { certificateFile: one.certificateFile, keyFile: one.keyFile };
    const threeDays = 3 * 86_400_000;
    assert.deepEqual(judgeCertificate(files, "localhost", Date.now()).problems, []);
    const [expired] = judgeCertificate(files, "localhost", Date.now() + threeDays).problems;
    assert.match(expired ?? "", /TURN_TLS_CERT names a certificate that has expired/);
    chmodSync(one.keyFile, 0o604);
    assert.match(run(local, "--force").stdout, /Note: Everybody on this machine may read/);
  });
});
