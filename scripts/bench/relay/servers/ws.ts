/**
 * The least that can be called a relay: every socket has a number, from its path, and a frame's first two bytes say who
 * gets it. No limits, no names, no heartbeat.
 */
import { createServer } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { listen } from "./listen.ts";

const sockets = new Map<number, WebSocket>();
const http = createServer();
new WebSocketServer({ server: http, perMessageDeflate: false }).on("connection", (socket, { url }) => {
  const number = Number(url?.slice(1));
  sockets.set(number, socket);
  socket.on("message", (data: Buffer, isBinary) => {
    sockets.get(data.readUInt16BE())?.send(data, { binary: isBinary });
  });
  socket.on("close", () => sockets.delete(number));
});
listen(http);
