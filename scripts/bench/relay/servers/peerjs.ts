/** PeerJS server as its README starts it, with room for all the connections of the bench. */
import { PeerServer } from "peer";
import { listening } from "./listen.ts";

PeerServer({ host: "127.0.0.1", port: 0, concurrent_limit: 20_000 }, listening);
