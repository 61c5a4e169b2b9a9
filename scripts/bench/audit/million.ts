/** A log of a million events, written without signatures: what proofs and the start cost does not depend on them. */
import { randomBytes } from "node:crypto";
import { signCheckpoint } from "../../../crypto/audit/checkpoint.ts";
import { append, EMPTY_RANGE, leafHash, rootOf } from "../../../crypto/audit/merkle.ts";
import { adopt } from "../../../crypto/bytes.ts";
import { signingKey } from "../../../relay/audit/ed25519.ts";
import { findOrMakeKeys } from "../../../relay/audit/own.ts";
import { sha256, toText } from "../../../relay/audit/sha256.ts";
import type { ActorRow, NewEntry, NodeRow } from "../../../relay/audit/store.ts";
import { createAuditStore } from "../../../relay/storage/sqlite/audit.ts";
import { openDatabase } from "../../../relay/storage/sqlite/database.ts";

const STEP = 20_000;

export async function writeLog(dataDir: string, size: number): Promise<void> {
  const { database } = openDatabase(dataDir);
  const store = createAuditStore(database);
  const { origin, logSeed, relaySeed } = await findOrMakeKeys(store, randomBytes);
  const [logKey, relayKey] = [signingKey(logSeed), signingKey(relaySeed)];
  let range = EMPTY_RANGE;
  const body = "x".repeat(700);
  const begin = Date.now() - size;
  while (range.size < size) {
    const first = range.size;
    const entries: NewEntry[] = [];
    const nodes: NodeRow[] = [];
    for (let at = 0; at < STEP; at++) {
      const index = range.size;
      const leaf = leafHash(sha256, adopt(Buffer.from(`${index}`)));
      range = append(sha256, range, leaf, (node, hash) => {
        if (node.level > 0) nodes.push({ ...node, hash });
      });
      const received = begin + index;
      const id = randomBytes(16);
      id.writeUIntBE(received, 0, 6);
      const kind = { action: "log.read", outcome: "success", account: toText(randomBytes(16)) } as const;
      entries.push({
        index,
        leaf,
        received,
        id,
        actor: 1,
        time: received,
        ...kind,
        session: null,
        subject: null,
        skewed: false,
        body,
      });
    }
    const root = rootOf(sha256, range);
    const note = await signCheckpoint(
      sha256,
      { origin, size: range.size, root },
      logKey.publicKey,
      logKey.sign,
    );
    const relay: ActorRow = {
      number: 1,
      key: relayKey.publicKey,
      signer: "relay",
      account: null,
      session: null,
      seq: range.size,
      head: sha256(`${range.size}`),
    };
    await store.append({
      first,
      actors: [relay],
      entries,
      nodes,
      checkpoint: { size: range.size, root, note },
    });
  }
  database.close();
}
