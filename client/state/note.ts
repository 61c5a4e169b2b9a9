/** What the app keeps with a session across a reload of its own page; sealed and stored by the transport. */
import * as v from "valibot";

const Note = v.strictObject({
  /** The other person's name. */
  name: v.pipe(v.string(), v.maxLength(64)),
  /** Number of the last peer connection. */
  call: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  matchedHere: v.boolean(),
  matchedThere: v.boolean(),
  startedAt: v.nullable(v.pipe(v.number(), v.finite())),
});
export type Note = v.InferOutput<typeof Note>;

export const EMPTY_NOTE: Note = {
  name: "",
  call: 0,
  matchedHere: false,
  matchedThere: false,
  startedAt: null,
};

export const encodeNote = (note: Note): string => JSON.stringify(note);

/** A note that does not parse counts as none: the words are then read out again, which is safe. */
export function parseNote(text: string | null): Note {
  if (text === null) return EMPTY_NOTE;
  try {
    const result = v.safeParse(Note, JSON.parse(text));
    return result.success ? result.output : EMPTY_NOTE;
  } catch {
    return EMPTY_NOTE;
  }
}
