/** Every target there is, and why some functions that read something have none. */
import type { Target } from "./target.ts";
import { AUDIT } from "./targets/audit.ts";
import { DESCRIPTION } from "./targets/description.ts";
import { ENVELOPE } from "./targets/envelope.ts";
import { ENVIRONMENT } from "./targets/environment.ts";
import { HANDSHAKE } from "./targets/handshake.ts";
import { HTTP } from "./targets/http.ts";
import { LINK } from "./targets/link.ts";
import { MESSAGES } from "./targets/messages.ts";
import { PAYLOAD } from "./targets/payload.ts";
import { RECORDS } from "./targets/records.ts";
import { ROOMS } from "./targets/rooms.ts";
import { SFRAME } from "./targets/sframe.ts";
import { TEXT } from "./targets/text.ts";
import { VAULT } from "./targets/vault.ts";
import { WIRE } from "./targets/wire.ts";

export const TARGETS: readonly Target[] = [
  ...TEXT,
  ...AUDIT,
  LINK,
  ...PAYLOAD,
  ...HANDSHAKE,
  ...ENVELOPE,
  ...SFRAME,
  ...DESCRIPTION,
  ...MESSAGES,
  ...RECORDS,
  ...VAULT,
  ...WIRE,
  ...HTTP,
  ...ROOMS,
  ...ENVIRONMENT,
];

const OPENS = "opens a thing, and reads no format of its own";

/** Functions named like a reader that no target covers, and why. */
export const NOT_FUZZED: Readonly<Record<string, string>> = {
  "client/effects/link.ts readLink": "parseInvite with the right build of libsodium",
  "client/media/status.ts readFacts":
    "reads this browser's own statistics; nothing in them is the other side's",
  "client/effects/patient-page.ts openPatientPage": OPENS,
  "client/effects/patient-session.ts openPatientLink": OPENS,
  "client/effects/staff-desk.ts openStaffDesk": OPENS,
  "client/effects/staff-page.ts openStaffPage": OPENS,
  "client/transport/message-rates.ts kindOf": "takes what its schema has let through",
  "client/transport/channel.ts openChannel": `${OPENS}; what it receives goes through step.ts, target session-step`,
  "client/transport/guest-relay.ts openGuestRelay": OPENS,
  "client/transport/guest.ts openGuest": OPENS,
  "client/transport/host.ts openHost": OPENS,
  "client/state/staff-home.ts openDesk": OPENS,
  "client/effects/tabs.ts openTabs": `${OPENS}; a schema lets through what other tabs say`,
  "client/transport/socket.ts openSocket": `${OPENS}; parseControl and parseForward are targets`,
  "client/vault/account-keys.ts readHeader": "parseHeader with the client's errors",
  "client/vault/account-keys.ts openWith": `${OPENS}; openKeys is a target`,
  "client/vault/dexie-database.ts openDexieDatabase": OPENS,
  "client/vault/memory-store.ts openMemoryStore": OPENS,
  "client/vault/open-account-vault.ts openAccountVault": OPENS,
  "client/vault/tab-store.ts openTabStore": `${OPENS}; fromBase64Url and openRecord are targets`,
  "client/identity/audit-key.ts openAuditKey": `${OPENS}; answers of the relay go through schemas`,
  "client/identity/audit-key.ts openSeats": "the same",
  "client/effects/staff-audit.ts openAuditPages": OPENS,
  "client/audit/dexie-outbox.ts openDexieOutbox": OPENS,
  "client/audit/memory-outbox.ts openMemoryOutbox": OPENS,
  "client/audit/pen.ts openPen": OPENS,
  "client/audit/trail.ts openTrail": OPENS,
  "client/audit/guest.ts openGuestTrail": OPENS,
  "client/audit/staff.ts openStaffTrail": OPENS,
  "client/audit/witness.ts judge": "takes what openCheckpoint has let through",
  "relay/audit/end.ts readEnd": "reads this relay's own database",
  "relay/audit/judge.ts judge": "takes what parseEvent has let through",
  "relay/audit/log.ts openLog": OPENS,
  "relay/audit/open.ts openAudit": OPENS,
  "relay/audit/reading-routes.ts readingRoutes": "routes; what comes to them goes through schemas",
  "relay/storage/sqlite/database.ts openDatabase": OPENS,
};

const EXPORTED = /^export (?:async )?function (\w+)/gm;
const READER = /^(?:parse|decode|read|open|clean|unpad|judge|from(?=[A-Z]))|^(?:kindOf|bodyOf|prefixLength)$/;

/** The functions that a source file exports, and which of them are named like something that reads. */
export function exportsOf(source: string): { readonly all: string[]; readonly readers: string[] } {
  const all = [...source.matchAll(EXPORTED)].map(([, name = ""]) => name);
  return { all, readers: all.filter((name) => READER.test(name)) };
}
