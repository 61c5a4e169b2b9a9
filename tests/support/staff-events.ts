/** Somebody on the staff, without a browser, who puts events of hers on the log. */

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import * as v from "valibot";
import { type AuditEvent, eventHash, eventId, signEvent } from "../../crypto/audit/event.ts";
import { toBase64Url } from "../../crypto/bytes.ts";
import { sha256 } from "../../relay/audit/sha256.ts";
import { Receipts } from "../../relay/wire/audit.ts";
import type { TestHost } from "./relay-client.ts";

type Said = Pick<AuditEvent, "action"> & Partial<AuditEvent>;

export interface StaffPen {
  /** Signs and sends it; resolves with its index when the relay has it. */
  say(event: Said): Promise<number>;
  /** The same for several in one request, at most MAX_BATCH_EVENTS. */
  sayAll(events: readonly Said[]): Promise<number[]>;
}

/** With a key of its own. */
export function staffPen(
  host: Pick<TestHost, "post">,
  account: string,
  now: () => number = Date.now,
): StaffPen {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  let seq = 0;
  let prev: string | null = null;

  async function write(event: Said): Promise<string> {
    const time = now();
    const random = crypto.getRandomValues(new Uint8Array(10));
    const text = await signEvent(
      {
        id: eventId(time, random),
        actor: x,
        seq,
        prev,
        time,
        account,
        session: null,
        subject: null,
        outcome: "success",
        device: "A test",
        checkpoint: null,
        details: null,
        ...event,
      },
      async (signed) => sign(null, signed, privateKey),
    );
    seq++;
    prev = eventHash(sha256, text);
    return text;
  }

  async function sayAll(events: readonly Said[]): Promise<number[]> {
    const texts: string[] = [];
    for (const event of events) texts.push(await write(event));
    const answer = await host.post("/api/log/events", { events: texts });
    return v.parse(Receipts, answer.json).receipts.map((receipt) => {
      assert.ok(receipt.outcome === "taken", answer.text);
      return receipt.index;
    });
  }

  return { say: async (event) => (await sayAll([event]))[0] ?? assert.fail("no receipt"), sayAll };
}

/** As crypto_box_seal makes them of the smallest details; nobody can open these. */
export const SOME_DETAILS = toBase64Url(new Uint8Array(176).fill(7));
