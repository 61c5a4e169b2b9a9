import { COMMON } from "../words.ts";
import { BrandMark } from "./icon.tsx";

interface Props {
  readonly title?: string;
  readonly text?: string;
}

/** Calm, and the same as what the page shows before its script has come. */
export function Loading({ title = COMMON.loading, text = COMMON.loadingMeans }: Props) {
  return (
    <main class="loading" aria-busy="true">
      <div class="breath">
        <BrandMark />
      </div>
      <h1>{title}</h1>
      <p role="status">{text}</p>
    </main>
  );
}
