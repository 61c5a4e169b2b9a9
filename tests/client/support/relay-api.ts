/** The client's calls of guests and of a desk together, and a `fetch` that is signed in as a page's is. */
import { type ApiOptions, createAsk } from "../../../client/transport/api.ts";
import { type DeskApi, deskApi } from "../../../client/transport/api-desk.ts";
import { type GuestApi, guestApi } from "../../../client/transport/api-guest.ts";
import { Account } from "../../../relay/wire/accounts.ts";
import { Empty } from "../../../relay/wire/requests.ts";
import type { TestHost } from "../../support/relay-client.ts";

export interface RelayApi extends GuestApi, DeskApi {
  account(): Promise<Account>;
  signOut(): Promise<void>;
}

export function createApi(options: ApiOptions): RelayApi {
  const ask = createAsk(options);
  return {
    ...guestApi(ask),
    ...deskApi(ask),
    account: () => ask("GET", "/api/account", Account),
    async signOut() {
      await ask("POST", "/api/sign-out", Empty);
    },
  };
}

/** Shows the host's token and cookie, and renews when the token is over. */
export function signedInFetch(host: TestHost, plain: typeof fetch): typeof fetch {
  return async (input, init) => {
    const once = () => {
      const headers = new Headers(init?.headers);
      headers.set("authorization", host.authorization());
      headers.set("cookie", host.cookie);
      return plain(input, { ...init, headers });
    };
    const answer = await once();
    if (answer.status !== 401) return answer;
    // Asking anything renews, if it can be renewed.
    await host.get("/api/account");
    return once();
  };
}
