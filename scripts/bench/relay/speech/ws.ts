import type { Place, Speech } from "./speech.ts";

export function speakWs(): Speech {
  let next = 1;
  const place = (socket: number): Place => ({
    number: socket - 1,
    path: `/${socket}`,
    hello: [],
    greetings: 0,
  });
  return {
    desk: async () => place(0),
    guests: async (count) => Array.from({ length: count }, () => place(next++)),
    message: (guest, to, payload) => ({
      bytes: Buffer.concat([receiver(to === "desk" ? 0 : guest + 1), Buffer.from(payload)]),
      binary: true,
    }),
  };
}

function receiver(socket: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(socket);
  return bytes;
}
