/**
 * Firefox's older remote protocol, for what WebDriver BiDi cannot do. Firefox speaks both at once about the same
 * windows. One message is its length in decimal, a colon and JSON:
 *
 *   ->  [0, id, command, parameters]
 *   <-  [1, id, error or null, { "value": … }]
 */
import { once } from "node:events";
import { createConnection } from "node:net";
import * as v from "valibot";

const Answer = v.tuple([
  v.literal(1),
  v.number(),
  v.nullable(v.looseObject({ message: v.string() })),
  v.unknown(),
]);
const COLON = 0x3a;

export interface Marionette {
  /** @throws Error with what Firefox says is wrong */
  send(command: string, parameters: object): Promise<unknown>;
}

/** The connection keeps no process running, and ends with the browser. */
export async function connectMarionette(port: number): Promise<Marionette> {
  const socket = createConnection({ host: "127.0.0.1", port });
  await once(socket, "connect");
  socket.unref();
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const failAll = () => {
    for (const each of waiting.values()) each.reject(new Error("Firefox closed the connection"));
    waiting.clear();
  };
  socket.on("error", failAll);
  socket.on("close", failAll);
  const next = splitter();
  socket.on("data", (chunk: Buffer) => {
    for (const message of next(chunk)) {
      const answer = v.safeParse(Answer, message);
      // The first message is a greeting.
      if (!answer.success) continue;
      const [, id, error, result] = answer.output;
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error === null) asked?.resolve(result);
      else asked?.reject(new Error(error.message));
    }
  });
  let sent = 0;
  return {
    send(command, parameters) {
      const asked = Promise.withResolvers<unknown>();
      waiting.set(++sent, asked);
      const text = JSON.stringify([0, sent, command, parameters]);
      socket.write(`${Buffer.byteLength(text)}:${text}`);
      return asked.promise;
    },
  };
}

/** @returns a function from the next bytes to the messages that they complete */
function splitter(): (chunk: Buffer) => unknown[] {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const messages: unknown[] = [];
    for (;;) {
      const start = rest.indexOf(COLON) + 1;
      const end = start + Number(rest.subarray(0, Math.max(0, start - 1)));
      if (start === 0 || rest.length < end) return messages;
      messages.push(JSON.parse(rest.subarray(start, end).toString()));
      rest = rest.subarray(end);
    }
  };
}
