/** SHA-256 that answers at once: a tree's hashes are small and many. */
import { sha256 as noble } from "@noble/hashes/sha2.js";
import type { Sha256 } from "../../crypto/audit/merkle.ts";
import { adopt } from "../../crypto/bytes.ts";

export const sha256: Sha256 = (bytes) => adopt(noble(bytes));
