/** The audit log of a test's relay, read from its database, with its details opened. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import sodium from "libsodium-wrappers";
import * as v from "valibot";
import { type Details, openDetails } from "../../../crypto/audit/details.ts";
import { parseEvent } from "../../../crypto/audit/event.ts";
import type { EventName, Outcome } from "../../../crypto/audit/registry.ts";
import type { TestHost } from "../../support/relay-client.ts";

await sodium.ready;

/** An event as an auditor sees it, without what differs from run to run. */
export interface Recorded {
  readonly action: EventName;
  readonly outcome: Outcome;
  readonly account: string | null;
  readonly session: string | null;
  readonly subject: string | null;
  readonly details: Details | null;
}

/** The key that the clinic's details are sealed to, whose private half this test has. */
export interface TestAuditKey {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** Gives the relay an audit key, as the first auditor's page does. */
export async function giveAuditKey(auditor: TestHost): Promise<TestAuditKey> {
  const { publicKey, privateKey } = sodium.crypto_box_keypair();
  const { status, text } = await auditor.post("/api/audit/key", {
    key: Buffer.from(publicKey).toString("base64url"),
  });
  assert.equal(status, 200, text);
  return { publicKey, privateKey };
}

const Body = v.object({ body: v.instance(Uint8Array) });

export interface WatchedRecord {
  /**
   * Everything on record since the last call, oldest first, but for keys and the log itself. Alerts are left out: they
   * come when their rules have looked, and tests/relay/alerts-relay.test.ts is about them.
   */
  news(): Recorded[];
  close(): void;
}

export function watchRecord(dataDir: string, key: TestAuditKey): WatchedRecord {
  const database = new DatabaseSync(join(dataDir, "quietroom.db"), { readOnly: true });
  const entries = database.prepare("SELECT body FROM log_entries WHERE idx >= ? ORDER BY idx");
  let known = 0;
  function news(): Recorded[] {
    const texts = entries.all(known).map((row) => Buffer.from(v.parse(Body, row).body).toString());
    known += texts.length;
    return texts.map(readEvent).filter(({ action }) => action !== "alert.raised");
  }
  function readEvent(text: string): Recorded {
    const { action, outcome, account, session, subject, device, details } = parseEvent(text).event;
    assert.equal(device, "", "the relay says devices in the details alone");
    const sealed = details === null ? null : Buffer.from(details, "base64url");
    return {
      action,
      outcome,
      account,
      session,
      subject,
      details: sealed && openDetails(sodium, key, action, sealed),
    };
  }
  // What is from before the key has no details, and is nobody's concern.
  known = database.prepare("SELECT idx FROM log_entries").all().length;
  return { news, close: () => database.close() };
}
