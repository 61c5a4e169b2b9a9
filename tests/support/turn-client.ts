/**
 * A TURN client small enough to read: real sockets, long-term credentials, every answer of the server's checked for its
 * fingerprint and, once it is signed, for its integrity. It can also ask for what a browser never would.
 */
import { randomBytes } from "node:crypto";
import type { TurnCredentials } from "../../turn/credentials.ts";
import {
  type Address,
  ATTRIBUTE,
  type Attribute,
  attribute,
  CLASS,
  decodeStun,
  encodeStun,
  errorCode,
  hasIntegrity,
  longTermKey,
  METHOD,
  type Method,
  readXorAddress,
  type StunMessage,
  uint32,
  xorAddress,
} from "./stun.ts";
import { openWire, type TurnWire, type WireOptions } from "./turn-wire.ts";

const ANSWER_MS = 8_000;
const RESEND_MS = 500;

/** The server's refusal, by its STUN error code: 401, 403, 437, 440, 442, 443, 486 … */
export class TurnRefused extends Error {
  override readonly name = "TurnRefused";
  readonly code: number;

  constructor(code: number) {
    super(`refused with ${code}`);
    this.code = code;
  }
}

export interface TurnClientOptions extends WireOptions {
  readonly credentials: Pick<TurnCredentials, "username" | "credential">;
}

export interface Allocation {
  /** Where peers reach this client. */
  readonly relayed: Address;
  /** The client as the server sees it. */
  readonly mapped: Address;
  readonly lifetime: number;
}

export interface Received {
  /** The peer's address, or the number of the channel it came on. */
  readonly from: Address | number;
  readonly data: Buffer;
}

export interface TurnClient {
  readonly local: Address;
  /** An unsigned request, answered with whatever the server says. */
  ask(method: Method, attributes?: readonly Attribute[]): Promise<StunMessage>;
  /** A signed request. @throws TurnRefused */
  request(method: Method, attributes?: readonly PeerAttribute[]): Promise<StunMessage>;
  /** @param transport IP protocol of the relayed address: 17 UDP, 6 TCP; @param family 1 IPv4, 2 IPv6 */
  allocate(options?: { readonly transport?: number; readonly family?: 1 | 2 }): Promise<Allocation>;
  /** Seconds, as granted. 0 gives the allocation up. */
  refresh(lifetime: number): Promise<number>;
  permit(peer: Address): Promise<void>;
  bindChannel(channel: number, peer: Address): Promise<void>;
  /** A Send indication: no answer, ever. */
  send(peer: Address, data: Buffer): void;
  sendOnChannel(channel: number, data: Buffer): void;
  /** The next data that a peer sent, in order. */
  receive(): Promise<Received>;
  close(): Promise<void>;
}

/** An attribute, or a peer's address, which is masked with the transaction id when the message is made. */
type PeerAttribute = Attribute | { readonly peer: Address };

interface Challenge {
  readonly realm: string;
  readonly nonce: Buffer;
}

export async function connectTurn(options: TurnClientOptions): Promise<TurnClient> {
  return turnClient(await openWire(options), options.credentials);
}

function turnClient(wire: TurnWire, credentials: TurnClientOptions["credentials"]): TurnClient {
  const exchange = exchanges(wire);
  let challenge: Challenge | null = null;

  async function request(method: Method, attributes: readonly PeerAttribute[] = []): Promise<StunMessage> {
    // The first answer is 401 with a nonce; later ones may say 438 when the nonce has aged.
    for (let attempt = 0; attempt < 3; attempt++) {
      const key = challenge && longTermKey(credentials.username, challenge.realm, credentials.credential);
      const response = await exchange.send(method, attributes, signature(challenge, credentials), key);
      const code = errorCode(response);
      if (code === null) {
        if (key === null || !hasIntegrity(response, key)) throw new Error("an answer nobody signed");
        return response;
      }
      const retry = (code === 401 && challenge === null) || code === 438;
      if (!retry) throw new TurnRefused(code);
      challenge = readChallenge(response);
    }
    throw new Error("the server keeps asking for another nonce");
  }

  return {
    local: wire.local,
    ask: (method, attributes = []) => exchange.send(method, attributes, [], null),
    request,
    allocate: async ({ transport = 17, family } = {}) => {
      const wanted = { type: ATTRIBUTE.requestedTransport, value: Buffer.from([transport, 0, 0, 0]) };
      const familyValue = Buffer.from([family ?? 1, 0, 0, 0]);
      const families = family ? [{ type: ATTRIBUTE.requestedAddressFamily, value: familyValue }] : [];
      return readAllocation(await request(METHOD.allocate, [wanted, ...families]));
    },
    refresh: async (lifetime) => {
      const wanted = { type: ATTRIBUTE.lifetime, value: uint32(lifetime) };
      return demand(await request(METHOD.refresh, [wanted]), ATTRIBUTE.lifetime).readUInt32BE(0);
    },
    permit: async (peer) => {
      await request(METHOD.createPermission, [{ peer }]);
    },
    bindChannel: async (channel, peer) => {
      const number = { type: ATTRIBUTE.channelNumber, value: uint32(channel * 0x10000) };
      await request(METHOD.channelBind, [number, { peer }]);
    },
    send: (peer, data) => exchange.indicate(METHOD.send, [{ peer }, { type: ATTRIBUTE.data, value: data }]),
    sendOnChannel: (channel, data) =>
      wire.send(Buffer.concat([uint32(channel * 0x10000 + data.length), data])),
    receive: exchange.receive,
    close: wire.close,
  };
}

function signature(challenge: Challenge | null, { username }: { readonly username: string }): Attribute[] {
  if (challenge === null) return [];
  return [
    { type: ATTRIBUTE.username, value: Buffer.from(username) },
    { type: ATTRIBUTE.realm, value: Buffer.from(challenge.realm) },
    { type: ATTRIBUTE.nonce, value: challenge.nonce },
  ];
}

function readChallenge(response: StunMessage): Challenge {
  const realm = demand(response, ATTRIBUTE.realm).toString();
  return { realm, nonce: demand(response, ATTRIBUTE.nonce) };
}

function readAllocation(response: StunMessage): Allocation {
  const address = (type: number) => readXorAddress(demand(response, type), response.transaction);
  return {
    relayed: address(ATTRIBUTE.xorRelayedAddress),
    mapped: address(ATTRIBUTE.xorMappedAddress),
    lifetime: demand(response, ATTRIBUTE.lifetime).readUInt32BE(0),
  };
}

function demand(message: StunMessage, type: number): Buffer {
  const value = attribute(message, type);
  if (value === null) throw new Error(`the server's answer lacks attribute 0x${type.toString(16)}`);
  return value;
}

/** Matches answers to requests by transaction id, and queues what peers send. */
function exchanges(wire: TurnWire) {
  const waiting = new Map<string, (response: StunMessage) => void>();
  const inbox: Received[] = [];
  const readers: ((received: Received) => void)[] = [];
  let ended = false;
  const deliver = (received: Received) => {
    const reader = readers.shift();
    if (reader) reader(received);
    else inbox.push(received);
  };

  wire.onEnd(() => {
    ended = true;
  });
  wire.onPacket((packet) => {
    if (packet.readUInt8(0) >= 0x40) {
      const bytes = packet.readUInt16BE(2);
      deliver({ from: packet.readUInt16BE(0), data: packet.subarray(4, 4 + bytes) });
      return;
    }
    const message = decodeStun(packet);
    if (message === null) return;
    if (message.type === METHOD.data + CLASS.indication) {
      const from = readXorAddress(demand(message, ATTRIBUTE.xorPeerAddress), message.transaction);
      deliver({ from, data: demand(message, ATTRIBUTE.data) });
      return;
    }
    waiting.get(message.transaction.toString("hex"))?.(message);
  });

  async function send(
    method: Method,
    attributes: readonly PeerAttribute[],
    signed: readonly Attribute[],
    key: Buffer | null,
  ): Promise<StunMessage> {
    const packet = encode(method + CLASS.request, attributes, signed, key);
    const id = packet.subarray(8, 20).toString("hex");
    const { promise, resolve, reject } = Promise.withResolvers<StunMessage>();
    waiting.set(id, resolve);
    const why = () => new Error(ended ? "the server hung up" : `no answer to method ${method}`);
    const limit = setTimeout(() => reject(why()), ANSWER_MS);
    const resend = wire.lossy ? setInterval(() => wire.send(packet), RESEND_MS) : undefined;
    wire.send(packet);
    try {
      return await promise;
    } finally {
      clearTimeout(limit);
      clearInterval(resend);
      waiting.delete(id);
    }
  }

  return {
    send,
    indicate: (method: Method, attributes: readonly PeerAttribute[]) =>
      wire.send(encode(method + CLASS.indication, attributes, [], null)),
    receive: (): Promise<Received> => {
      const next = inbox.shift();
      if (next) return Promise.resolve(next);
      const { promise, resolve } = Promise.withResolvers<Received>();
      readers.push(resolve);
      return promise;
    },
  };
}

function encode(
  type: number,
  attributes: readonly PeerAttribute[],
  signed: readonly Attribute[],
  key: Buffer | null,
): Buffer {
  const transaction = randomBytes(12);
  const plain = attributes.map((each) =>
    "peer" in each ? { type: ATTRIBUTE.xorPeerAddress, value: xorAddress(each.peer, transaction) } : each,
  );
  return encodeStun(type, [...plain, ...signed], key, transaction);
}
