/**
 * The TCP connections, from the moment they are accepted: how many there may be, and what makes the relay cut one
 * before any code of a capability has seen a request. A stranger who has asked for nothing can take a place, but
 * never keep it from somebody who asks.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Limits } from "../limits.ts";
import { createTally } from "../tally.ts";
import { peerKey } from "./address.ts";
import { type CutReason, FAULTS, type HttpCounters } from "./counters.ts";

export interface ConnectionsDependencies {
  readonly limits: Limits;
  readonly counters: HttpCounters;
  /** Whether connections are counted against the address they come from. */
  readonly perAddress: boolean;
}

export interface Connections {
  accepted(socket: Socket): void;
  /** A request's head is here. False: the connection was cut, and the request is not to be answered. */
  asked(request: IncomingMessage, response: ServerResponse): boolean;
  /** An upgrade's head is here: from now on the signalling counts this connection. False: it was cut. */
  upgraded(request: IncomingMessage): boolean;
  /** It was silent for as long as it may be. */
  silent(socket: Socket): void;
  /** Answers with the status, where nothing of an answer was sent yet, and cuts. */
  cut(socket: Socket, reason: CutReason, status: number): void;
  /** Addresses start anew with their faults. */
  forgive(): void;
}

export function createConnections(dependencies: ConnectionsDependencies): Connections {
  const { limits, counters, perAddress } = dependencies;
  /** Each with the key of its address; the one that asked for something last is the last. */
  const open = new Map<Socket, string>();
  const addresses = createTally();
  const faults = createTally();
  const answers = new WeakMap<Socket, ServerResponse>();

  function forget(socket: Socket): void {
    const address = open.get(socket);
    if (address === undefined) return;
    open.delete(socket);
    addresses.remove(address);
  }

  // One function for all of them, and gone with the upgrade: thousands of sockets stay open for hours.
  function forgetThis(this: Socket): void {
    forget(this);
  }

  function makeRoom(): void {
    const [longestSilent] = open.keys();
    if (open.size < limits.httpConnections || longestSilent === undefined) return;
    forget(longestSilent);
    drop(longestSilent, "crowded-out");
  }

  function isAnswering(socket: Socket): boolean {
    const response = answers.get(socket);
    return response !== undefined && !response.writableFinished;
  }

  function drop(socket: Socket, reason: CutReason): void {
    if (socket.destroyed) return;
    counters.cut[reason]++;
    if (FAULTS.has(reason)) faults.add(peerKey(socket));
    socket.destroy();
  }

  /** Why this address may have no further connection. */
  function refusal(address: string): CutReason | null {
    if (!perAddress) return null;
    if (faults.of(address) >= limits.faultsPerAddress.points) return "address-faults";
    return addresses.of(address) >= limits.httpPerAddress ? "address-full" : null;
  }

  function cut(socket: Socket, reason: CutReason, status: number): void {
    const begun = isAnswering(socket) && answers.get(socket)?.headersSent;
    if (socket.writable && !begun)
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
    drop(socket, reason);
  }

  /** What Node's parser lets pass and no client of ours sends. */
  function isWellFormed({ headers, method }: IncomingMessage): boolean {
    return headers.host !== undefined && method !== "PRI" && method !== "CONNECT";
  }

  return {
    accepted(socket) {
      const address = peerKey(socket);
      const refused = refusal(address);
      if (refused !== null) {
        drop(socket, refused);
        return;
      }
      makeRoom();
      open.set(socket, address);
      addresses.add(address);
      socket.once("close", forgetThis);
    },

    asked(request, response) {
      const { socket } = request;
      // What follows in the bytes that were read together with whatever it was cut for.
      if (socket.destroyed) return false;
      if (isAnswering(socket)) {
        drop(socket, "pipelined");
        return false;
      }
      if (!isWellFormed(request)) {
        cut(socket, "malformed", 400);
        return false;
      }
      if (request.rawHeaders.length > 2 * limits.headers) {
        cut(socket, "head-too-large", 431);
        return false;
      }
      answers.set(socket, response);
      const address = open.get(socket);
      if (address !== undefined) {
        // Set anew, so that it moves to the end.
        open.delete(socket);
        open.set(socket, address);
      }
      return true;
    },

    upgraded({ socket }) {
      if (socket.destroyed) return false;
      if (isAnswering(socket)) {
        drop(socket, "pipelined");
        return false;
      }
      forget(socket);
      socket.removeListener("close", forgetThis);
      return true;
    },

    silent(socket) {
      if (!isAnswering(socket)) {
        // Between two requests that is no more than the end of keep-alive.
        socket.destroy();
      } else if (answers.get(socket)?.req.complete) {
        drop(socket, "stalled");
      } else {
        cut(socket, "too-slow", 408);
      }
    },

    cut,
    forgive: faults.clear,
  };
}
