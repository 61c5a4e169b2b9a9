/**
 * A backup is an age file (age-encryption.org/v1) to the clinic's recipient key. What it seals is one line of JSON, and
 * behind it the database as it was at one moment:
 *
 *   {"type":"quietroom-backup","version":1,"made":…,"checkpoint":…,"bytes":…,"sha256":…}\n ‖ the SQLite file
 *
 * So `age --decrypt -i KEY FILE | tail -n +2 > quietroom.db` opens it without us.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable, Writable } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";
import { Decrypter, Encrypter } from "age-encryption";
import * as v from "valibot";

const MAX_HEADER_BYTES = 8_192;
const NEWLINE = 0x0a;

const Header = v.strictObject({
  type: v.literal("quietroom-backup"),
  version: v.literal(1),
  /** Milliseconds since 1970. */
  made: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** The log's newest checkpoint in the database, a signed note; null for a log without an entry. */
  checkpoint: v.nullable(v.pipe(v.string(), v.maxLength(1_024))),
  bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});
export type BackupHeader = v.InferOutput<typeof Header>;

/** The file is none of ours, is of another key, or was cut or changed. The message says which, as far as can be told. */
export class BackupRefused extends Error {
  override readonly name = "BackupRefused";
}

/** Writes `target` anew, for this recipient alone to read. */
export async function sealBackup(
  database: string,
  target: string,
  recipient: string,
  about: Pick<BackupHeader, "made" | "checkpoint">,
): Promise<void> {
  const { size: bytes } = await stat(database);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(database)) hash.update(chunk);
  const { made, checkpoint } = about;
  const header: BackupHeader = {
    type: "quietroom-backup",
    version: 1,
    made,
    checkpoint,
    bytes,
    sha256: hash.digest("hex"),
  };
  const age = new Encrypter();
  age.addRecipient(recipient);
  const sealed = await age.encrypt(asWeb(Readable.from(plaintext(header, database))));
  // `flush`: on the disk before the name of a whole backup is given to it.
  await sealed.pipeTo(Writable.toWeb(createWriteStream(target, { flags: "wx", mode: 0o600, flush: true })));
}

async function* plaintext(header: BackupHeader, database: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(header)}\n`);
  yield* createReadStream(database);
}

/**
 * Writes the database into `target`, which must not be there yet.
 * @param identity what `npm run backup:key` has written, or any other age identity file
 * @throws BackupRefused; what was written by then has to be removed
 */
export async function openBackup(file: string, target: string, identity: string): Promise<BackupHeader> {
  const age = new Decrypter();
  for (const key of identityLines(identity)) age.addIdentity(key);
  const opened = await refused("It cannot be opened with this key, or it is no backup", async () =>
    age.decrypt(asWeb(createReadStream(file))),
  );
  const hash = createHash("sha256");
  const chunks = Readable.fromWeb(opened as WebStream<Uint8Array>);
  let header: BackupHeader | null = null;
  async function* database(): AsyncGenerator<Uint8Array> {
    let head: Uint8Array = new Uint8Array();
    for await (const chunk of chunks) {
      if (header !== null) yield counted(chunk, hash);
      else {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf(NEWLINE);
        if (end < 0 && head.length > MAX_HEADER_BYTES)
          throw new BackupRefused("It is no backup of Quietroom.");
        if (end < 0) continue;
        header = parseHeader(head.subarray(0, end));
        yield counted(head.subarray(end + 1), hash);
      }
    }
  }
  const out = createWriteStream(target, { flags: "wx", mode: 0o600, flush: true });
  await refused("It was cut or changed", () => asWeb(Readable.from(database())).pipeTo(Writable.toWeb(out)));
  return requireWhole(header, out.bytesWritten, hash);
}

function counted(chunk: Uint8Array, hash: Hash): Uint8Array {
  hash.update(chunk);
  return chunk;
}

function requireWhole(header: BackupHeader | null, bytes: number, hash: Hash): BackupHeader {
  if (header === null) throw new BackupRefused("It is no backup of Quietroom.");
  if (bytes !== header.bytes || hash.digest("hex") !== header.sha256)
    throw new BackupRefused("It was cut or changed: what is in it is not what it says of itself.");
  return header;
}

function parseHeader(line: Uint8Array): BackupHeader {
  try {
    return v.parse(Header, JSON.parse(Buffer.from(line).toString("utf8")));
  } catch {
    throw new BackupRefused("It is no backup of Quietroom, or one of a newer release.");
  }
}

/** Comments and empty lines are passed over, as in age's own files. @throws BackupRefused */
function identityLines(text: string): readonly string[] {
  const keys = text
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (keys.length === 0) throw new BackupRefused("The key file holds no age identity (AGE-SECRET-KEY-…).");
  return keys;
}

/** What the library throws says how its format was broken, and nothing that helps an operator. */
async function refused<T>(words: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupRefused) throw error;
    if (error instanceof Error && "syscall" in error) throw error;
    throw new BackupRefused(`${words}.`);
  }
}

function asWeb(stream: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream) as unknown as ReadableStream<Uint8Array>;
}
