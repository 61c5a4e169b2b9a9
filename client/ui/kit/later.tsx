/** Views whose code comes after the first page: fetched while one waits, never before the knock. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { laterCode } from "../../later.ts";
import { useServices } from "../context.ts";
import { INCOMPLETE } from "../words/opening.ts";
import { COMMON } from "../words.ts";
import { Button } from "./button.tsx";
import { ScreenHeading } from "./heading.tsx";
import { Loading } from "./loading.tsx";
import { Message } from "./notice.tsx";

export interface LaterView<Props> {
  readonly View: ComponentType<Props>;
  /** Fetches it ahead of its use, with all else that comes later. When that fails, its use says so. */
  preload(): void;
}

/**
 * @param opening what is said while it is on its way
 * @param ahead fetches what has to be there first
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  opening: { readonly title: string; readonly text: string },
  ahead: () => Promise<void> = laterCode,
): LaterView<Props> {
  const fetchView = async () => {
    await ahead();
    return load();
  };
  function View(props: Props) {
    const [view, setView] = useState<{ readonly View: ComponentType<Props> } | "loading" | "failed">(
      "loading",
    );
    useEffect(() => {
      let shown = true;
      fetchView().then(
        (fetched) => shown && setView({ View: fetched }),
        () => shown && setView("failed"),
      );
      return () => {
        shown = false;
      };
    }, []);
    if (view === "loading") return <Loading {...opening} />;
    if (view === "failed") return <Failed />;
    return <view.View {...props} />;
  }
  return { View, preload: () => void fetchView().catch(() => undefined) };
}

function Failed() {
  const { reload } = useServices();
  return (
    <main class="loading">
      <ScreenHeading page={INCOMPLETE.happened}>{INCOMPLETE.happened}</ScreenHeading>
      <Message notice={INCOMPLETE}>
        <div class="actions">
          <Button tone="primary" icon="refresh" onPress={reload}>
            {COMMON.reload}
          </Button>
        </div>
      </Message>
    </main>
  );
}
