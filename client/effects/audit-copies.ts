/** Copies of the log for people to keep: as the relay has it, or as a table or FHIR with the details opened here. */
import {
  type ExportLine,
  parseExportEnd,
  parseExportHeader,
  parseExportLine,
} from "../../crypto/audit/export.ts";
import { MAX_SKEW_MS } from "../../relay/wire/audit.ts";
import { toCsv } from "../audit/exports/csv.ts";
import { toFhir } from "../audit/exports/fhir.ts";
import type { OpenedEvent } from "../audit/exports/opened-event.ts";
import type { ExportFormat } from "../state/audit-model.ts";
import { detailsOf, eventOf, type Opener } from "./audit-rows.ts";

/** The relay's copy is not whole. */
export class CopyError extends Error {
  override readonly name = "CopyError";
}

export interface Copy {
  readonly name: string;
  readonly content: Blob;
}

const TYPES = {
  jsonl: { type: "application/jsonl", ending: "jsonl" },
  csv: { type: "text/csv", ending: "csv" },
  fhir: { type: "application/fhir+json", ending: "fhir.json" },
} as const satisfies Record<ExportFormat, unknown>;

/**
 * @param body an export as the relay sends it
 * @param name of the file, without its ending
 * @throws CopyError, and what reading the body throws
 */
export async function copyOf(
  body: ReadableStream<Uint8Array>,
  format: ExportFormat,
  name: string,
  opener: Opener,
  now: number,
): Promise<Copy> {
  const { type, ending } = TYPES[format];
  const file = (content: Blob): Copy => ({ name: `${name}.${ending}`, content });
  if (format === "jsonl") {
    const content = await new Response(body, { headers: { "content-type": type } }).blob();
    if (!(await isWhole(content))) throw new CopyError("cut off");
    return file(content);
  }
  const { header, events } = await readExport(body, opener);
  const text =
    format === "csv"
      ? toCsv(events)
      : JSON.stringify(toFhir(events, { origin: originOf(header.log), relay: header.relay, now }));
  return file(new Blob([text], { type }));
}

/** Whether its last line says that nothing is missing. */
async function isWhole(content: Blob): Promise<boolean> {
  const end = await content.slice(-64).text();
  return parseExportEnd(end.trimEnd().split("\n").at(-1) ?? "") !== null;
}

/** A verifier key begins with the log's name. */
function originOf(key: string): string {
  return key.split("+")[0] ?? key;
}

async function readExport(body: ReadableStream<Uint8Array>, opener: Opener) {
  const events: OpenedEvent[] = [];
  let header: ReturnType<typeof parseExportHeader> | null = null;
  let end: number | null = null;
  try {
    for await (const line of linesOf(body)) {
      if (header === null) header = parseExportHeader(line);
      else {
        end = parseExportEnd(line);
        if (end === null) events.push(openedEvent(parseExportLine(line), opener));
      }
    }
  } catch (cause) {
    throw new CopyError("not an export", { cause });
  }
  if (header === null || end !== events.length) throw new CopyError("cut off");
  return { header, events };
}

function openedEvent({ index, received, body }: ExportLine, opener: Opener): OpenedEvent {
  const event = "event" in body ? eventOf(body.event) : null;
  const details = detailsOf(opener, event);
  return {
    index,
    received,
    skewed: event !== null && Math.abs(event.time - received) > MAX_SKEW_MS,
    event,
    details: details.state === "open" ? details.fields : null,
  };
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = body.getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (done) break;
  }
  if (rest !== "") yield rest;
}
