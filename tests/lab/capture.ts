/** tcpdump on a cable of the lab. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Packet, packetsIn } from "../support/pcap.ts";
import { tool } from "./tools.ts";

export interface Captured {
  /** Ends it. Resolves to every UDP packet since `capture` resolved, oldest first. */
  stop(): Promise<readonly Packet[]>;
}

/** @param device the router's end of the cable */
export async function capture(device: string): Promise<Captured> {
  const child = spawn(
    tool("tcpdump"),
    ["-i", device, "--immediate-mode", "-U", "-n", "-Z", "root", "-B", "8192", "-w", "-", "udp"],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  // "listening on …" comes when the first packet would be seen.
  await once(child.stderr, "data");
  child.stderr.resume();
  return {
    async stop() {
      child.kill("SIGTERM");
      await once(child, "close");
      return packetsIn(Buffer.concat(chunks));
    },
  };
}
