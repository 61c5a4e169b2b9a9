/**
 * Events as a FHIR R4 Bundle (type `collection`) of AuditEvent resources (http://hl7.org/fhir/R4/auditevent.html), for a
 * record system that collects such. Ids are pseudonymous as in the log, each in a system of its own; details are there
 * where the auditor opened and chose them. Events whose text was purged have nothing to say and are left out.
 *
 * It is a copy to read. What proves anything is the log's own export.
 */
import type { EventName } from "../../../crypto/audit/registry.ts";
import { EVENTS } from "../../../crypto/audit/registry.ts";
import { KINDS, type Kind, OTHER } from "./fhir-kinds.ts";
import type { OpenedEvent } from "./opened-event.ts";

/** Our own systems of codes and ids. */
const system = (name: string) => `urn:quietroom:${name}`;
const SOURCE_TYPES = "http://terminology.hl7.org/CodeSystem/security-source-type";

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

interface Reference {
  readonly identifier: { readonly system: string; readonly value: string };
}

type Detail = { readonly type: string; readonly valueString: string };

interface Entity {
  readonly what: Reference;
  readonly type: Coding;
  readonly detail?: readonly Detail[];
}

export interface AuditEventResource {
  readonly resourceType: "AuditEvent";
  readonly id: string;
  readonly type: Coding;
  readonly subtype: readonly Coding[];
  readonly action: Kind["action"];
  readonly period: { readonly start: string; readonly end: string };
  readonly recorded: string;
  readonly outcome: "0" | "4";
  readonly agent: readonly object[];
  readonly source: object;
  readonly entity: readonly Entity[];
}

export interface FhirBundle {
  readonly resourceType: "Bundle";
  readonly type: "collection";
  readonly timestamp: string;
  readonly entry: readonly { readonly fullUrl: string; readonly resource: AuditEventResource }[];
}

export interface FhirOptions {
  /** The log's name, which its checkpoints bear. */
  readonly origin: string;
  /** The relay's own key, base64url: its events are told from those of people. */
  readonly relay: string;
  /** When the bundle is made. */
  readonly now: number;
}

export function toFhir(events: readonly OpenedEvent[], options: FhirOptions): FhirBundle {
  const resources = events.flatMap((each) => resourceOf(each, options) ?? []);
  return {
    resourceType: "Bundle",
    type: "collection",
    timestamp: instant(options.now),
    entry: resources.map((resource) => ({ fullUrl: `urn:uuid:${resource.id}`, resource })),
  };
}

function resourceOf(opened: OpenedEvent, { origin, relay }: FhirOptions): AuditEventResource | null {
  const { event, received } = opened;
  if (event === null) return null;
  const { type, subtype, action } = KINDS[event.action] ?? OTHER;
  const own: Coding = { system: system("audit-event"), code: event.action };
  // What happened, by the signer's clock; recorded, by the relay's.
  const happened = instant(event.time);
  return {
    resourceType: "AuditEvent",
    id: event.id,
    type,
    subtype: subtype === null ? [own] : [subtype, own],
    action,
    period: { start: happened, end: happened },
    recorded: instant(received),
    outcome: event.outcome === "success" ? "0" : "4",
    agent: [agentOf(event, relay)],
    source: {
      observer: referenceTo("audit-log", origin),
      type: [{ system: SOURCE_TYPES, code: "4", display: "Application Server" }],
    },
    entity: entitiesOf(opened, event),
  };
}

type Event = NonNullable<OpenedEvent["event"]>;

/** Whose key signed: a device of somebody's on the staff, a guest's page, or the relay. */
function agentOf({ actor, account, session, device }: Event, relay: string): object {
  const isRelay = actor === relay;
  const who =
    account !== null && !isRelay
      ? referenceTo("account", account)
      : isRelay || session === null
        ? referenceTo("audit-key", actor)
        : referenceTo("guest", session);
  return { who, altId: actor, requestor: !isRelay, ...(device === "" ? {} : { name: device }) };
}

function entitiesOf({ index, details }: OpenedEvent, event: Event): Entity[] {
  const entry: Entity = entity("log-entry", String(index), detailsOf(details));
  const { account, session, subject, action } = event;
  return [
    entry,
    ...(session === null ? [] : [entity("session", session)]),
    ...(subject === null ? [] : [entity(subjectSystem(action), subject)]),
    ...(account === null ? [] : [entity("account", account)]),
  ];
}

function entity(kind: string, value: string, detail: readonly Detail[] = []): Entity {
  const type = { system: system("audit-entity"), code: kind };
  return { what: referenceTo(kind, value), type, ...(detail.length === 0 ? {} : { detail }) };
}

function subjectSystem(action: EventName): string {
  const { subject } = EVENTS[action];
  return subject === "key" ? "audit-key-hash" : (subject ?? "subject");
}

/** FHIR's strings have no white space around them, and are not empty. */
function detailsOf(details: OpenedEvent["details"]): Detail[] {
  return Object.entries(details ?? {})
    .map(([type, value]) => ({ type, valueString: String(value).trim() }))
    .filter(({ valueString }) => valueString !== "");
}

function referenceTo(kind: string, value: string): Reference {
  return { identifier: { system: system(kind), value } };
}

function instant(time: number): string {
  return new Date(time).toISOString();
}
