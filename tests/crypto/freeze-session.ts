/**
 * Writes tests/vectors/{session,sframe}.json from this implementation. Run by hand, and only when the protocol is
 * meant to change: `node tests/crypto/freeze-session.ts`. A changed file means that clients of before and after do
 * not understand each other.
 */
import { writeFileSync } from "node:fs";
import { sessionTranscript, sframeTranscript } from "./support/transcripts.ts";

function freeze(name: string, value: unknown): void {
  writeFileSync(new URL(`../vectors/${name}`, import.meta.url), `${JSON.stringify(value, null, 2)}\n`);
}

freeze("session.json", sessionTranscript());
freeze("sframe.json", await sframeTranscript());
