import type { Place, Speech } from "./speech.ts";

/** Everybody hears a topic of their own. (Its own client also hears everything that it says itself.) */
export function speakYWebrtc(): Speech {
  let next = 0;
  const place = (topic: string, number = -1): Place => ({
    number,
    path: "/",
    // It does not answer a subscription, but it answers a ping.
    hello: [[JSON.stringify({ type: "subscribe", topics: [topic] }), JSON.stringify({ type: "ping" })]],
    greetings: 1,
  });
  return {
    desk: async () => place("desk"),
    guests: async (count) => Array.from({ length: count }, () => place(`guest${next}`, next++)),
    message: (guest, to, payload) => ({
      bytes: Buffer.from(
        JSON.stringify({ type: "publish", topic: to === "desk" ? "desk" : `guest${guest}`, payload }),
      ),
      binary: false,
    }),
  };
}
