/**
 * An authenticator in software with the browser in front of it: discoverable credentials, user verification, a counter,
 * attestation "none" (WebAuthn Level 3 §6). It can be told to misbehave.
 */
import { createHash, randomBytes } from "node:crypto";
import type {
  AuthenticationResponse,
  CreationOptions,
  RegistrationResponse,
  RequestOptions,
} from "../../relay/wire/webauthn.ts";
import { type Algorithm, COSE, type CoseKey, makeKey } from "./cose-keys.ts";

/** What an answer says instead of the truth. */
export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
}

export interface Authenticator {
  /** `navigator.credentials.create` of a page with this origin. */
  create(options: CreationOptions, origin: string, lies?: Lies): RegistrationResponse;
  /** `navigator.credentials.get`. Without a list of allowed ones the newest credential answers. */
  get(options: RequestOptions, origin: string, lies?: Lies): AuthenticationResponse;
  /** Ids of its credentials, oldest first. */
  credentials(): readonly string[];
}

interface Credential {
  readonly id: Buffer;
  readonly key: CoseKey;
  readonly userHandle: string;
  counter: number;
}

const FLAG = { present: 0x01, verified: 0x04, eligible: 0x08, backedUp: 0x10, attested: 0x40 };

/** WebAuthn §5.1.3: what a page means that lists no algorithm. */
const UNLISTED = [COSE.ES256, COSE.RS256];

export interface AuthenticatorOptions {
  readonly synced?: boolean;
  /** The only one that it has. */
  readonly algorithm?: Algorithm;
}

export function createAuthenticator(options: AuthenticatorOptions = {}): Authenticator {
  const { synced = false, algorithm = "ES256" } = options;
  const credentials: Credential[] = [];

  function authenticatorData(rpId: string, counter: number, lies: Lies, attested?: Buffer): Buffer {
    const { userPresent = true, userVerified = true } = lies;
    const flags =
      (userPresent ? FLAG.present : 0) |
      (userVerified ? FLAG.verified : 0) |
      (synced ? FLAG.eligible | FLAG.backedUp : 0) |
      (attested ? FLAG.attested : 0);
    const tail = Buffer.alloc(5);
    tail.writeUInt8(flags, 0);
    tail.writeUInt32BE(lies.counter ?? counter, 1);
    return Buffer.concat([sha256(lies.rpId ?? rpId), tail, attested ?? Buffer.alloc(0)]);
  }

  return {
    create(options, origin, lies = {}) {
      const listed = options.pubKeyCredParams.map(({ alg }) => alg);
      if (!(listed.length === 0 ? UNLISTED : listed).includes(COSE[algorithm]))
        throw new Error("NotSupportedError: none of these algorithms");
      const key = makeKey(algorithm);
      const id = randomBytes(32);
      credentials.push({ id, key, userHandle: options.user.id, counter: 0 });
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, key.publicKey]);
      const data = authenticatorData(options.rp.id, 0, lies, attested);
      const client = clientData("webauthn.create", options.challenge, origin, lies);
      return {
        id: id.toString("base64url"),
        rawId: id.toString("base64url"),
        type: "public-key",
        authenticatorAttachment: "platform",
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString("base64url"),
          attestationObject: attestationObject(data).toString("base64url"),
          transports: ["internal", "hybrid"],
        },
      };
    },

    get(options, origin, lies = {}) {
      const allowed = options.allowCredentials.map(({ id }) => id);
      const credential = credentials
        .filter(({ id }) => allowed.length === 0 || allowed.includes(id.toString("base64url")))
        .at(-1);
      if (!credential) throw new Error("NotAllowedError: no such credential here");
      credential.counter++;
      const data = authenticatorData(options.rpId, credential.counter, lies);
      const client = clientData("webauthn.get", options.challenge, origin, lies);
      const signature = credential.key.sign(Buffer.concat([data, sha256(client)]));
      return {
        id: credential.id.toString("base64url"),
        rawId: credential.id.toString("base64url"),
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString("base64url"),
          authenticatorData: data.toString("base64url"),
          signature: signature.toString("base64url"),
          userHandle: lies.userHandle ?? credential.userHandle,
        },
      };
    },

    credentials: () => credentials.map(({ id }) => id.toString("base64url")),
  };
}

function clientData(type: string, challenge: string, origin: string, lies: Lies): Buffer {
  return Buffer.from(
    JSON.stringify({
      type: lies.type ?? type,
      challenge: lies.challenge ?? challenge,
      origin: lies.origin ?? origin,
      crossOrigin: lies.crossOrigin ?? false,
    }),
  );
}

function sha256(data: string | Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}

/** CBOR of { fmt: "none", attStmt: {}, authData }. */
function attestationObject(data: Buffer): Buffer {
  const length = Buffer.alloc(3);
  length.writeUInt8(0x59, 0);
  length.writeUInt16BE(data.length, 1);
  return Buffer.concat([
    Buffer.from([0xa3]),
    text("fmt"),
    text("none"),
    text("attStmt"),
    Buffer.from([0xa0]),
    text("authData"),
    length,
    data,
  ]);
}

/** A CBOR text of less than 24 bytes. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);
}
