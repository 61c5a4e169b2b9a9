/** Engine.IO protocol 4 with socket.io protocol 5 on it, over WebSocket from the start. */
import type { Place, Speech } from "./speech.ts";

export function speakSocketIo(): Speech {
  let next = 0;
  const place = (name: string, number = -1): Place => ({
    number,
    path: "/socket.io/?EIO=4&transport=websocket",
    hello: [["40"], [], [`420${JSON.stringify(["join", name])}`]],
    // Engine.IO's open, socket.io's connect, and the acknowledgement of the join.
    greetings: 3,
  });
  return {
    desk: async () => place("desk"),
    guests: async (count) => Array.from({ length: count }, () => place(`guest${next}`, next++)),
    message: (guest, to, payload) => ({
      bytes: Buffer.from(
        `42${JSON.stringify(["signal", to === "desk" ? "desk" : `guest${guest}`, payload])}`,
      ),
      binary: false,
    }),
    // Its heartbeat is a text message.
    answer: (message) => (message.length === 1 && message[0] === 0x32 ? "3" : null),
  };
}
