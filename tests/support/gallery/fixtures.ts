/** Every screen with made-up state, by name. The tests walk all of them. */
import { accountFixtures } from "./fixtures/account.ts";
import { adminFixtures } from "./fixtures/admin.ts";
import { auditFixtures } from "./fixtures/audit.ts";
import { callFixtures } from "./fixtures/call.ts";
import type { Fixture } from "./fixtures/made-up.ts";
import { patientFixtures } from "./fixtures/patient.ts";
import { staffFixtures } from "./fixtures/staff.ts";
import type { Streams } from "./streams.ts";

export function fixtures(streams: Streams): Readonly<Record<string, Fixture>> {
  return {
    ...patientFixtures(streams),
    ...accountFixtures(streams),
    ...staffFixtures(streams),
    ...adminFixtures(streams),
    ...auditFixtures(streams),
    ...callFixtures(streams),
  };
}
