/** The API for who signs in with the set-up code: it goes when the relay takes passkeys alone. */
import { Account, Empty, Ice } from "../../relay/wire/requests.ts";
import { type ApiOptions, createAsk } from "./api.ts";
import { type DeskApi, deskApi } from "./api-desk.ts";
import { type GuestApi, guestApi } from "./api-guest.ts";

export interface RelayApi extends GuestApi, DeskApi {
  signIn(code: string): Promise<Account>;
  signOut(): Promise<void>;
  account(): Promise<Account>;
}

export function createApi(options: ApiOptions): RelayApi {
  const ask = createAsk(options);
  return {
    ...guestApi(ask),
    ...deskApi(ask),
    hostIce: (session) => ask("POST", "/api/ice", Ice, { session }),
    signIn: (code) => ask("POST", "/api/sign-in", Account, { code }),
    async signOut() {
      await ask("POST", "/api/sign-out", Empty);
    },
    account: () => ask("GET", "/api/account", Account),
  };
}
