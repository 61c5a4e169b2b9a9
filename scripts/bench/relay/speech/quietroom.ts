/** Through the real API: a sign-in with the set-up link, reusable invites, a join and a ticket for every guest. */
import { encodeForward, SOCKET_PATH, WIRE_VERSION } from "../../../../relay/wire/frames.ts";
import {
  join,
  type Place as RelayPlace,
  signIn,
  type TestGuest,
} from "../../../../tests/support/relay-client.ts";
import type { Place, Speech } from "./speech.ts";

const JOINS_AT_ONCE = 16;

export async function speakQuietroom(relay: RelayPlace & { readonly setupToken: string }): Promise<Speech> {
  const host = await signIn(relay);
  const invite = await host.makeInvite({ use: "reusable" });
  const guests: TestGuest[] = [];
  const place = (ticket: string, number = -1): Place => ({
    number,
    path: SOCKET_PATH,
    origin: relay.url,
    hello: [[JSON.stringify({ t: "hello", v: WIRE_VERSION, ticket })]],
    // `ready` or `welcome`.
    greetings: 1,
  });
  return {
    desk: async () => place(await host.ticket()),
    async guests(count) {
      const places: Place[] = [];
      while (places.length < count) {
        const batch = Math.min(JOINS_AT_ONCE, count - places.length);
        const joined = await Promise.all(Array.from({ length: batch }, () => join(relay, invite)));
        places.push(...joined.map(({ ticket }, i) => place(ticket, guests.length + i)));
        guests.push(...joined);
      }
      return places;
    },
    message(guest, _to, payload) {
      const { id } = guests[guest] ?? { id: new Uint8Array(16) };
      return { bytes: Buffer.from(encodeForward(id, Buffer.from(payload))), binary: true };
    },
  };
}
