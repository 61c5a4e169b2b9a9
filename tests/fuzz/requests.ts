/** Bodies of requests: each text is shown to every schema, as if it had come by any of the routes. */
import * as v from "valibot";
import { wrongJson } from "./json.ts";
import { judged, nothing, sameJson, wholesome } from "./judge.ts";
import { ACCEPTED, type Target, textTarget } from "./target.ts";

export interface RequestTarget {
  readonly name: string;
  readonly requests: readonly (readonly [schema: v.GenericSchema<unknown, unknown>, body: unknown])[];
  /** What else must hold of a body that was taken. Throws. */
  readonly also?: (body: unknown) => void;
}

export function requestTarget({ name, requests, also = () => {} }: RequestTarget): Target {
  const bodies = requests.map(([, body]) => body);
  return textTarget({
    name,
    covers: [],
    samples: bodies.map((body) => JSON.stringify(body)),
    wrong: wrongJson(bodies),
    check: (text) => {
      let body: unknown;
      try {
        body = JSON.parse(text);
      } catch {
        return "no JSON";
      }
      const verdicts = requests.map(([schema]) =>
        judged(
          () => {
            const parsed = v.safeParse(schema, body);
            return parsed.success ? parsed.output : null;
          },
          nothing,
          (parsed) => {
            sameJson(parsed, text);
            wholesome(parsed, text.length);
            also(parsed);
          },
        ),
      );
      return verdicts.find((verdict) => verdict === ACCEPTED) ?? "refused";
    },
  });
}
