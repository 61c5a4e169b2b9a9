/** An upgrade request made by hand, to see how it is answered. */
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { SOCKET_PATH } from "../../../relay/wire/frames.ts";
import type { Place } from "../../support/relay-client.ts";

export interface UpgradeAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
}

export function askForUpgrade(
  place: Place,
  headers: Readonly<Record<string, string>>,
  path: string = SOCKET_PATH,
): Promise<UpgradeAnswer> {
  return new Promise((resolve, reject) => {
    const asking: ClientRequest = request({
      host: "127.0.0.1",
      port: place.port,
      path,
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ...headers,
      },
    });
    asking.on("error", reject);
    asking.on("response", (response) => {
      response.resume();
      resolve({ status: response.statusCode, headers: response.headers });
    });
    asking.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode, headers: response.headers });
    });
    asking.end();
  });
}
