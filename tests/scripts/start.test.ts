/** `npm start` as a process: what it prints, how it ends, and what stops it. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { type Scope, temporaryFolder } from "../support/relay.ts";

const START = join(import.meta.dirname, "..", "..", "scripts", "start.ts");

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  output(): string;
  /** Resolves when the output matches. */
  says(what: RegExp): Promise<RegExpMatchArray>;
}

function start(scope: Scope, env: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [START], {
    env: { PATH: process.env["PATH"] ?? "", DATA_DIR: temporaryFolder(scope), PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  scope.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  return {
    child,
    ended,
    output: () => output,
    says(what) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
      const look = () => {
        const found = output.match(what);
        if (found) resolve(found);
      };
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`it ended without saying ${what}:\n${output}`)));
      return promise;
    },
  };
}

for (const signal of ["SIGINT", "SIGTERM"] as const)
  test(`prints one address and a set-up link, serves both pages, and ends cleanly on ${signal}`, async (t) => {
    const started = start(t, {});
    const [, url = ""] = await started.says(/Open +(http:\/\/localhost:\d+)\s/);
    const [, at] = await started.says(/^ +(http:\/\/localhost:\d+)\/#enrol=[\w-]{43}$/m);
    assert.equal(at, url);
    await started.says(/TURN server/);
    for (const path of ["/", "/j"]) {
      const page = await fetch(url + path);
      assert.equal(page.status, 200);
      const html = await page.text();
      const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, asset = ""]) => asset);
      assert.ok(assets.length >= 3);
      for (const asset of assets) assert.equal((await fetch(url + asset)).status, 200, asset);
    }
    started.child.kill(signal);
    await started.ended;
    assert.equal(started.child.exitCode, 0, started.output());
  });

const WRONG: readonly (readonly [variable: string, value: string])[] = [
  ["PORT", "eighty"],
  ["PORT", "70000"],
  ["PUBLIC_URL", "room.example.org"],
  ["PUBLIC_URL", "http://room.example.org"],
  ["LOG_LEVEL", "loud"],
  ["TRUST_PROXY", "yes"],
  ["TURN_SECRET", "CHANGE_ME"],
];

for (const [variable, value] of WRONG)
  test(`${variable}=${value} stops the start with the variable, the reason and the fix`, async (t) => {
    const started = start(t, { [variable]: value });
    await started.ended;
    assert.equal(started.child.exitCode, 1);
    assert.match(started.output(), /did not start/);
    assert.match(started.output(), new RegExp(`\\b${variable}\\b`));
    assert.ok(started.output().length > 60, "says why, and what to write instead");
    assert.doesNotMatch(started.output(), /\bat .*\.ts:\d+/, "no stack trace");
  });
