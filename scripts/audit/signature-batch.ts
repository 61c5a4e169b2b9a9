/**
 * Signatures on their way to a worker, as one piece of memory that changes hands without being copied:
 *
 *   repeated: key 32 ‖ signature 64 ‖ length u32le ‖ signed
 */
import type { SignatureJob } from "../../crypto/audit/verify.ts";

export interface Batch {
  readonly id: number;
  readonly jobs: ArrayBuffer;
}

export interface Answer {
  readonly id: number;
  /** 1 for each signature that holds, else 0. */
  readonly holds: Uint8Array<ArrayBuffer>;
}

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const HEAD_BYTES = KEY_BYTES + SIGNATURE_BYTES + 4;

export function packJobs(jobs: readonly SignatureJob[]): ArrayBuffer {
  const bytes = new Uint8Array(jobs.reduce((sum, { signed }) => sum + HEAD_BYTES + signed.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { key, signature, signed } of jobs) {
    bytes.set(key, at);
    bytes.set(signature, at + KEY_BYTES);
    view.setUint32(at + KEY_BYTES + SIGNATURE_BYTES, signed.length, true);
    bytes.set(signed, at + HEAD_BYTES);
    at += HEAD_BYTES + signed.length;
  }
  return bytes.buffer;
}

export interface PackedJob {
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
  readonly signed: Uint8Array;
}

export function unpackJobs(buffer: ArrayBuffer): PackedJob[] {
  const bytes = new Uint8Array(buffer);
  const view = new DataView(buffer);
  const jobs: PackedJob[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + HEAD_BYTES + view.getUint32(at + KEY_BYTES + SIGNATURE_BYTES, true);
    jobs.push({
      key: bytes.subarray(at, at + KEY_BYTES),
      signature: bytes.subarray(at + KEY_BYTES, at + KEY_BYTES + SIGNATURE_BYTES),
      signed: bytes.subarray(at + HEAD_BYTES, end),
    });
    at = end;
  }
  return jobs;
}
