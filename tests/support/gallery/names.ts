import { fixtures } from "./fixtures.ts";

/** The names alone, where there is no browser to draw streams in. */
export function fixtureNames(): readonly string[] {
  const nothing = {} as MediaStream;
  const streams = { therapist: nothing, patient: nothing, staffSelf: nothing, patientSelf: nothing };
  return Object.keys(fixtures(streams));
}
