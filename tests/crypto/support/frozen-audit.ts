/** The small log that tests/vectors/audit-log.json freezes: every key, text, leaf, root and proof of it. */
import assert from "node:assert/strict";
import sodium from "libsodium-wrappers";
import { openDetails } from "../../../crypto/audit/details.ts";
import { encodeEntry } from "../../../crypto/audit/entry.ts";
import { eventHash } from "../../../crypto/audit/event.ts";
import {
  append,
  EMPTY_RANGE,
  type Node,
  proveConsistency,
  proveInclusion,
  rootOf,
} from "../../../crypto/audit/merkle.ts";
import { type Bytes, fromBase64Url } from "../../../crypto/bytes.ts";
import { sha256 } from "./audit.ts";
import { ACCOUNT, aDay, guests, SESSIONS, staff, type TestLog } from "./audit-log.ts";
import { hex, seededRandom } from "./session.ts";

await sodium.ready;

/** Sealed once: a box looks another way each time. */
const SEALED =
  "DjtRaFLbnGIqVc-fT20U0Rv44vaMsPyuvMxRUl-HbzIQAExNjW6ClhOAub5I297jJCrhNn2_utklgecUAoFOYP0foH4Ant-1uxL1Dzn9o8ewestVlAfEN6_gkJ9ASH_pvN2BrtDiWHzxnMWQUQtIMVXS4YuIePGNAsoqKiWWRpYHyLyIereGLm98VhO0yZ7gH4Tu_ucRDleyA4ezEfnT39IdJuBzPXMVflVYGu_0CfA";
export const DETAILS = { version: "de-3", hash: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" };
export const auditSeed = seededRandom("frozen audit key")(32);

async function frozenLog(): Promise<TestLog> {
  const log = await aDay();
  const session = SESSIONS[2];
  await log.say(guests[2] ?? assert.fail(), { action: "consent.given", session }, { details: SEALED });
  await log.say(staff, { action: "log.exported", account: ACCOUNT });
  return log;
}

export async function auditVector(): Promise<unknown> {
  const log = await frozenLog();
  const nodes = new Map<string, Bytes>();
  const read = ({ level, index }: Node) => nodes.get(`${level}/${index}`) ?? assert.fail();
  let range = EMPTY_RANGE;
  const entries = log.entries.map(({ received, text, leaf }) => {
    range = append(sha256, range, leaf, ({ level, index }, hash) => nodes.set(`${level}/${index}`, hash));
    const root = hex(rootOf(sha256, range));
    const entry = hex(encodeEntry({ received, event: text }));
    return { received, event: text, hash: eventHash(sha256, text), entry, leaf: hex(leaf), root };
  });
  const size = entries.length;
  const audit = sodium.crypto_box_seed_keypair(auditSeed);
  return {
    keys: {
      log: log.verifierKey,
      relay: log.relay.actor,
      staff: staff.actor,
      guests: guests.map(({ actor }) => actor),
      audit: { private: hex(audit.privateKey), public: hex(audit.publicKey) },
    },
    entries,
    checkpoints: await Promise.all(
      [1, 20, size].map(async (at) => ({ size: at, note: await log.checkpoint(at) })),
    ),
    inclusion: [0, 1, 19, size - 1].map((index) => ({
      index,
      size,
      proof: proveInclusion(sha256, read, index, size).map(hex),
    })),
    consistency: [1, 20, 32, size].map((first) => ({
      first,
      second: size,
      proof: proveConsistency(sha256, read, first, size).map(hex),
    })),
    details: openDetails(sodium, audit, "consent.given", fromBase64Url(SEALED) ?? assert.fail()),
    export: await log.export(),
    session: await log.export(0, size, SESSIONS[1]),
  };
}
