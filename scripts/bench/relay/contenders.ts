/** Who is measured. */
import { join } from "node:path";
import type { RelayOptions } from "../../../tests/support/relay.ts";
import type { Place as RelayPlace } from "../../../tests/support/relay-client.ts";
import { speakPeerjs } from "./speech/peerjs.ts";
import { speakQuietroom } from "./speech/quietroom.ts";
import { speakSocketIo } from "./speech/socket-io.ts";
import type { Speech } from "./speech/speech.ts";
import { speakWs } from "./speech/ws.ts";
import { speakYWebrtc } from "./speech/y-webrtc.ts";

export interface Contender {
  readonly name: string;
  /** Absolute path of the server's program. */
  readonly file: string;
  /** @param folder for what it stores; empty */
  args(folder: string): readonly string[];
  speak(server: RelayPlace & { readonly setupToken: string }): Speech | Promise<Speech>;
}

const server = (file: string) => join(import.meta.dirname, "servers", file);

const MANY = { points: 1_000_000, seconds: 60 };
const PATIENT_MS = 120_000;
const FAST = { burst: 1e9, perSecond: 1e9 };
/**
 * Every guest comes from one address and has one desk, on a machine that is made busy: the bounds that this meets are
 * raised, the others stay.
 */
const RAISED: RelayOptions["limits"] = {
  requestHeadMs: PATIENT_MS,
  requestMs: PATIENT_MS,
  helloTimeoutMs: PATIENT_MS,
  sockets: 20_000,
  socketsPerAddress: 20_000,
  upgradesPerAddress: MANY,
  requestsPerAddress: MANY,
  joinsPerAddress: MANY,
  waitingPerDesk: 20_000,
  waitingPerAddress: 20_000,
  knocksPerInvite: { single: 5, reusable: 20_000 },
  hostFlow: { frames: FAST, bytes: FAST },
  guestFlow: { frames: FAST, bytes: FAST },
};

export const QUIETROOM = "quietroom";
export const BARE = "bare ws";

export const CONTENDERS: readonly Contender[] = [
  {
    name: QUIETROOM,
    file: server("quietroom.ts"),
    args: (dataDir) => [JSON.stringify({ dataDir, limits: RAISED } satisfies RelayOptions)],
    speak: speakQuietroom,
  },
  { name: BARE, file: server("ws.ts"), args: () => [], speak: speakWs },
  { name: "PeerJS", file: server("peerjs.ts"), args: () => [], speak: speakPeerjs },
  { name: "socket.io", file: server("socket-io.ts"), args: () => [], speak: speakSocketIo },
  { name: "y-webrtc", file: server("y-webrtc.ts"), args: () => [], speak: speakYWebrtc },
];
