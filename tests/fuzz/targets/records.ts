/** What a browser stored: sealed records, their layout, and each kind of them. A disk may give back anything. */
import assert from "node:assert/strict";
import fc from "fast-check";
import * as v from "valibot";
import { decodeKeys, encodeKeys } from "../../../client/audit/trust.ts";
import { loadPage, savePage } from "../../../client/effects/page-record.ts";
import { decodeInviteRecord, encodeInviteRecord } from "../../../client/identity/invite-record.ts";
import { EMPTY_NOTE, encodeNote, parseNote } from "../../../client/state/note.ts";
import {
  decodeGuestRecord,
  encodeConfirming,
  encodeEstablished,
  encodeJoined,
  type GuestRecord,
} from "../../../client/transport/guest-record.ts";
import {
  decodeHostRecord,
  decodeStruck,
  encodeEnded,
  encodeOpen,
  encodeStruck,
  type HostRecord,
} from "../../../client/transport/host-record.ts";
import { decodeRecord, encodeRecord } from "../../../client/vault/record.ts";
import { openRecord, sealRecord } from "../../../client/vault/sealing.ts";
import { type SealedStore, VaultError } from "../../../client/vault/store.ts";
import { type Bytes, concat, equal, fromUtf8, toBase64Url, uintBe, utf8 } from "../../../crypto/bytes.ts";
import { encodeEnvelopeState } from "../../../crypto/envelope-codec.ts";
import {
  CLOSED_INVITE,
  CONFIRMING,
  DONE,
  FACTS,
  filled,
  HOST_FACTS,
  INVITE,
  KEY,
  LOCKED,
  PLACE,
  STRUCK,
  stateOf,
} from "../../client/support/frozen-records.ts";
import { base as sodium } from "../../crypto/support/handshake.ts";
import { wrongJson } from "../json.ts";
import { judged, nothing, sameBytes, sameJson, wholesome } from "../judge.ts";
import { ACCEPTED, bytesTarget, textTarget } from "../target.ts";

/** A record's header as JavaScript, and what follows it. */
function taken(record: Bytes): { readonly header: unknown; readonly rest: Bytes } {
  const length = Number(new DataView(record.buffer, record.byteOffset).getUint32(1));
  const text = fromUtf8(record.subarray(5, 5 + length)) ?? assert.fail();
  return { header: JSON.parse(text), rest: record.slice(5 + length) };
}

/** A header that is nearly right, laid out rightly, before the fields of one of the samples. */
function wrongHeader(samples: readonly Bytes[]): fc.Arbitrary<Bytes> {
  const parts = samples.map(taken);
  return fc
    .tuple(
      wrongJson(parts.map(({ header }) => header)),
      fc.nat(samples.length - 1),
      fc.constantFrom("", "", "\ufeff", " "),
    )
    .map(([json, index, before]) => {
      const text = new Uint8Array(Buffer.from(before + json));
      return concat(Uint8Array.of(1), uintBe(text.length, 4), text, parts[index]?.rest ?? filled(0, 0));
    });
}

function recordTarget<T>(
  name: string,
  covers: string,
  samples: readonly Bytes[],
  decode: (bytes: Bytes) => T | null,
  encode: (value: T) => Bytes,
  strangers: readonly Bytes[] = [],
) {
  return bytesTarget({
    name,
    covers: [covers],
    samples,
    wrong:
      strangers.length === 0
        ? wrongHeader(samples)
        : fc.oneof({ arbitrary: wrongHeader(samples), weight: 9 }, fc.constantFrom(...strangers)),
    check: (bytes) =>
      judged(
        () => decode(bytes),
        nothing,
        (value) => {
          sameBytes(encode(value), bytes);
          assert.ok(!strangers.some((stranger) => equal(stranger, bytes)), "a record of somebody else's");
          assert.notEqual(decode(bytes), null, "reading it has changed it");
        },
      ),
  });
}

const Header = v.strictObject({ a: v.number(), b: v.optional(v.string()) });
const layout = recordTarget(
  "vault-record",
  "client/vault/record.ts decodeRecord",
  [
    encodeRecord(Header, { a: 1 }, []),
    encodeRecord(Header, { a: 2.5, b: "é" }, [filled(3, 7), filled(0, 0), filled(300, 1)]),
  ],
  (bytes) => {
    const record = decodeRecord(Header, bytes);
    if (record !== null) wholesome(record, bytes.length);
    return record;
  },
  ({ header, fields }) => encodeRecord(Header, header, fields),
);

const patientState = encodeEnvelopeState(sodium, stateOf("patient"));
const therapistState = encodeEnvelopeState(sodium, stateOf("therapist"));

function encodeGuest(record: GuestRecord): Bytes {
  switch (record.stage) {
    case "joined":
      return encodeJoined(record.place);
    case "confirming":
      return encodeConfirming(record.place, record.handshake);
    case "established":
      return encodeEstablished(record.place, record.facts, encodeEnvelopeState(sodium, record.state));
  }
}
const guest = recordTarget(
  "guest-record",
  "client/transport/guest-record.ts decodeGuestRecord",
  [encodeJoined(PLACE), encodeConfirming(PLACE, CONFIRMING), encodeEstablished(PLACE, FACTS, patientState)],
  (bytes) => decodeGuestRecord(sodium, bytes),
  encodeGuest,
  [
    encodeEstablished(PLACE, FACTS, therapistState),
    encodeEstablished({ ...PLACE, session: HOST_FACTS.room }, FACTS, patientState),
  ],
);

const encodeHost = (record: HostRecord): Bytes =>
  record.stage === "ended"
    ? encodeEnded(record.session)
    : encodeOpen(record.facts, record.handshake, encodeEnvelopeState(sodium, record.state));
const host = recordTarget(
  "host-record",
  "client/transport/host-record.ts decodeHostRecord",
  [encodeOpen(HOST_FACTS, DONE, therapistState), encodeEnded(KEY)],
  (bytes) => decodeHostRecord(sodium, bytes),
  encodeHost,
  [
    encodeOpen(HOST_FACTS, DONE, patientState),
    encodeOpen({ ...HOST_FACTS, session: HOST_FACTS.room }, DONE, therapistState),
  ],
);

const struck = recordTarget(
  "struck-record",
  "client/transport/host-record.ts decodeStruck",
  [encodeStruck(STRUCK), encodeStruck(LOCKED), encodeStruck({ sessions: [], lockedUntil: null })],
  decodeStruck,
  encodeStruck,
);

const invite = recordTarget(
  "invite-record",
  "client/identity/invite-record.ts decodeInviteRecord",
  [encodeInviteRecord(INVITE), encodeInviteRecord(CLOSED_INVITE)],
  decodeInviteRecord,
  encodeInviteRecord,
);

const logKeys = recordTarget(
  "log-keys",
  "client/audit/trust.ts decodeKeys",
  [
    encodeKeys({ log: null, audit: null }),
    encodeKeys({ log: "quietroom.log/x+00000000+AQ==", audit: toBase64Url(filled(32, 1)) }),
  ],
  decodeKeys,
  encodeKeys,
);

// ---- the seal ------------------------------------------------------------------------------------------------

const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
const sealedRecords = await Promise.all(
  [0, 1, 300].map((length) => sealRecord(key, "guest", "a", filled(length, 5))),
);
const isSealed = new Set(sealedRecords.map((record) => Buffer.from(record).toString("hex")));

const sealedRecord = bytesTarget({
  name: "sealed-record",
  covers: ["client/vault/sealing.ts openRecord"],
  samples: sealedRecords,
  waits: true,
  check: async (bytes) => {
    try {
      await openRecord(key, "guest", "a", bytes);
    } catch (error) {
      assert.ok(
        error instanceof VaultError && error.code === "RECORD-DAMAGED",
        "threw what it does not document",
      );
      return error.code;
    }
    assert.ok(isSealed.has(Buffer.from(bytes).toString("hex")), "a record that nobody sealed was opened");
    return ACCEPTED;
  },
});

// ---- what the pages keep -------------------------------------------------------------------------------------

const notes = [
  { name: "Zoë", call: 3, matchedHere: true, matchedThere: false, startedAt: 1_700_000_000_000 },
  EMPTY_NOTE,
];
const note = textTarget({
  name: "note",
  covers: ["client/state/note.ts parseNote"],
  samples: notes.map(encodeNote),
  wrong: wrongJson(notes),
  check: (text) => {
    const parsed = parseNote(text);
    if (parsed === EMPTY_NOTE) return "refused";
    wholesome(parsed, text.length);
    sameJson(parsed, text);
    sameJson(parseNote(encodeNote(parsed)), text);
    return ACCEPTED;
  },
});

const pages = [
  { link: "AQIDBA", knock: null },
  { link: "AQIDBA", knock: { name: "Zoë", passcode: "482913", since: 1_700_000_000_000 } },
  { link: "", knock: { name: "Zoë", passcode: null, since: 1 } },
];
const holding = (bytes: Bytes | null): { store: SealedStore; kept: () => Bytes | null } => {
  let row = bytes;
  const unused = () => Promise.reject(new Error("not used here"));
  return {
    kept: () => row,
    store: {
      get: async () => row,
      put: async (_kind, _id, value) => {
        row = value;
      },
      delete: unused,
      list: unused,
      clear: unused,
    },
  };
};
const page = bytesTarget({
  name: "page-record",
  covers: ["client/effects/page-record.ts loadPage"],
  samples: pages.map((value) => utf8(JSON.stringify(value))),
  wrong: wrongJson(pages).map((text) => new Uint8Array(Buffer.from(text))),
  waits: true,
  check: async (bytes) => {
    const record = await loadPage(holding(bytes).store);
    if (record === null) return "refused";
    sameJson(record, fromUtf8(bytes) ?? assert.fail());
    wholesome(record, bytes.length);
    const again = holding(null);
    await savePage(again.store, record);
    sameJson(await loadPage(again.store), fromUtf8(bytes) ?? assert.fail());
    return ACCEPTED;
  },
});

export const RECORDS = [layout, guest, host, struck, invite, logKeys, sealedRecord, note, page] as const;
