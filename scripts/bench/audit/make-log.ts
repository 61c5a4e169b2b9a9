/**
 * A log as a clinic's would be, of any length: people with a key each, and session after session with a guest's key of
 * its own. Everything in it is as the protocol wants it, signatures included; the same seed makes the same log.
 */
import { createHash, createPrivateKey, createPublicKey, hash, sign } from "node:crypto";
import { open } from "node:fs/promises";
import { encodeVerifierKey, signCheckpoint } from "../../../crypto/audit/checkpoint.ts";
import { type Entry, encodeEntry } from "../../../crypto/audit/entry.ts";
import { type AuditEvent, eventHash, eventId, signEvent } from "../../../crypto/audit/event.ts";
import { encodeExportEnd, encodeExportHeader, encodeExportLine } from "../../../crypto/audit/export.ts";
import { append, EMPTY_RANGE, leafHash, rootOf } from "../../../crypto/audit/merkle.ts";
import type { EventName } from "../../../crypto/audit/registry.ts";
import { adopt, type Bytes, toBase64Url } from "../../../crypto/bytes.ts";

export const sha256 = (bytes: Uint8Array): Bytes => adopt(hash("sha256", bytes, "buffer"));

/** RFC 8410, before the 32 bytes of a seed and of a public key. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_BYTES = 12;

const START = Date.UTC(2024, 0, 1);
/** Between two events. */
const STEP_MS = 50_000;
const THERAPISTS = 20;
/** As crypto_box_seal makes them of the smallest details. */
const SEALED_BYTES = 176;
const WRITE_LENGTH = 1_000_000;

interface Key {
  readonly publicKey: Bytes;
  readonly actor: string;
  readonly sign: (message: Bytes) => Promise<Uint8Array>;
  readonly account: string | null;
  seq: number;
  prev: string | null;
}

/** Bytes that depend on the seed and the number of times that it was asked. */
function createRandom(seed: string): (length: number) => Bytes {
  let count = 0;
  return (length) =>
    adopt(createHash("shake256", { outputLength: length }).update(`${seed} ${count++}`).digest());
}

function makeKey(seed: Uint8Array, account: string | null): Key {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const publicKey = adopt(
    createPublicKey(key).export({ format: "der", type: "spki" }).subarray(SPKI_BYTES),
  ).slice();
  const actor = toBase64Url(publicKey);
  return { publicKey, actor, account, sign: async (message) => sign(null, message, key), seq: 0, prev: null };
}

type Said = Partial<Pick<AuditEvent, "account" | "session" | "subject">>;

export interface MadeLog {
  /** Verifier key. */
  readonly log: string;
  readonly relay: string;
  entries(count: number): AsyncGenerator<Entry>;
  /** Of these leaves. */
  checkpoint(size: number, root: Bytes): Promise<string>;
}

export function makeLog(seed: string): MadeLog {
  const random = createRandom(seed);
  const origin = `quietroom.log/${toBase64Url(random(16))}`;
  const logKey = makeKey(random(32), null);
  const relay = makeKey(random(32), null);
  const id = () => toBase64Url(random(16));
  let received = START;

  async function entry(key: Key, action: EventName, said: Said, sealed = false): Promise<Entry> {
    received += STEP_MS;
    const time = received - 200;
    const event = await signEvent(
      {
        id: eventId(time, random(10)),
        actor: key.actor,
        seq: key.seq,
        prev: key.prev,
        time,
        account: key.account,
        session: null,
        subject: null,
        action,
        outcome: "success",
        device: key === relay ? "" : "Firefox on Linux",
        checkpoint: null,
        details: sealed ? toBase64Url(random(SEALED_BYTES)) : null,
        ...said,
      },
      key.sign,
    );
    key.seq++;
    key.prev = eventHash(sha256, event);
    return { received, event };
  }

  const keyAdded = (key: Key, said: Said) =>
    entry(relay, "log.key-added", { ...said, subject: toBase64Url(sha256(key.publicKey)) });

  async function* session(host: Key): AsyncGenerator<Entry> {
    const guest = makeKey(random(32), null);
    const session = id();
    const room = id();
    yield entry(host, "invite.made", { subject: room }, true);
    yield entry(relay, "invite.opened", { account: host.account, session, subject: room });
    yield keyAdded(guest, { session });
    yield entry(guest, "knock", { session }, true);
    yield entry(guest, "consent.given", { session }, true);
    yield entry(host, "admit", { session }, true);
    for (const key of [guest, host]) yield entry(key, "call.started", { session }, true);
    yield entry(host, "words.compared", { session });
    yield entry(host, "identity.checked", { session }, true);
    for (const key of [guest, host]) yield entry(key, "call.ended", { session }, true);
  }

  async function* all(): AsyncGenerator<Entry> {
    yield entry(relay, "log.opened", {}, true);
    yield entry(relay, "relay.started", {}, true);
    const hosts = Array.from({ length: THERAPISTS }, () => makeKey(random(32), id()));
    for (const host of hosts) yield keyAdded(host, { account: host.account });
    for (let count = 0; ; count++) {
      const host = hosts[count % hosts.length];
      if (host !== undefined) yield* session(host);
    }
  }

  return {
    log: encodeVerifierKey(sha256, origin, logKey.publicKey),
    relay: relay.actor,
    async *entries(count) {
      let left = count;
      for await (const each of all()) {
        if (left-- === 0) return;
        yield each;
      }
    },
    checkpoint: (size, root) => signCheckpoint(sha256, { origin, size, root }, logKey.publicKey, logKey.sign),
  };
}

/** Writes all of a log of so many entries as an export. @returns its verifier key */
export async function writeExport(file: string, seed: string, count: number): Promise<string> {
  const { log, relay, entries, checkpoint } = makeLog(seed);
  const header = async (root: Bytes) => {
    const note = await checkpoint(count, root);
    return `${encodeExportHeader({ log, relay, checkpoint: note, first: 0, second: count, session: null })}\n`;
  };
  const out = await open(file, "w");
  try {
    // Of the same length as the one that takes its place when the root is known.
    await out.write(await header(new Uint8Array(32)));
    let range = EMPTY_RANGE;
    let lines = "";
    for await (const { received, event } of entries(count)) {
      lines += `${encodeExportLine({ index: range.size, received, body: { event }, proof: null })}\n`;
      range = append(sha256, range, leafHash(sha256, encodeEntry({ received, event })));
      if (lines.length < WRITE_LENGTH) continue;
      await out.write(lines);
      lines = "";
    }
    await out.write(`${lines}${encodeExportEnd(count)}\n`);
    await out.write(await header(rootOf(sha256, range)), 0);
  } finally {
    await out.close();
  }
  return log;
}
