/** Events to append, signed beforehand: signing is the browsers' work, and is not measured. */
import type { Sender } from "../../../relay/audit/judge.ts";
import { id, staffSpeaker } from "../../../tests/support/speaker.ts";

export interface Client {
  readonly sender: Sender;
  readonly texts: readonly string[];
}

export async function makeClients(count: number, events: number): Promise<readonly Client[]> {
  const clients: Client[] = [];
  for (let at = 0; at < count; at++) {
    const account = id();
    const speaker = staffSpeaker(account);
    const texts: string[] = [];
    for (let event = 0; event < events; event++) texts.push(await speaker.say());
    clients.push({ sender: { signer: "staff", account }, texts });
  }
  return clients;
}
