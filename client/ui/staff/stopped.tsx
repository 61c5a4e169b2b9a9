import type { MissingFeature, StaffIntent } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { Unsupported } from "../kit/unsupported.tsx";
import { UNSUPPORTED } from "../words/missing.ts";
import { STOPPED } from "../words/staff.ts";
import { COMMON } from "../words.ts";
import { DoorPage } from "./door.tsx";

interface Props {
  readonly reason: "REPLACED" | "VERSION-UNKNOWN";
  readonly send: (intent: StaffIntent) => void;
}

export function StoppedScreen({ reason, send }: Props) {
  const words = STOPPED[reason];
  return (
    <DoorPage title={words.happened} icon={reason === "REPLACED" ? "copy" : "refresh"}>
      <p class="lead">{words.means}</p>
      <p>{words.todo}</p>
      <Button tone="primary" wide large onPress={() => send({ type: "take-over" })}>
        {reason === "REPLACED" ? STOPPED.takeOver : COMMON.reload}
      </Button>
      <p class="code">{COMMON.code(words.code)}</p>
    </DoorPage>
  );
}

export function UnsupportedScreen({ missing }: { readonly missing: readonly MissingFeature[] }) {
  return (
    <DoorPage title={UNSUPPORTED.title} icon="lock">
      <Unsupported missing={missing} />
    </DoorPage>
  );
}
