/**
 * What the patient's page keeps for a reload: the link, whose fragment is gone from the address bar by then, and once
 * somebody has knocked, the name and the passcode that they gave. Sealed in the tab's store, gone with the tab.
 */
import * as v from "valibot";
import { fromUtf8, utf8 } from "../../crypto/bytes.ts";
import type { StoredKnock } from "../state/patient-events.ts";
import { PersonName } from "../transport/messages.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";

const Record = v.strictObject({
  link: v.pipe(v.string(), v.maxLength(1024)),
  knock: v.nullable(
    v.strictObject({
      name: PersonName,
      passcode: v.nullable(v.pipe(v.string(), v.maxLength(256))),
      since: v.pipe(v.number(), v.finite()),
    }),
  ),
});
export type PageRecord = v.InferOutput<typeof Record>;
export type Knocked = StoredKnock & { readonly passcode: string | null };

const ID = "join";

/** `null` when there is none, or none that can be read. @throws VaultError STORE-UNAVAILABLE */
export async function loadPage(store: SealedStore): Promise<PageRecord | null> {
  try {
    const bytes = await store.get("page", ID);
    if (bytes === null) return null;
    const result = v.safeParse(Record, JSON.parse(fromUtf8(bytes) ?? "null"));
    return result.success ? result.output : null;
  } catch (error) {
    if (error instanceof VaultError && error.code === "STORE-UNAVAILABLE") throw error;
    return null;
  }
}

/** @throws VaultError STORE-UNAVAILABLE */
export async function savePage(store: SealedStore, record: PageRecord): Promise<void> {
  await store.put("page", ID, utf8(JSON.stringify(record)));
}
