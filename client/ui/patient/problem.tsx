import type { JoinProblem, MissingFeature } from "../../state/model.ts";
import { useServices } from "../context.ts";
import { Button } from "../kit/button.tsx";
import type { IconName } from "../kit/icon.tsx";
import { Unsupported } from "../kit/unsupported.tsx";
import { joinWords, WAY_OUT } from "../words/join.ts";
import { UNSUPPORTED } from "../words/missing.ts";
import { systemTime } from "../words/time.ts";
import { COMMON } from "../words.ts";
import type { PatientView } from "./app.tsx";
import { PatientPage } from "./page.tsx";

const ICONS: Partial<Record<JoinProblem["code"], IconName>> = {
  "INVITE-NOT-YET": "clock",
  "INVITE-EXPIRED": "clock",
  "INVITE-BURNT": "lock",
  "HANDSHAKE-FAILED": "lock",
  "OPEN-ELSEWHERE": "copy",
  "VERSION-UNKNOWN": "refresh",
  OFFLINE: "refresh",
  "RATE-LIMITED": "clock",
  "SESSION-ENDED": "check",
};

export function ProblemScreen({ problem, state, send }: PatientView & { readonly problem: JoinProblem }) {
  const { now } = useServices();
  const words = joinWords(problem.code, {
    therapist: state.therapist,
    opens: "opens" in problem ? problem.opens : undefined,
    now: now(),
    time: systemTime(),
  });
  return (
    <PatientPage title={words.happened} icon={ICONS[problem.code] ?? "link"}>
      <p class="lead">{words.means}</p>
      <p>{words.todo}</p>
      {words.wayOut === null ? null : (
        <Button tone="primary" wide large onPress={() => send({ type: "try-again" })}>
          {WAY_OUT[words.wayOut]}
        </Button>
      )}
      <p class="code">{COMMON.code(words.code)}</p>
    </PatientPage>
  );
}

export function UnsupportedScreen({ missing }: { readonly missing: readonly MissingFeature[] }) {
  return (
    <PatientPage title={UNSUPPORTED.title} icon="lock">
      <Unsupported missing={missing} />
    </PatientPage>
  );
}
