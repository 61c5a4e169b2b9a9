import { person } from "./people.ts";

export interface Streams {
  readonly therapist: MediaStream;
  readonly patient: MediaStream;
  readonly staffSelf: MediaStream;
  readonly patientSelf: MediaStream;
}

/** Remote pictures as they arrive from a computer, own ones as from a phone. */
export function drawnStreams(): Streams {
  const portrait = matchMedia("(orientation: portrait)").matches;
  const [width, height] = portrait ? [540, 720] : [1280, 720];
  return {
    therapist: person("therapist", width, height),
    patient: person("patient", width, height),
    staffSelf: person("therapist", 360, 480),
    patientSelf: person("patient", 360, 480),
  };
}
