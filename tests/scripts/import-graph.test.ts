import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { importViolations, violationsIn } from "../../scripts/import-graph.ts";

test("the tree keeps to the import graph", () => {
  assert.deepEqual(importViolations(join(import.meta.dirname, "../..")), []);
});

const REFUSED: readonly (readonly [file: string, source: string])[] = [
  ["crypto/a.ts", 'import { x } from "../relay/wire/frames.ts";'],
  ["crypto/a.ts", 'import { createHash } from "node:crypto";'],
  ["turn/a.ts", 'import { x } from "../crypto/bytes.ts";'],
  ["relay/wire/a.ts", 'import { x } from "../signal/rooms.ts";'],
  ["relay/a.ts", 'import { x } from "../client/state/model.ts";'],
  ["relay/signal/a.ts", 'import { x } from "../invites/invites.ts";'],
  ["client/ui/a.tsx", 'import type { X } from "../../relay/signal/rooms.ts";'],
  ["client/ui/a.tsx", 'const late = await import("../../turn/credentials.ts");'],
  ["client/media/call.ts", 'import Peer from "simple-peer";'],
  ["client/ui/a.tsx", 'import Dexie from "dexie";'],
];

const ALLOWED: readonly (readonly [file: string, source: string])[] = [
  ["client/transport/a.ts", 'import { x } from "../../relay/wire/frames.ts";'],
  ["client/transport/a.ts", 'import { x } from "../../crypto/handshake.ts";'],
  ["client/media/peer.ts", 'import Peer from "simple-peer";'],
  ["relay/main.ts", 'import { x } from "./signal/rooms.ts";\nimport { y } from "./invites/invites.ts";'],
  ["relay/invites/a.ts", 'import { x } from "../../turn/credentials.ts";'],
  ["tests/relay/a.test.ts", 'import { x } from "../../relay/main.ts";'],
];

for (const [file, source] of REFUSED)
  test(`refused: ${file}: ${source}`, () => assert.equal(violationsIn(file, source).length, 1));
for (const [file, source] of ALLOWED)
  test(`allowed: ${file}: ${source}`, () => assert.deepEqual(violationsIn(file, source), []));
