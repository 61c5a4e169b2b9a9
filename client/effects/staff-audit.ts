/** The audit log's pages at work. Few open them, so that what they need comes when they do; alerts alone are for every day. */
import type { AuditProblem } from "../state/audit-model.ts";
import type { AuditPageEffect, AuditPageEvent } from "../state/staff-audit.ts";
import { isSignedOut } from "../transport/access.ts";
import { ApiError } from "../transport/api.ts";
import { alertsApi, auditorApi } from "../transport/api-auditor.ts";
import { loadSodiumSumo } from "../transport/sodium.ts";
import { accountProblem } from "./account-problem.ts";
import type { AuditRunner, AuditRunnerOptions } from "./audit-runner.ts";
import { saveFile } from "./save-file.ts";
import type { AccountRunner } from "./staff-account.ts";

/** The pages of whoever is signed in. */
export function openAuditPages(
  { api, access, trail, auditKey }: Pick<AccountRunner, "api" | "access" | "trail" | "auditKey">,
  emit: (event: AuditPageEvent) => void,
): AuditRunner {
  return createStaffAudit({
    api: { ...auditorApi(access.ask), ...alertsApi(access.ask), log: api.log, consistency: api.consistency },
    download: access.download,
    record: trail.record,
    flush: trail.flush,
    view: () => trail.seen,
    key: auditKey,
    sodium: loadSodiumSumo,
    save: saveFile,
    emit,
    problemOf: auditProblem,
    now: Date.now,
  });
}

/** The codes that these pages have words for. */
function auditProblem(error: unknown): AuditProblem {
  const known = ["SESSION-UNKNOWN", "ALERT-UNKNOWN"] as const;
  const code = error instanceof ApiError ? known.find((each) => each === error.code) : undefined;
  return code ?? accountProblem(error);
}

export type StaffAuditOptions = AuditRunnerOptions & {
  readonly load?: () => Promise<{
    readonly createAuditRunner: (options: AuditRunnerOptions) => AuditRunner;
  }>;
};

export function createStaffAudit(options: StaffAuditOptions): AuditRunner {
  const { api, emit, problemOf, load = () => import("./audit-runner.ts") } = options;
  let runner: Promise<AuditRunner> | null = null;

  /** For the number beside the page's name; on the page itself a failure is told. */
  async function alerts(told: boolean): Promise<void> {
    try {
      emit({ type: "alerts", alerts: await api.alerts() });
    } catch (error) {
      if (told && !isSignedOut(error)) emit({ type: "load-failed", problem: problemOf(error) });
    }
  }

  async function later(): Promise<AuditRunner> {
    const { createAuditRunner } = await load();
    return createAuditRunner(options);
  }

  return {
    run(effect: AuditPageEffect) {
      if (effect.type === "count-alerts") {
        void alerts(false);
        return;
      }
      if (effect.type === "load" && effect.what === "alerts") {
        void alerts(true);
        return;
      }
      runner ??= later();
      runner.then(
        (here) => here.run(effect),
        () => {
          runner = null;
          emit(notHere(effect));
        },
      );
    },
  };
}

/** The code itself could not be fetched. */
function notHere(effect: AuditPageEffect): AuditPageEvent {
  if (effect.type !== "search") return { type: "load-failed", problem: "OFFLINE" };
  const { request, page } = effect.question;
  return { type: "not-found", request, page, problem: "OFFLINE" };
}
