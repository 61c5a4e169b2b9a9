import type { Place, Speech } from "./speech.ts";

export function speakPeerjs(): Speech {
  let next = 0;
  const place = (id: string, number = -1): Place => ({
    number,
    path: `/peerjs?key=peerjs&id=${id}&token=token${id}`,
    hello: [],
    // OPEN.
    greetings: 1,
  });
  return {
    desk: async () => place("desk"),
    guests: async (count) => Array.from({ length: count }, () => place(`guest${next}`, next++)),
    message: (guest, to, payload) => ({
      bytes: Buffer.from(
        JSON.stringify({ type: "OFFER", dst: to === "desk" ? "desk" : `guest${guest}`, payload }),
      ),
      binary: false,
    }),
  };
}
