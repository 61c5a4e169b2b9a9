import type { MissingFeature } from "../../state/model.ts";
import { MISSING, UNSUPPORTED, unsupportedNotice } from "../words/missing.ts";
import { COMMON } from "../words.ts";

/** Below a heading that says what happened. Plain elements only: this is read in old browsers. */
export function Unsupported({ missing }: { readonly missing: readonly MissingFeature[] }) {
  const words = unsupportedNotice(missing);
  return (
    <>
      <p class="lead">
        {words.happened} {words.means}
      </p>
      <p>{words.todo}</p>
      {missing.includes("secure-context") ? null : (
        <section class="works">
          <h2>{UNSUPPORTED.works}</h2>
          <ul class="bulleted">
            {UNSUPPORTED.browsers.map((browser) => (
              <li key={browser}>{browser}</li>
            ))}
          </ul>
          <p class="hint">{UNSUPPORTED.upToDate}</p>
        </section>
      )}
      <details class="details">
        <summary>{UNSUPPORTED.why}</summary>
        <ul class="bulleted">
          {missing.map((feature) => (
            <li key={feature}>{MISSING[feature]}</li>
          ))}
        </ul>
      </details>
      <p class="code">{COMMON.code(words.code)}</p>
    </>
  );
}
