/** What the audit log's pages ask of the relay, of the audit key and of the verifier; loaded when one of them is opened. */
import { openCheckpoint } from "../../crypto/audit/checkpoint.ts";
import type { StaffHappening } from "../../crypto/audit/registry.ts";
import { toBase64Url } from "../../crypto/bytes.ts";
import { type Filter, MAX_FOUND, type Row } from "../../relay/wire/audit.ts";
import { sha256 } from "../audit/sha256.ts";
import type { LogView } from "../audit/types.ts";
import { VerifyError, type VerifyFailure } from "../audit/verify/types.ts";
import { verifyLog } from "../audit/verify/verify-log.ts";
import { verify } from "../audit/verify.ts";
import type { AuditKeyState, AuditKeys, OpenSeat } from "../identity/audit-key.ts";
import { PAGE_ROWS } from "../state/audit-list.ts";
import type { AuditProblem, AuditSeat, AuditTask, EventFilter, ExportFormat } from "../state/audit-model.ts";
import type { AuditPageEffect, AuditPageEvent } from "../state/staff-audit.ts";
import { isSignedOut } from "../transport/access.ts";
import { ApiError, type Download } from "../transport/api.ts";
import type { LogApi } from "../transport/api-audit.ts";
import { type AlertsApi, type AuditorApi, sessionEvidence, wholeLog } from "../transport/api-auditor.ts";
import { CopyError, copyOf } from "./audit-copies.ts";
import { dayBefore, daysOf } from "./audit-days.ts";
import { type Opener, rowOf } from "./audit-rows.ts";

/** A session of more is shown in part; its evidence has it all. */
const STORY_ROWS = 1_000;
/** A copy is made once the log says that it is made. */
const FLUSH_MS = 10_000;

/** Her audit key, in her open vault. */
export interface KeyHolder {
  /** null where her vault is not open here. */
  open(): Promise<AuditKeyState | null>;
  /** Everybody who asked for the key, or has got it. */
  seats(keys: AuditKeys): Promise<readonly AuditSeat[]>;
  /** False when the seat has another fingerprint by now. */
  handOver(keys: AuditKeys, seat: Pick<OpenSeat, "account" | "fingerprint">): Promise<boolean>;
}

export interface AuditRunnerOptions {
  readonly api: AuditorApi & AlertsApi & LogApi;
  readonly download: Download;
  /** Resolves when it is written down on this device. */
  readonly record: (happening: StaffHappening) => Promise<void>;
  /** False when something is not on the log after so many milliseconds. */
  readonly flush: (ms: number) => Promise<boolean>;
  /** What this browser knows of the log. */
  readonly view: () => LogView;
  readonly sodium: () => Promise<Opener["sodium"]>;
  readonly key: KeyHolder;
  readonly save: (name: string, content: Blob) => void;
  readonly emit: (event: AuditPageEvent) => void;
  readonly problemOf: (error: unknown) => AuditProblem;
  readonly now: () => number;
}

export interface AuditRunner {
  /** Alerts are staff-audit.ts's. */
  run(effect: AuditPageEffect): void;
}

type LoadTarget = Exclude<Extract<AuditPageEffect, { readonly type: "load" }>["what"], "alerts">;

export function createAuditRunner(options: AuditRunnerOptions): AuditRunner {
  const { api, emit, record, now } = options;
  /** Nothing is read before the log knows that it is. */
  let reading: Promise<void> = Promise.resolve();
  let checking: AbortController | null = null;

  function attempt(work: () => Promise<void>, failed: (problem: AuditProblem) => AuditPageEvent): void {
    work().catch((error: unknown) => {
      // That a sign-in is over leads to the door by itself: there is no page left to say it on.
      if (!isSignedOut(error)) emit(failed(problemOf(error)));
    });
  }
  const loading = (work: () => Promise<void>) =>
    attempt(work, (problem) => ({ type: "load-failed", problem }));
  const doing = (task: AuditTask, work: () => Promise<void>) =>
    attempt(
      async () => {
        await work();
        emit({ type: "done", task });
      },
      (problem) => ({ type: "failed", task, problem }),
    );

  function problemOf(error: unknown): AuditProblem {
    if (error instanceof CopyError) return "EXPORT-DAMAGED";
    if (error instanceof VerifyError) return CHECK_PROBLEMS[error.failure];
    if (error instanceof SeatError) return "FINGERPRINT-CHANGED";
    return options.problemOf(error);
  }

  async function held(): Promise<AuditKeys | null> {
    const state = await options.key.open().catch(() => null);
    return state?.state === "held" ? state.keys : null;
  }

  async function opener(): Promise<Opener> {
    const [sodium, keys] = await Promise.all([options.sodium(), held()]);
    return { sodium, keys };
  }

  async function rows(found: readonly Row[]) {
    const using = await opener();
    return found.map((row) => rowOf(using, row));
  }

  async function story(session: string): Promise<void> {
    const found: Row[] = [];
    let more = true;
    while (more && found.length < STORY_ROWS) {
      const before = found.at(-1)?.index ?? null;
      const answer = await api.search({ filter: { session }, before, most: MAX_FOUND });
      found.push(...answer.rows);
      more = answer.more && answer.rows.length > 0;
    }
    emit({ type: "story", session, rows: (await rows(found)).toReversed(), cut: more });
  }

  async function people(): Promise<void> {
    const known = new Map<string, string | null>();
    let after = 0;
    for (let more = true; more; ) {
      const answer = await api.actors(after);
      for (const { signer, account, name } of answer.actors)
        if (signer === "staff" && account !== null) known.set(account, name);
      after = answer.actors.at(-1)?.number ?? after;
      more = answer.more;
      const all = [...known].map(([account, name]) => ({ account, name }));
      emit({ type: "people", people: all.sort((a, b) => (a.name ?? "~").localeCompare(b.name ?? "~")) });
    }
  }

  async function log(): Promise<void> {
    const { key, relay, checkpoint } = await api.log();
    const { origin, size, root } = await openCheckpoint(sha256, verify, checkpoint, key);
    emit({ type: "log", log: { key, origin, size, root: toBase64Url(root), checkpoint }, relayKey: relay });
  }

  async function load(what: LoadTarget): Promise<void> {
    switch (what) {
      case "people":
        return people();
      case "log":
        return log();
      case "reviews": {
        const answer = await api.reviews();
        const { due, now: relayNow } = answer;
        emit({ type: "reviews", reviews: { rows: await rows(answer.reviews), due, now: relayNow } });
        return;
      }
      case "key": {
        const state = await options.key.open();
        if (state === null) emit({ type: "key", key: { state: "locked" } });
        else if (state.state === "held") emit({ type: "key", key: { state: "held" } });
        else emit({ type: "key", key: { state: "waiting", fingerprint: state.fingerprint } });
        return;
      }
      case "seats": {
        const keys = await held();
        if (keys !== null) emit({ type: "seats", seats: await options.key.seats(keys) });
        return;
      }
    }
  }

  async function check(signal: AbortSignal): Promise<void> {
    const { key: logKey, checkpoint: older } = options.view();
    const known = await api.log();
    const { size } = await openCheckpoint(sha256, verify, known.checkpoint, known.key);
    const began = now();
    const { body } = await options.download(wholeLog(size), signal);
    if (body === null) throw new ApiError("UNEXPECTED");
    const verdict = await verifyLog(
      { body, events: size, logKey, older },
      { signal, onProgress: ({ checked, events }) => emit({ type: "checking", checked, events }) },
    );
    emit({ type: "checked", verdict, milliseconds: now() - began });
  }

  function startCheck(): void {
    checking?.abort();
    const mine = new AbortController();
    checking = mine;
    check(mine.signal).catch((error: unknown) => {
      if (!mine.signal.aborted && !isSignedOut(error))
        emit({ type: "check-failed", problem: problemOf(error) });
    });
  }

  /** That a copy is made stands on the log before the copy begins; so it is in the copy. */
  async function sayExport(format: string, events: number): Promise<void> {
    await record({ action: "log.exported", outcome: "success", details: { format, events } });
    if (!(await options.flush(FLUSH_MS))) throw new ApiError("LOG-UNAVAILABLE");
  }

  async function sizeNow(): Promise<number> {
    const { key, checkpoint } = await api.log();
    return (await openCheckpoint(sha256, verify, checkpoint, key)).size;
  }

  async function copy(path: string, format: ExportFormat, name: string): Promise<void> {
    const { body } = await options.download(path);
    if (body === null) throw new ApiError("UNEXPECTED");
    const made = await copyOf(body, format, name, await opener(), now());
    options.save(made.name, made.content);
  }

  async function exportLog(format: ExportFormat): Promise<void> {
    await sayExport(format, await sizeNow());
    await copy(wholeLog(await sizeNow()), format, `audit-log-${dateName(now())}`);
  }

  async function handOver(account: string, fingerprint: string): Promise<void> {
    const keys = await held();
    if (keys === null || !(await options.key.handOver(keys, { account, fingerprint }))) throw new SeatError();
    await record({ action: "log.key-shared", outcome: "success", subject: account });
  }

  async function acknowledge(alert: string, note: string): Promise<void> {
    const details = note === "" ? {} : { details: { note } };
    await record({ action: "alert.acknowledged", outcome: "success", subject: alert, ...details });
    emit({ type: "alerts", alerts: await api.acknowledgeAlert(alert) });
  }

  async function review(from: number, until: number, note: string): Promise<void> {
    await record({ action: "log.reviewed", outcome: "success", details: { from, until, note } });
    if (!(await options.flush(FLUSH_MS))) throw new ApiError("LOG-UNAVAILABLE");
  }

  return {
    run(effect) {
      switch (effect.type) {
        case "sign-read":
          reading = record({ action: "log.read", outcome: "success", details: { what: "log" } });
          emit({ type: "read-signed" });
          return;
        case "search": {
          const { request, page, filter, before } = effect.question;
          attempt(
            async () => {
              await reading;
              const asked = { filter: wireFilter(filter), before, most: PAGE_ROWS };
              const { rows: found, more, total } = await api.search(asked);
              emit({ type: "found", request, page, answer: { rows: await rows(found), more, total } });
            },
            (problem) => ({ type: "not-found", request, page, problem }),
          );
          return;
        }
        case "load-story":
          loading(() => story(effect.session));
          return;
        case "load": {
          const { what } = effect;
          if (what !== "alerts") loading(() => load(what));
          return;
        }
        case "count-alerts":
          return;
        case "load-activity":
          loading(async () => {
            const zone = -new Date(now()).getTimezoneOffset();
            const counts = await api.activity({
              filter: { from: dayBefore(now(), effect.weeks * 7 - 1) },
              zone,
            });
            emit({ type: "activity", weeks: effect.weeks, days: daysOf(effect.weeks, now(), counts) });
          });
          return;
        case "check-log":
          startCheck();
          return;
        case "stop-check":
          checking?.abort();
          return;
        case "export":
          doing("export", () => exportLog(effect.format));
          return;
        case "save-evidence":
          doing("evidence", async () => {
            await sayExport("evidence", await sizeNow());
            const { session } = effect;
            await copy(sessionEvidence(session), "jsonl", `session-${session.slice(0, 6)}-evidence`);
          });
          return;
        case "sign-review":
          doing("review", () => review(effect.from, effect.until, effect.note));
          return;
        case "hand-over":
          doing("hand-over", () => handOver(effect.account, effect.fingerprint));
          return;
        case "acknowledge":
          doing("acknowledge", () => acknowledge(effect.alert, effect.note));
          return;
      }
    },
  };
}

/** What was compared on the phone is not there any more. */
class SeatError extends Error {}

const CHECK_PROBLEMS: Record<VerifyFailure, AuditProblem> = {
  interrupted: "CHECK-INTERRUPTED",
  unreadable: "CHECK-UNREADABLE",
  unsupported: "CHECK-UNSUPPORTED",
};

function wireFilter({ account, session, actions, outcome, from, until }: EventFilter): Filter {
  return {
    ...(account === null ? {} : { account }),
    ...(session === null ? {} : { session }),
    ...(actions === null ? {} : { actions: [...actions] }),
    ...(outcome === null ? {} : { outcome }),
    ...(from === null ? {} : { from }),
    ...(until === null ? {} : { until }),
  };
}

/** "2026-11-24", in UTC: the name of a file. */
function dateName(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
