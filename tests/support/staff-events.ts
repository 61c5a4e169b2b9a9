/** Somebody on the staff, without a browser, who puts events of hers on the log. */

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import * as v from "valibot";
import { type AuditEvent, eventHash, eventId, signEvent } from "../../crypto/audit/event.ts";
import { toBase64Url } from "../../crypto/bytes.ts";
import { sha256 } from "../../relay/audit/sha256.ts";
import { Receipts } from "../../relay/wire/audit.ts";
import type { TestHost } from "./relay-client.ts";

export interface StaffPen {
  /** Signs and sends it; resolves with its index when the relay has it. */
  say(event: Pick<AuditEvent, "action"> & Partial<AuditEvent>): Promise<number>;
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
  return {
    async say(event) {
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
      const answer = await host.post("/api/log/events", { events: [text] });
      const [receipt] = v.parse(Receipts, answer.json).receipts;
      assert.ok(receipt?.outcome === "taken", answer.text);
      seq++;
      prev = eventHash(sha256, text);
      return receipt.index;
    },
  };
}

/** As crypto_box_seal makes them of the smallest details; nobody can open these. */
export const SOME_DETAILS = toBase64Url(new Uint8Array(176).fill(7));
