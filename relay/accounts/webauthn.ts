/**
 * The relying party: what is asked of an authenticator, and whether its answer holds. @simplewebauthn/server verifies;
 * what it leaves open is decided here: user verification always, no attestation, never from within another page.
 */
import { generateKeyPairSync } from "node:crypto";
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import type {
  AuthenticationResponse,
  CreationOptions,
  RegistrationResponse,
  RequestOptions,
} from "../wire/webauthn.ts";
import { CHALLENGE_MS } from "./challenges.ts";
import type { PasskeyRow } from "./store.ts";

/** Ed25519, ES256, RS256: what authenticators have, the shortest first. COSE's numbers. */
const ALGORITHMS = [-8, -7, -257];

/** Redeems the challenge that the browser says it was given. */
export type Redeem = (challenge: string) => Promise<boolean>;

export interface Registered {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly synced: boolean;
}

export interface Touched {
  readonly counter: number;
  readonly synced: boolean;
}

export interface RelyingPartyDependencies {
  /** The host name that passkeys are bound to. */
  readonly id: string;
  readonly origins: ReadonlySet<string>;
}

export interface RelyingParty {
  creation(
    challenge: Uint8Array,
    user: { readonly id: string; readonly name: string },
    known: readonly PasskeyRow[],
  ): CreationOptions;
  request(challenge: Uint8Array, allowed: readonly PasskeyRow[]): RequestOptions;
  /** What a new passkey is, or null when the answer is not one to take. Never throws. */
  register(response: RegistrationResponse, redeem: Redeem): Promise<Registered | null>;
  /** What the touch says, or null. A passkey that does not exist takes as long as one that does. Never throws. */
  verify(
    response: AuthenticationResponse,
    passkey: PasskeyRow | null,
    redeem: Redeem,
  ): Promise<Touched | null>;
}

export function createRelyingParty({ id: rpId, origins }: RelyingPartyDependencies): RelyingParty {
  const expected = { expectedOrigin: [...origins], expectedRPID: rpId, requireUserVerification: true };
  const nobodysKey = unknownKey();

  return {
    creation: (challenge, user, known) => ({
      rp: { id: rpId, name: "Quietroom" },
      user: { id: user.id, name: user.name, displayName: user.name },
      challenge: toText(challenge),
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
      timeout: CHALLENGE_MS,
      excludeCredentials: known.map(descriptor),
      authenticatorSelection: {
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
      attestation: "none",
    }),

    request: (challenge, allowed) => ({
      challenge: toText(challenge),
      rpId,
      timeout: CHALLENGE_MS,
      userVerification: "required",
      allowCredentials: allowed.map(descriptor),
    }),

    async register(response, redeem) {
      if (isFramed(response.response.clientDataJSON)) return null;
      const { transports = [], ...rest } = response.response;
      const verified = await verifyRegistrationResponse({
        ...expected,
        response: { ...withoutUndefined(response), response: { ...rest, transports } },
        expectedChallenge: redeem,
        supportedAlgorithmIDs: ALGORITHMS,
      }).catch(refused);
      const info = verified?.registrationInfo;
      if (info?.fmt !== "none" || info.credential.id !== response.id) return null;
      const { id, publicKey, counter } = info.credential;
      return { id, publicKey, counter, transports, synced: info.credentialBackedUp };
    },

    async verify(response, passkey, redeem) {
      if (isFramed(response.response.clientDataJSON)) return null;
      // Whoever has the passkey was told whose it is when it was made.
      const { userHandle, ...rest } = response.response;
      const itsOwn = userHandle === undefined || userHandle === passkey?.account;
      const verified = await verifyAuthenticationResponse({
        ...expected,
        response: { ...withoutUndefined(response), response: rest },
        expectedChallenge: redeem,
        credential: {
          id: response.id,
          publicKey: new Uint8Array(passkey?.publicKey ?? nobodysKey),
          counter: passkey?.counter ?? 0,
        },
      }).catch(refused);
      if (!verified?.verified || passkey === null || !itsOwn) return null;
      const { newCounter, credentialBackedUp } = verified.authenticationInfo;
      return { counter: newCounter, synced: credentialBackedUp };
    },
  };
}

type Transport = NonNullable<RequestOptions["allowCredentials"][number]["transports"]>[number];
const TRANSPORTS: readonly Transport[] = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"];

function descriptor({ id, transports }: PasskeyRow): RequestOptions["allowCredentials"][number] {
  return { id, type: "public-key", transports: TRANSPORTS.filter((known) => transports.includes(known)) };
}

/** The library throws for everything that it does not take, and what it says may quote what a browser sent. */
const refused = () => null;

/** Made inside a frame of another page: the library takes it where the browser does not say whose. */
function isFramed(clientDataJSON: string): boolean {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString());
    return typeof data === "object" && data !== null && "crossOrigin" in data && data.crossOrigin === true;
  } catch {
    return true;
  }
}

function withoutUndefined<T extends { readonly authenticatorAttachment?: unknown }>({
  authenticatorAttachment: _said,
  ...rest
}: T): Omit<T, "authenticatorAttachment"> {
  return rest;
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** A public key whose private one is forgotten, as COSE: { 1: 2, 3: -7, -1: 1, -2: x, -3: y } (RFC 9053 §7.1.1). */
function unknownKey(): Uint8Array {
  const { x = "", y = "" } = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
    format: "jwk",
  });
  const head = Buffer.from("a5010203262001215820", "hex");
  const bytes = (text: string) => Buffer.from(text, "base64url");
  return Buffer.concat([head, bytes(x), Buffer.from("225820", "hex"), bytes(y)]);
}
