/**
 * The JSON forms of WebAuthn Level 3 (§5.1.8–5.1.10), as far as they are used here: strict, bounded, and without the
 * extension results. The output of the PRF extension opens a vault, so it has no place in any request.
 */
import * as v from "valibot";

/** Base64url without padding. */
const Base64Url = (most: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(most), v.regex(/^[\w-]+$/));

export const CredentialIdText = Base64Url(1_366);

const Transport = v.picklist(["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"]);
const Attachment = v.picklist(["platform", "cross-platform"]);
const Nothing = v.strictObject({});

const Descriptor = v.strictObject({
  id: CredentialIdText,
  type: v.literal("public-key"),
  transports: v.optional(v.pipe(v.array(Transport), v.maxLength(7))),
});

export const CreationOptions = v.strictObject({
  rp: v.strictObject({ id: v.string(), name: v.string() }),
  user: v.strictObject({ id: Base64Url(86), name: v.string(), displayName: v.string() }),
  challenge: Base64Url(256),
  pubKeyCredParams: v.array(v.strictObject({ type: v.literal("public-key"), alg: v.number() })),
  timeout: v.number(),
  excludeCredentials: v.array(Descriptor),
  authenticatorSelection: v.strictObject({
    residentKey: v.literal("required"),
    requireResidentKey: v.literal(true),
    userVerification: v.literal("required"),
  }),
  attestation: v.literal("none"),
});
export type CreationOptions = v.InferOutput<typeof CreationOptions>;

export const RequestOptions = v.strictObject({
  challenge: Base64Url(256),
  rpId: v.string(),
  timeout: v.number(),
  userVerification: v.literal("required"),
  /** Empty at a sign-in: the relay does not know yet who it will be. */
  allowCredentials: v.array(Descriptor),
});
export type RequestOptions = v.InferOutput<typeof RequestOptions>;

/** What `create` gave. A browser says more (the key once more in SPKI, extension results): the client leaves it out. */
export const RegistrationResponse = v.strictObject({
  id: CredentialIdText,
  rawId: CredentialIdText,
  type: v.literal("public-key"),
  authenticatorAttachment: v.optional(Attachment),
  clientExtensionResults: Nothing,
  response: v.strictObject({
    clientDataJSON: Base64Url(2_048),
    attestationObject: Base64Url(4_096),
    transports: v.optional(v.pipe(v.array(Transport), v.maxLength(7))),
  }),
});
export type RegistrationResponse = v.InferOutput<typeof RegistrationResponse>;

/** What `get` gave. */
export const AuthenticationResponse = v.strictObject({
  id: CredentialIdText,
  rawId: CredentialIdText,
  type: v.literal("public-key"),
  authenticatorAttachment: v.optional(Attachment),
  clientExtensionResults: Nothing,
  response: v.strictObject({
    clientDataJSON: Base64Url(2_048),
    authenticatorData: Base64Url(1_024),
    signature: Base64Url(1_024),
    userHandle: v.optional(Base64Url(86)),
  }),
});
export type AuthenticationResponse = v.InferOutput<typeof AuthenticationResponse>;
