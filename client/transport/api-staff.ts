/** Everything that somebody who is signed in can ask of the relay; who may do what, the relay decides. */

import type { AuditKeyApi } from "../identity/audit-key.ts";
import type { VaultApi } from "../vault/vault-api.ts";
import type { Ask } from "./api.ts";
import { type AccountApi, accountApi, type PeopleApi, peopleApi } from "./api-accounts.ts";
import { auditKeyApi, type LogApi, logApi, type SendEvents, staffEvents } from "./api-audit.ts";
import { type DeskApi, deskApi } from "./api-desk.ts";
import { type PolicyApi, policyApi } from "./api-policy.ts";
import { vaultApi } from "./api-vault.ts";

export interface StaffApi extends DeskApi, AccountApi, PeopleApi, PolicyApi, VaultApi, LogApi, AuditKeyApi {
  readonly sendEvents: SendEvents;
}

export function staffApi(ask: Ask): StaffApi {
  return {
    ...deskApi(ask),
    ...accountApi(ask),
    ...peopleApi(ask),
    ...policyApi(ask),
    ...vaultApi(ask),
    ...logApi(ask),
    ...auditKeyApi(ask),
    sendEvents: staffEvents(ask),
  };
}
