/**
 * The way to a program that listens on loopback in a namespace: `door.ts PORT SOCKET`, run in there, passes on what
 * comes through a socket in the file system, which namespaces of networks share.
 */
import { createConnection, createServer } from "node:net";
import { pipeline } from "node:stream";

const [, , port, path] = process.argv;
createServer((outside) => {
  const inside = createConnection({ host: "127.0.0.1", port: Number(port) });
  pipeline(outside, inside, () => {});
  pipeline(inside, outside, () => {});
}).listen(path, () => console.log("open"));
