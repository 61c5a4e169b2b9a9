/** What an auditor takes along: CSV that no spreadsheet runs, and FHIR that the official schema takes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { Ajv } from "ajv";
import * as fc from "fast-check";
import { toCsv } from "../../client/audit/exports/csv.ts";
import { toFhir } from "../../client/audit/exports/fhir.ts";
import type { OpenedEvent } from "../../client/audit/exports/opened-event.ts";
import { type AuditEvent, eventId } from "../../crypto/audit/event.ts";
import { EVENT_NAMES, EVENTS, type EventName } from "../../crypto/audit/registry.ts";

const ID = "AAAAAAAAAAAAAAAAAAAAAA";
const KEY = "B".repeat(42).concat("A");
const RELAY = "C".repeat(42).concat("A");
const TIME = Date.UTC(2026, 10, 26, 9, 30, 0, 5);

const event = (action: EventName, changes: Partial<AuditEvent> = {}): AuditEvent => ({
  id: eventId(TIME, new Uint8Array(10)),
  actor: KEY,
  seq: 0,
  prev: null,
  time: TIME,
  account: null,
  session: null,
  subject: null,
  action,
  outcome: "success",
  device: "Firefox on Linux",
  checkpoint: null,
  details: null,
  ...changes,
});

const opened = (changes: Partial<OpenedEvent> = {}): OpenedEvent => ({
  index: 7,
  received: TIME + 1_000,
  skewed: false,
  event: event("knock", { session: ID }),
  details: null,
  ...changes,
});

/** RFC 4180, as a reader of it goes. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  let record: string[] = [];
  while (cell.lastIndex < text.length) {
    const [, quoted, plain, end] = cell.exec(text) ?? assert.fail("not CSV");
    record.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === "\r\n") {
      records.push(record);
      record = [];
    }
  }
  assert.deepEqual(record, []);
  return records;
}

suite("CSV", () => {
  test("has one record an event, under its heads, in UTC", () => {
    const purged = opened({ index: 8, event: null });
    const [head, first, second, ...more] = toCsv([opened(), purged]).split("\r\n");
    assert.equal(
      head,
      "\u{feff}index,received,signer_time,clock_skewed,action,outcome,account,session,subject,device,signer_key,signer_seq,id,details",
    );
    const id = eventId(TIME, new Uint8Array(10));
    assert.equal(
      first,
      `7,2026-11-26T09:30:01.005Z,2026-11-26T09:30:00.005Z,no,knock,success,,${ID},,Firefox on Linux,${KEY},0,${id},`,
    );
    assert.equal(second, "8,2026-11-26T09:30:01.005Z,,,purged,,,,,,,,,");
    assert.deepEqual(more, [""]);
  });

  test("gives every text back as it was, and no cell that a spreadsheet computes", () => {
    const strange = fc.string({ unit: fc.constantFrom(..."=+-@\t\r\n\",;' aé＝💙") });
    fc.assert(
      fc.property(fc.array(strange, { minLength: 1 }), (names) => {
        const events = names.map((name) =>
          opened({ event: event("knock", { session: ID, device: name }), details: { name } }),
        );
        // An id may begin with anything that base64url has.
        events.push(opened({ event: event("admit", { account: "-".concat(ID.slice(1)), session: ID }) }));
        const [head, ...records] = parseCsv(toCsv(events).slice(1));
        assert.equal(records.length, events.length);
        for (const record of records) {
          assert.equal(record.length, head?.length);
          for (const cell of record) assert.doesNotMatch(cell, /^[=+\-@\t\r\n＝＋－＠]/);
        }
        assert.deepEqual(
          records.slice(0, -1).map((record) => record.at(-1)),
          names.map((name) => `name: ${name}`),
        );
        // A device is what a stranger's page says it is.
        assert.deepEqual(
          records.slice(0, -1).map((record) => record[9]),
          names.map((name) => (/^[=+\-@\t\r\n＝]/.test(name) ? `'${name}` : name)),
        );
        assert.equal(records.at(-1)?.[6], `'-${ID.slice(1)}`);
      }),
    );
  });
});

suite("FHIR", () => {
  const schema: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, "../vectors/fhir-r4-audit-event.schema.json"), "utf8"),
  );
  const isBundle = new Ajv({ strict: false, allErrors: true }).compile(schema as object);
  const options = { origin: "quietroom.log/AAAA", relay: RELAY, now: TIME };

  function requireValid(bundle: object): void {
    assert.ok(isBundle(JSON.parse(JSON.stringify(bundle))), JSON.stringify(isBundle.errors?.slice(0, 5)));
  }

  test("every kind of event, of every signer and outcome, is what the official schema takes", () => {
    const events = EVENT_NAMES.flatMap((action) =>
      EVENTS[action].outcomes.flatMap((outcome) =>
        EVENTS[action].signers.map((signer) =>
          opened({
            event: event(action, {
              outcome,
              actor: signer === "relay" ? RELAY : KEY,
              account: signer === "staff" ? ID : null,
              session: EVENTS[action].session === "always" ? ID : null,
              subject: EVENTS[action].subject === null ? null : ID,
              device: signer === "relay" ? "" : "Firefox on Linux",
            }),
            details: { name: "Ada Lovelace ", reason: "", bytes: 5 },
          }),
        ),
      ),
    );
    const bundle = toFhir(events, options);
    requireValid(bundle);
    assert.equal(bundle.entry.length, events.length);
    requireValid(toFhir([], options));
  });

  test("the schema refuses what is none, so it is one", () => {
    const [entry] = toFhir([opened()], options).entry;
    assert.ok(entry);
    for (const wrong of [
      { ...entry.resource, recorded: "yesterday" },
      { ...entry.resource, agent: undefined },
      { ...entry.resource, outcome: "2" },
      { ...entry.resource, extra: 1 },
      { ...entry.resource, entity: [{ detail: [{ type: "name", valueString: "" }] }] },
    ])
      assert.equal(
        isBundle(JSON.parse(JSON.stringify({ ...toFhir([], options), entry: [{ resource: wrong }] }))),
        false,
        JSON.stringify(wrong),
      );
  });

  test("says who, when by both clocks, about what and how it went; details only where there are any", () => {
    const admit = event("admit", { account: ID, session: ID, outcome: "failure" });
    const [entry] = toFhir([opened({ event: admit, details: { name: "Ada" } })], options).entry;
    assert.deepEqual(entry?.resource, {
      resourceType: "AuditEvent",
      id: admit.id,
      type: {
        system: "http://dicom.nema.org/resources/ontology/DCM",
        code: "110100",
        display: "Application Activity",
      },
      subtype: [{ system: "urn:quietroom:audit-event", code: "admit" }],
      action: "E",
      period: { start: "2026-11-26T09:30:00.005Z", end: "2026-11-26T09:30:00.005Z" },
      recorded: "2026-11-26T09:30:01.005Z",
      outcome: "4",
      agent: [
        {
          who: { identifier: { system: "urn:quietroom:account", value: ID } },
          altId: KEY,
          requestor: true,
          name: "Firefox on Linux",
        },
      ],
      source: {
        observer: { identifier: { system: "urn:quietroom:audit-log", value: "quietroom.log/AAAA" } },
        type: [
          {
            system: "http://terminology.hl7.org/CodeSystem/security-source-type",
            code: "4",
            display: "Application Server",
          },
        ],
      },
      entity: [
        {
          what: { identifier: { system: "urn:quietroom:log-entry", value: "7" } },
          type: { system: "urn:quietroom:audit-entity", code: "log-entry" },
          detail: [{ type: "name", valueString: "Ada" }],
        },
        {
          what: { identifier: { system: "urn:quietroom:session", value: ID } },
          type: { system: "urn:quietroom:audit-entity", code: "session" },
        },
        {
          what: { identifier: { system: "urn:quietroom:account", value: ID } },
          type: { system: "urn:quietroom:audit-entity", code: "account" },
        },
      ],
    });
    const without = JSON.stringify(toFhir([opened({ event: admit })], options));
    assert.equal(without.includes("detail"), false);
  });

  test("leaves out what was purged, and tells guests and the relay from staff", () => {
    const list = [
      opened({ event: null }),
      opened(),
      opened({ event: event("relay.started", { actor: RELAY, device: "" }) }),
      opened({ event: event("sign-in.passkey", { actor: RELAY, account: ID, device: "" }) }),
    ];
    const bundle = toFhir(list, options);
    const agents = bundle.entry.map(({ resource }) => JSON.stringify(resource.agent));
    assert.deepEqual(
      agents.map((agent) => /urn:quietroom:[\w-]+/.exec(agent)?.[0]),
      ["urn:quietroom:guest", "urn:quietroom:audit-key", "urn:quietroom:audit-key"],
    );
    assert.deepEqual(
      agents.map((agent) => agent.includes('"requestor":true')),
      [true, false, false],
    );
  });
});
