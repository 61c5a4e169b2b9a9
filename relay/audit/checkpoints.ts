/** Signed checkpoints of the log as it is, and of any size that it had: what an export of that many entries hangs on. */
import { encodeVerifierKey, signCheckpoint } from "../../crypto/audit/checkpoint.ts";
import {
  isConsistent,
  proveConsistency,
  type ReadNode,
  rangeNodes,
  rootOf,
} from "../../crypto/audit/merkle.ts";
import { adopt } from "../../crypto/bytes.ts";
import type { SigningKey } from "./ed25519.ts";
import type { ReadingStore } from "./reading-store.ts";
import { sha256, toText } from "./sha256.ts";

export interface LogIdentity {
  /** Verifier key of the log (c2sp.org/signed-note). */
  readonly log: string;
  /** Ed25519 key of the relay's own events, base64url. */
  readonly relay: string;
}

export interface LogSigner {
  readonly origin: string;
  readonly logKey: SigningKey;
  readonly relayKey: Pick<SigningKey, "publicKey">;
}

export function identityOf({ origin, logKey, relayKey }: LogSigner): LogIdentity {
  return { log: encodeVerifierKey(sha256, origin, logKey.publicKey), relay: toText(relayKey.publicKey) };
}

export interface SignedCheckpoint {
  readonly size: number;
  readonly note: string;
}

export interface Checkpoints {
  /** Null beyond what the log has. @throws when the nodes of the tree contradict the newest checkpoint */
  at(size: number): Promise<SignedCheckpoint | null>;
  newest(): Promise<SignedCheckpoint | null>;
}

export function createCheckpoints(
  store: Pick<ReadingStore, "newestCheckpoint" | "node">,
  { origin, logKey }: LogSigner,
): Checkpoints {
  const read: ReadNode = ({ level, index }) => adopt(store.node(level, index));
  return {
    newest: () => store.newestCheckpoint(),

    async at(size) {
      const newest = await store.newestCheckpoint();
      if (newest === null || size > newest.size || size < 1) return null;
      if (size === newest.size) return newest;
      const root = rootOf(sha256, { size, roots: rangeNodes(size).map(read) });
      // The same bytes as when the log had this size, since both the root and Ed25519 have no choice. Nodes that rotted
      // on the disk would make another root, and no size may ever have two.
      if (!isConsistent(sha256, { size, root }, newest, proveConsistency(sha256, read, size, newest.size)))
        throw new Error("the tree of the log contradicts its checkpoint");
      return {
        size,
        note: await signCheckpoint(sha256, { origin, size, root }, logKey.publicKey, logKey.sign),
      };
    },
  };
}
