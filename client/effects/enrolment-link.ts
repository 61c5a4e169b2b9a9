/** The staff's address bar, where an enrolment link's token arrives and must not stay. */
import * as v from "valibot";
import { Bytes32Text } from "../../relay/wire/requests.ts";

const PREFIX = "#enrol=";

/** Reads the token and takes it out of the address bar and the history. `null` when this is no enrolment link. */
export function takeEnrolmentToken(): string | null {
  const { hash } = location;
  if (!hash.startsWith(PREFIX)) return null;
  history.replaceState(null, "", location.pathname);
  const token = v.safeParse(Bytes32Text, hash.slice(PREFIX.length));
  // A mangled one is asked about as well: the relay's refusal has the words for it.
  return token.success ? token.output : MANGLED;
}

/** Of the form that the relay takes, and nobody's. */
const MANGLED = "A".repeat(43);
