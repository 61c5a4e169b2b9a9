/**
 * A hop between a transport and its real WebSocket that may watch, drop, repeat, delay or alter binary frames. Text
 * frames pass untouched.
 */
import { type Connect, connectWith } from "../../../client/transport/wire.ts";
import { parseForward } from "../../../relay/wire/frames.ts";

export type Way = "out" | "in";

/** What becomes of one frame: the frames that go on in its place, now. */
export type Meddle = (frame: Uint8Array<ArrayBuffer>, way: Way) => readonly Uint8Array<ArrayBuffer>[];

export const passOn: Meddle = (frame) => [frame];

/** Kind byte of the payload; null for what is no forward frame. */
export function kindIn(frame: Uint8Array): number | null {
  return parseForward(frame)?.payload[0] ?? null;
}

/** Node's WebSocket with the Origin header that a browser would send. */
export function connectFrom(origin: string): Connect {
  return connectWith(
    new Proxy(WebSocket, {
      construct: (target, [url]) => Reflect.construct(target, [url, { headers: { origin } }]),
    }),
  );
}

/** @param meddle asked for at every frame, so that it can change under way */
export function hop(connect: Connect, meddle: () => Meddle): Connect {
  return (url, events) => {
    const wire = connect(url, {
      ...events,
      binary(data) {
        for (const frame of meddle()(data, "in")) events.binary(frame);
      },
    });
    return {
      send(data) {
        if (typeof data === "string") wire.send(data);
        else for (const frame of meddle()(data, "out")) wire.send(frame);
      },
      close: () => wire.close(),
    };
  };
}
