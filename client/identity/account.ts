/** Signing in and out, enrolling, and the passkeys of one's own: ceremonies of the browser between two requests each. */

import type { Bytes } from "../../crypto/bytes.ts";
import type { EnrolBegun, SignedIn } from "../../relay/wire/accounts.ts";
import { type Access, type AccessOptions, createAccess } from "../transport/access.ts";
import { ApiError, type Ask } from "../transport/api.ts";
import { accountApi } from "../transport/api-accounts.ts";
import { type StaffApi, staffApi } from "../transport/api-staff.ts";
import type { Passkeys } from "./passkeys.ts";
import type { PrfSecret } from "./vault-door.ts";

export interface Entered {
  readonly signedIn: SignedIn;
  /** What the passkey opens a vault with; null where the authenticator has no PRF. Whoever has it wipes it. */
  readonly passkey: PrfSecret | null;
}

/** Every method rejects with ApiError or PasskeyError. */
export interface AccountAccess {
  readonly api: StaffApi;
  readonly access: Pick<Access, "ask" | "download" | "resume" | "renew" | "leave" | "forget">;
  /** Whose the enrolment link is. */
  look(token: string): Promise<EnrolBegun>;
  /** @param device a first name for the passkey, such as "Chrome on Windows" */
  enrol(token: string, name: string, device: string): Promise<Entered>;
  signIn(): Promise<Entered>;
  /** One more passkey. @returns what it opens a vault with */
  addPasskey(name: string): Promise<PrfSecret | null>;
}

export type AccountAccessOptions = Omit<AccessOptions, "touch"> & { readonly passkeys: Passkeys };

export function accountAccess(options: AccountAccessOptions): AccountAccess {
  const { passkeys } = options;
  const access = createAccess({ ...options, touch: (ask) => touch(ask, passkeys) });
  const { door } = access;
  const api = staffApi(access.ask);
  return {
    api,
    access,
    look: (token) => door.enrolBegin(token),
    async enrol(token, name, device) {
      const begun = await door.enrolBegin(token, name);
      if (begun.options === null) throw new ApiError("UNEXPECTED");
      const { response, prf } = await passkeys.create(begun.options);
      return entered(response.id, prf, () =>
        access.enter((own) =>
          own.enrolFinish({ token, name: begun.name || name, response, passkey: device }),
        ),
      );
    },
    async signIn() {
      const { response, prf } = await passkeys.get(await door.signInBegin());
      return entered(response.id, prf, () => access.enter((own) => own.signInFinish(response)));
    },
    async addPasskey(name) {
      const { response, prf } = await passkeys.create(await api.passkeyBegin());
      const { passkey } = await entered(response.id, prf, () => api.passkeyFinish(response, name));
      return passkey;
    },
  };
}

/** What the passkey gave is worth nothing where the relay does not take its signature. */
async function entered<T>(
  credential: string,
  output: Bytes | null,
  finish: () => Promise<T>,
): Promise<{ readonly signedIn: T; readonly passkey: PrfSecret | null }> {
  try {
    const signedIn = await finish();
    return { signedIn, passkey: output === null ? null : { type: "prf", credential, output } };
  } catch (error) {
    output?.fill(0);
    throw error;
  }
}

async function touch(ask: Ask, passkeys: Passkeys): Promise<void> {
  const api = accountApi(ask);
  const { response, prf } = await passkeys.get(await api.touchBegin());
  prf?.fill(0);
  await api.touchFinish(response);
}
