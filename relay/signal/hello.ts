/** The first message on every socket. */
import * as v from "valibot";
import { ClientControl, parseControl } from "../wire/control.ts";
import { WIRE_VERSION } from "../wire/frames.ts";

/** As much of a hello as every version has. */
const AnyHello = v.object({ t: v.literal("hello"), v: v.pipe(v.number(), v.integer()) });

/** The ticket, or why there is none. A hello of another version may look different in everything but its number. */
export function readHello(text: string): { readonly ticket: string } | "version" | "malformed" {
  const message = parseControl(ClientControl, text);
  if (message?.t === "hello" && message.v === WIRE_VERSION) return { ticket: message.ticket };
  const any = parseControl(AnyHello, text);
  return any !== null && any.v !== WIRE_VERSION ? "version" : "malformed";
}
