/** What the views need of the browser: see ui/services.ts. */
import { watchLevel } from "../media/level.ts";
import { playTestTone } from "../media/speaker.ts";
import { systemRandom } from "../transport/sodium.ts";
import type { UiServices } from "../ui/services.ts";

export function browserServices(): UiServices {
  return {
    watchLevel,
    playTestTone,
    async copy(text) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        return false;
      }
    },
    share: canShare() ? share : null,
    reload: () => location.reload(),
    now: Date.now,
    random: systemRandom,
  };
}

/** Missing in Firefox on desktops, and on pages that are not secure. */
function canShare(): boolean {
  const { share: system }: { share?: unknown } = navigator;
  return typeof system === "function";
}

async function share(data: { readonly title: string; readonly url: string }): Promise<void> {
  try {
    await navigator.share({ ...data });
  } catch {
    // The person closed the sheet: nothing to say.
  }
}
