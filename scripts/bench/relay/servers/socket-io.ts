/** A signalling server on socket.io as its guides write one: everybody in a room of their own name. */
import { createServer } from "node:http";
import { Server } from "socket.io";
import { listen } from "./listen.ts";

const http = createServer();
new Server(http, { transports: ["websocket"], serveClient: false }).on("connection", (socket) => {
  socket.on("join", (name: string, joined: () => void) => {
    socket.join(name);
    joined();
  });
  socket.on("signal", (to: string, text: string) => socket.to(to).emit("signal", text));
});
listen(http);
