/** What of a call goes on record: when it begins, changes its path or its keys, and ends. Pure. */
import type { Happening } from "../../crypto/audit/registry.ts";
import type { MediaPath } from "../media/types.ts";
import type { CallState, EndedState, EndReason } from "./model.ts";

type CallHappening = Extract<Happening, { readonly action: `call.${string}` | "words.compared" }>;

/** @param ended what the screen says of its end, where there is one */
export function callHappenings(
  before: CallState | null,
  after: CallState | null,
  ended: EndedState | null,
  now: number,
): CallHappening[] {
  if (before === null) return [];
  const { session } = before;
  const about = { session, outcome: "success" } as const;
  if (after?.session !== session) return endOf(before, ended, now);
  const told: CallHappening[] = [];
  const path = pathCode(after.security.path);
  if (!before.matchedHere && after.matchedHere) told.push({ ...about, action: "words.compared" });
  if (before.startedAt === null && after.startedAt !== null)
    told.push({ ...about, action: "call.started", details: { ...path, suite: after.security.suite } });
  else if (path.path !== undefined && path.path !== pathCode(before.security.path).path)
    told.push({ ...about, action: "call.path", details: path });
  if (!before.broken && after.broken)
    told.push({ session, outcome: "failure", action: "call.path", details: { reason: "MEDIA-PATH" } });
  // A new connection begins without an epoch, and so with none that it had before.
  if (before.security.epoch > 0 && after.security.epoch > before.security.epoch)
    told.push({ ...about, action: "call.rekeyed", details: { epoch: after.security.epoch } });
  return told;
}

function endOf({ session, startedAt }: CallState, ended: EndedState | null, now: number): CallHappening[] {
  const told: CallHappening[] = [];
  const reason = ended?.reason ?? "ENDED";
  if (reason === "mismatch-here") told.push({ session, outcome: "failure", action: "words.compared" });
  if (startedAt !== null) {
    const details = { duration: Math.max(0, now - startedAt), reason };
    told.push({ session, outcome: isFailure(reason) ? "failure" : "success", action: "call.ended", details });
  }
  return told;
}

const WELL: ReadonlySet<EndReason> = new Set<EndReason>([
  "ended-here",
  "ended-there",
  "left",
  "ENDED",
  "REPLACED",
]);
const isFailure = (reason: EndReason): boolean => !WELL.has(reason);

function pathCode(path: MediaPath | null): { readonly path?: string } {
  if (path === null) return {};
  return { path: path.kind === "direct" ? "direct" : `relayed-${path.protocol ?? "far"}` };
}
