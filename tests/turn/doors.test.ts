/**
 * What the generated file shuts. Each probe is made at a coturn with the file as it is and at one whose file lacks the
 * hardening lines, where the same probe must find the door open: so no refusal here is one by chance.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { throwawayCertificate } from "../support/certificate.ts";
import { type Coturn, freePort, startCoturn } from "../support/coturn.ts";
import {
  answersDtls,
  answersOldStun,
  bindingAnswer,
  listensOn,
  refusalBytes,
  tcpRelayError,
  tlsHandshake,
} from "../support/turn-doors.ts";

const HARDENING =
  /^(no-tlsv1|no-tlsv1_1|no-dtls|no-tcp-relay|no-cli|no-stun-backward-compatibility|no-software-attribute)\n/gm;
/** The same doors have to be asked for in later versions; 4.6.1 only warns about names that it does not know. */
const ASKED_FOR = "dtls\ncli\nsoftware-attribute\nrfc3489-compatibility\n";

/** Level 0 lets OpenSSL itself take what is old, so that only the file can refuse it. */
const anyCipher = (conf: string) => conf.replace(/^cipher-list=.*$/m, 'cipher-list="DEFAULT:@SECLEVEL=0"');
const anyLevel = (conf: string) => conf.replace(/^(cipher-list=.*)"$/m, '$1:@SECLEVEL=0"');
/** A name and a password for the telnet console, which are no reason to open it. */
const withConsole = (conf: string, port: number) => `${conf}cli-port=${port}\ncli-password=probe\n`;

interface Doors {
  readonly server: Coturn;
  readonly consolePort: number;
}

/** With the file as generated (and a console configured). */
let shut: Doors;
/** Without the hardening. */
let open: Doors;
/** As generated, but any cipher will do: shows what the lines about versions do by themselves. */
let anyCipherAtAll: Coturn;
/** Without the hardening, but with the generated list of ciphers: shows what that does by itself. */
let ourCiphers: Coturn;

async function doors(edit: (conf: string) => string): Promise<Doors> {
  const consolePort = await freePort();
  const server = await startCoturn({
    profile: "production",
    edit: (conf) => withConsole(edit(conf), consolePort),
  });
  return { server, consolePort };
}

before(async () => {
  shut = await doors((conf) => conf);
  open = await doors((conf) => anyCipher(conf.replaceAll(HARDENING, "")) + ASKED_FOR);
  anyCipherAtAll = await startCoturn({ profile: "production", edit: anyCipher });
  ourCiphers = await startCoturn({
    profile: "production",
    edit: (conf) => anyLevel(conf.replaceAll(HARDENING, "")) + ASKED_FOR,
  });
});
after(async () => {
  await shut.server.close();
  await open.server.close();
  await anyCipherAtAll.close();
  await ourCiphers.close();
});

describe("TLS", { concurrency: true }, () => {
  for (const version of ["TLSv1", "TLSv1.1"] as const) {
    const only = [version, version] as const;
    test(`${version} is refused`, async () => {
      assert.equal(await tlsHandshake(shut.server, only, "ALL"), null);
      assert.equal((await tlsHandshake(open.server, only, "ALL"))?.protocol, version);
    });

    test(`${version} is refused by the list of ciphers alone`, async () => {
      assert.equal(await tlsHandshake(ourCiphers, only, "ALL"), null);
    });

    test(`${version} is refused by its own line alone, where coturn still knows that line`, async () => {
      const known = !anyCipherAtAll.logs().includes("Bad configuration format: no-tlsv1");
      const protocol = (await tlsHandshake(anyCipherAtAll, only, "ALL"))?.protocol;
      assert.equal(protocol, known ? undefined : version);
    });
  }

  test("1.2 works with forward secrecy and authenticated encryption only", async () => {
    const only = ["TLSv1.2", "TLSv1.2"] as const;
    for (const cipher of ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"]) {
      const wanted = { protocol: "TLSv1.2", cipher: `ECDHE-ECDSA-${cipher}` };
      assert.deepEqual(await tlsHandshake(shut.server, only, wanted.cipher), wanted);
    }
    for (const cipher of ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AECDH-AES128-SHA"]) {
      assert.equal(await tlsHandshake(shut.server, only, cipher), null, cipher);
    }
    const old = await tlsHandshake(anyCipherAtAll, only, "ECDHE-ECDSA-AES128-SHA");
    assert.equal(old?.cipher, "ECDHE-ECDSA-AES128-SHA");
  });

  test("a browser, which offers 1.2 and 1.3, gets one of them", async () => {
    const got = await tlsHandshake(shut.server, ["TLSv1.2", "TLSv1.3"], "DEFAULT");
    // 4.6.1 has nothing newer than 1.2, whatever OpenSSL it is built with.
    assert.match(got?.protocol ?? "", /^TLSv1\.[23]$/);
    assert.match(got?.cipher ?? "", /GCM|CHACHA20/);
  });

  test("over UDP (DTLS) does not exist", async () => {
    assert.equal(await answersDtls(shut.server), false);
    assert.equal(await answersDtls(open.server), true);
  });
});

describe("TURN and STUN", () => {
  test("give nobody a relayed address for TCP peers", async () => {
    // RFC 8656 §7.2: 442, this transport protocol is not supported.
    assert.equal(await tcpRelayError(shut.server), 442);
    assert.equal(await tcpRelayError(open.server), null);
  });

  test("tell a stranger its own address and nothing else, in few bytes", async () => {
    // Browsers find direct paths this way. A forged request must not be worth sending: a refusal would be longer.
    const { from, answer } = await bindingAnswer(shut.server);
    assert.deepEqual(answer.mapped, from);
    assert.equal(answer.software, false);
    assert.ok(answer.bytes < (await refusalBytes(shut.server)));
    assert.ok(answer.bytes <= 2 * 20);
    assert.equal((await bindingAnswer(open.server)).answer.software, true);
  });

  test("do not answer the STUN of 2003", async () => {
    assert.equal(await answersOldStun(shut.server), false);
    assert.equal(await answersOldStun(open.server), true);
  });
});

describe("the process", () => {
  test("has no telnet console, even where one is configured", async () => {
    assert.equal(await listensOn(shut.consolePort), false);
    assert.equal(await listensOn(open.consolePort), true);
  });

  test("takes a renewed certificate on SIGUSR2, without a restart", { timeout: 20_000 }, async (t) => {
    const server = await startCoturn({ profile: "production" });
    t.after(() => server.close());
    const folder = dirname(server.certificate.certificateFile);
    const renewed = throwawayCertificate(folder);
    // It is no longer root by now, and has to read both as its own user.
    chmodSync(folder, 0o755);
    chmodSync(renewed.keyFile, 0o644);
    const trusting = (certificate: typeof renewed) =>
      tlsHandshake({ ...server, certificate }, ["TLSv1.2", "TLSv1.3"], "DEFAULT");
    assert.equal(await trusting(renewed), null);
    process.kill(server.pid, "SIGUSR2");
    while ((await trusting(renewed)) === null) await delay(20);
    assert.equal(await trusting(server.certificate), null);
  });

  test("is not root", () => {
    const user = execFileSync("ps", ["-o", "user:32=", "-p", String(shut.server.pid)], { encoding: "utf8" });
    assert.equal(user.trim(), shut.server.settings.runAs.user);
    assert.notEqual(user.trim(), "root");
    if (userInfo().uid !== 0) assert.equal(user.trim(), userInfo().username);
  });
});
