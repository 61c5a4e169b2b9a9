import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Found, findTestTools, type Machine, plan, type Tool } from "../../scripts/setup-system.mjs";

const ALL: Found = {
  chromium: "/usr/bin/chromium",
  firefox: "/usr/bin/firefox-esr",
  turnserver: "/usr/bin/turnserver",
  openssl: "/usr/bin/openssl",
  ip: "/usr/sbin/ip",
  nft: "/usr/sbin/nft",
  tcpdump: "/usr/bin/tcpdump",
};
const NONE: Found = {
  chromium: null,
  firefox: null,
  turnserver: null,
  openssl: null,
  ip: null,
  nft: null,
  tcpdump: null,
};
const DEBIAN: Machine = { platform: "linux", isRoot: true, hasApt: true, distribution: "debian" };

function explanation(found: Found, machine: Machine, env = {}): string {
  const todo = plan(found, machine, env);
  assert.equal(todo.action, "explain");
  return todo.action === "explain" ? todo.message : "";
}

describe("the plan", () => {
  test("is nothing when everything is there, on any machine", () => {
    for (const machine of [DEBIAN, { ...DEBIAN, isRoot: false }, { ...DEBIAN, platform: "darwin" }])
      assert.deepEqual(plan(ALL, machine), { action: "nothing" });
  });

  test("is to install just what is missing, for root on Debian", () => {
    assert.deepEqual(plan(NONE, DEBIAN), {
      action: "install",
      packages: ["chromium", "firefox-esr", "coturn", "openssl", "iproute2", "nftables", "tcpdump"],
    });
    assert.deepEqual(plan({ ...ALL, turnserver: null }, DEBIAN), { action: "install", packages: ["coturn"] });
  });

  test("has Ubuntu's names on Ubuntu, and Debian's on what derives from it", () => {
    const packages = (distribution: string) => {
      const todo = plan(NONE, { ...DEBIAN, distribution });
      return todo.action === "install" ? todo.packages : [];
    };
    assert.deepEqual(packages("ubuntu").slice(0, 4), ["chromium-browser", "firefox", "coturn", "openssl"]);
    assert.deepEqual(packages("raspbian"), packages("debian"));
  });

  test("is to explain for everybody else, naming what is missing and only that, for three systems", () => {
    const missing = { ...ALL, chromium: null, turnserver: null };
    const others: Machine[] = [
      { ...DEBIAN, isRoot: false },
      { ...DEBIAN, hasApt: false, distribution: "fedora" },
      { ...DEBIAN, hasApt: false, platform: "darwin", distribution: "" },
    ];
    for (const machine of others) {
      const message = explanation(missing, machine);
      assert.match(message, /Chromium: looked for chromium, chromium-browser, google-chrome on the PATH/);
      assert.match(message, /coturn \(turnserver\): looked for turnserver/);
      assert.match(message, /Debian +sudo apt-get install --no-install-recommends chromium coturn$/m);
      assert.match(message, /Ubuntu +sudo apt-get install --no-install-recommends chromium-browser coturn$/m);
      assert.match(message, /Fedora +sudo dnf install chromium coturn$/m);
      assert.match(message, /macOS +brew install --cask chromium && brew install coturn$/m);
      assert.match(message, /CHROMIUM_PATH=\/path TURNSERVER_PATH=\/path/);
      assert.doesNotMatch(message, /[Ff]irefox|openssl/);
    }
  });

  test("asks for the network lab's tools only where there can be one: as root on Linux", () => {
    const withoutLab: Found = { ...ALL, ip: null, nft: null, tcpdump: null };
    assert.deepEqual(plan(withoutLab, DEBIAN), {
      action: "install",
      packages: ["iproute2", "nftables", "tcpdump"],
    });
    const fedora = explanation(withoutLab, { ...DEBIAN, hasApt: false, distribution: "fedora" });
    assert.match(fedora, /nftables \(nft\): looked for nft on the PATH/);
    assert.match(fedora, /Fedora +sudo dnf install iproute nftables tcpdump$/m);
    assert.doesNotMatch(fedora, /macOS/);
    for (const machine of [
      { ...DEBIAN, isRoot: false },
      { ...DEBIAN, platform: "darwin" },
    ])
      assert.deepEqual(plan(withoutLab, machine), { action: "nothing" });
  });

  test("never installs over a path that was given and is wrong", () => {
    const message = explanation({ ...ALL, firefox: null }, DEBIAN, { FIREFOX_PATH: "/opt/fierfox" });
    assert.match(message, /Firefox: FIREFOX_PATH says \/opt\/fierfox, which is no program/);
  });
});

describe("finding", () => {
  const finds = (env: Record<string, string>, ...programs: string[]) =>
    findTestTools(env, (path) => programs.includes(path));

  test("takes the first name that is anywhere, from the first folder of the PATH that has it", () => {
    const env = { PATH: "/usr/local/bin:/usr/bin" };
    assert.equal(
      finds(env, "/usr/bin/chromium-browser", "/usr/bin/google-chrome").chromium,
      "/usr/bin/chromium-browser",
    );
    assert.equal(
      finds(env, "/usr/bin/chromium", "/usr/local/bin/chromium").chromium,
      "/usr/local/bin/chromium",
    );
    assert.equal(finds(env, "/usr/bin/firefox", "/usr/bin/firefox-esr").firefox, "/usr/bin/firefox-esr");
    assert.deepEqual(finds(env), NONE);
  });

  test("looks for the TURN server in sbin too", () => {
    assert.equal(finds({ PATH: "/usr/bin" }, "/usr/sbin/turnserver").turnserver, "/usr/sbin/turnserver");
    assert.equal(finds({}, "/usr/sbin/turnserver").turnserver, "/usr/sbin/turnserver");
  });

  test("takes a given path and no other", () => {
    const variables: Readonly<Record<Tool, string>> = {
      chromium: "CHROMIUM_PATH",
      firefox: "FIREFOX_PATH",
      turnserver: "TURNSERVER_PATH",
      openssl: "OPENSSL_PATH",
      ip: "IP_PATH",
      nft: "NFT_PATH",
      tcpdump: "TCPDUMP_PATH",
    };
    for (const tool of ["chromium", "firefox", "turnserver", "openssl", "nft"] as const) {
      const env = { PATH: "/usr/bin", [variables[tool]]: "/opt/own" };
      assert.equal(finds(env, "/opt/own", ALL[tool] ?? "")[tool], "/opt/own");
      assert.equal(finds(env, ALL[tool] ?? "")[tool], null);
    }
  });

  test("ignores relative folders of the PATH, and what is there but cannot be run", (t) => {
    assert.equal(finds({ PATH: ".:bin" }, "openssl", "bin/openssl").openssl, null);
    const folder = mkdtempSync(join(tmpdir(), "quietroom-tools-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "openssl");
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o644 });
    assert.equal(findTestTools({ PATH: folder }).openssl, null);
    chmodSync(file, 0o755);
    assert.equal(findTestTools({ PATH: folder }).openssl, file);
  });
});

test("the command ends with code 1 and the explanation, before anything is installed", () => {
  const file = join(import.meta.dirname, "../../scripts/setup-system.mjs");
  const code = `import(${JSON.stringify(file)}).then((m) => m.ensureTestTools({ log: console.error }))`;
  const env = { PATH: "/usr/bin:/bin", OPENSSL_PATH: "/nowhere/openssl" };
  const { status, stderr, stdout } = spawnSync(process.execPath, ["-e", code], { env, encoding: "utf8" });
  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^\nThe tests need programs that are not here:\n\n {2}openssl: OPENSSL_PATH says/);
  assert.match(stderr, /OPENSSL_PATH=\/path\n\n$/);
});
