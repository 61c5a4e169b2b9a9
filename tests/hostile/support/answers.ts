/** Answers of the JSON API that a lying relay makes up. */
import type { Ice } from "../../../relay/wire/requests.ts";

export const NO_SERVERS: Ice = { iceServers: [], lifeMs: 0 };

/** Credentials that last until the end of time, as far as the contract can say it. */
export const ENDLESS: Ice = {
  iceServers: [{ urls: ["turn:turn.example:3478"], username: "u", credential: "c" }],
  lifeMs: Number.MAX_SAFE_INTEGER,
};
