/** The way into the session's own chunk: it is fetched while one waits, never before the knock. */
import { useEffect, useState } from "preact/hooks";
import { laterCode } from "../../later.ts";
import { useServices } from "../context.ts";
import { Button } from "../kit/button.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import { Loading } from "../kit/loading.tsx";
import { Message } from "../kit/notice.tsx";
import { OPENING } from "../words/opening.ts";
import { COMMON } from "../words.ts";
import type { CallView } from "./call.tsx";
import type { CallProps } from "./props.ts";

async function load() {
  await laterCode();
  return import("./call.tsx");
}

/** Fetches it ahead of its use, with all else that a session needs. When that fails, opening the room says so. */
export function preloadCall(): void {
  load().catch(() => undefined);
}

export function LazyCall(props: CallProps) {
  const [view, setView] = useState<{ readonly Call: typeof CallView } | "loading" | "failed">("loading");
  useEffect(() => {
    let shown = true;
    load().then(
      (chunk) => shown && setView({ Call: chunk.CallView }),
      () => shown && setView("failed"),
    );
    return () => {
      shown = false;
    };
  }, []);
  if (view === "loading") return <Loading title={OPENING.title} text={OPENING.text} />;
  if (view === "failed") return <Failed />;
  return <view.Call {...props} />;
}

function Failed() {
  const { reload } = useServices();
  return (
    <main class="loading">
      <ScreenHeading page={OPENING.failed.happened}>{OPENING.failed.happened}</ScreenHeading>
      <Message notice={OPENING.failed}>
        <div class="actions">
          <Button tone="primary" icon="refresh" onPress={reload}>
            {COMMON.reload}
          </Button>
        </div>
      </Message>
    </main>
  );
}
