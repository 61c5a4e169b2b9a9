/**
 * Passkeys. Each ceremony also evaluates the PRF extension on one constant input, whose output opens the vault and never
 * leaves this browser: it is taken out of the answer before anybody else sees that.
 */
import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  WebAuthnError,
} from "@simplewebauthn/browser";
import { adopt, type Bytes, toBase64Url, utf8 } from "../../crypto/bytes.ts";
import type {
  AuthenticationResponse,
  CreationOptions,
  RegistrationResponse,
  RequestOptions,
} from "../../relay/wire/webauthn.ts";

export type PasskeyErrorCode = "PASSKEY-CANCELLED" | "PASSKEY-EXISTS" | "PASSKEY-UNSUPPORTED";

export class PasskeyError extends Error {
  override readonly name = "PasskeyError";
  readonly code: PasskeyErrorCode;

  constructor(code: PasskeyErrorCode) {
    super(code);
    this.code = code;
  }
}

/** The same for every passkey and person: the passkey's own secret makes the output unlike any other. */
const PRF_LABEL = "quietroom v1 passkey prf";
const PRF_BYTES = 32;
const TIMEOUT_MS = 120_000;

export interface Touched<Response> {
  /** For the relay. */
  readonly response: Response;
  /** For the vault; null where the authenticator has no PRF. Whoever takes it wipes it. */
  readonly prf: Bytes | null;
}

/** Every method rejects with PasskeyError. */
export interface Passkeys {
  /** Makes one. Some authenticators give the PRF's output only when they are asked a second time. */
  create(options: CreationOptions): Promise<Touched<RegistrationResponse>>;
  get(options: RequestOptions): Promise<Touched<AuthenticationResponse>>;
}

export function browserPasskeys(): Passkeys {
  return {
    async create(options) {
      const excludeCredentials = described(options.excludeCredentials);
      const made = await guarded(async () =>
        startRegistration({
          optionsJSON: { ...options, excludeCredentials, extensions: await prfInput() },
        }),
      );
      const { prf, enabled } = prfOf(made.clientExtensionResults);
      const response = registrationOf(made);
      if (prf !== null || !enabled) return { response, prf };
      return { response, prf: await evaluate(options.rp.id, made.id, response.response.transports) };
    },
    async get(options) {
      const got = await asked(options);
      return { response: authenticationOf(got), prf: prfOf(got.clientExtensionResults).prf };
    },
  };
}

function asked(options: RequestOptions): Promise<Got> {
  const allowCredentials = described(options.allowCredentials);
  return guarded(async () =>
    startAuthentication({ optionsJSON: { ...options, allowCredentials, extensions: await prfInput() } }),
  );
}

type Descriptor = RequestOptions["allowCredentials"][number];

/** As the package's types want them: a list that is missing, not one that is `undefined`. */
function described(descriptors: readonly Descriptor[]) {
  return descriptors.map(({ id, type, transports }) =>
    transports === undefined ? { id, type } : { id, type, transports },
  );
}

/** Nobody checks this signature, so its challenge is nobody's. She may refuse: then it is as if there were no PRF. */
async function evaluate(
  rpId: string,
  id: string,
  transports: RegistrationResponse["response"]["transports"],
): Promise<Bytes | null> {
  const options: RequestOptions = {
    challenge: toBase64Url(crypto.getRandomValues(new Uint8Array(32))),
    rpId,
    timeout: TIMEOUT_MS,
    userVerification: "required",
    allowCredentials: [{ id, type: "public-key", ...(transports === undefined ? {} : { transports }) }],
  };
  try {
    return prfOf((await asked(options)).clientExtensionResults).prf;
  } catch {
    return null;
  }
}

// ---- the extension ---------------------------------------------------------------------------------------------

async function prfInput(): Promise<AuthenticationExtensionsClientInputs> {
  return { prf: { eval: { first: await crypto.subtle.digest("SHA-256", utf8(PRF_LABEL)) } } };
}

/** The output as a copy of ours; what the browser holds of it is wiped. */
function prfOf(results: unknown): { readonly prf: Bytes | null; readonly enabled: boolean } {
  const said = field(results, "prf");
  const first = field(field(said, "results"), "first");
  const bytes =
    first instanceof ArrayBuffer
      ? new Uint8Array(first)
      : ArrayBuffer.isView(first)
        ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength)
        : null;
  const prf = bytes?.length === PRF_BYTES ? adopt(bytes.slice()) : null;
  bytes?.fill(0);
  return { prf, enabled: field(said, "enabled") === true };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

// ---- what is sent ----------------------------------------------------------------------------------------------

type Made = Awaited<ReturnType<typeof startRegistration>>;
type Got = Awaited<ReturnType<typeof startAuthentication>>;
type Transport = NonNullable<RegistrationResponse["response"]["transports"]>[number];

const TRANSPORTS: readonly Transport[] = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"];

function registrationOf({ id, rawId, response, authenticatorAttachment }: Made): RegistrationResponse {
  const { clientDataJSON, attestationObject } = response;
  // Browsers may know of transports that the contract does not: the relay needs none of them.
  const transports = TRANSPORTS.filter((known) => response.transports?.includes(known));
  return {
    id,
    rawId,
    type: "public-key",
    ...(authenticatorAttachment === undefined ? {} : { authenticatorAttachment }),
    clientExtensionResults: {},
    response: { clientDataJSON, attestationObject, ...(transports.length === 0 ? {} : { transports }) },
  };
}

function authenticationOf({ id, rawId, response, authenticatorAttachment }: Got): AuthenticationResponse {
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  return {
    id,
    rawId,
    type: "public-key",
    ...(authenticatorAttachment === undefined ? {} : { authenticatorAttachment }),
    clientExtensionResults: {},
    response: {
      clientDataJSON,
      authenticatorData,
      signature,
      ...(userHandle === undefined || userHandle === "" ? {} : { userHandle }),
    },
  };
}

// ---- refusals --------------------------------------------------------------------------------------------------

async function guarded<T>(ceremony: () => Promise<T>): Promise<T> {
  if (!browserSupportsWebAuthn()) throw new PasskeyError("PASSKEY-UNSUPPORTED");
  try {
    return await ceremony();
  } catch (error) {
    throw new PasskeyError(codeOf(error));
  }
}

/** Browsers tell a page little on purpose: what is not one of these, they call "not allowed". */
function codeOf(error: unknown): PasskeyErrorCode {
  if (!(error instanceof WebAuthnError)) return "PASSKEY-CANCELLED";
  switch (error.code) {
    case "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED":
      return "PASSKEY-EXISTS";
    case "ERROR_AUTHENTICATOR_MISSING_DISCOVERABLE_CREDENTIAL_SUPPORT":
    case "ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT":
    case "ERROR_AUTHENTICATOR_NO_SUPPORTED_PUBKEYCREDPARAMS_ALG":
      return "PASSKEY-UNSUPPORTED";
    default:
      return "PASSKEY-CANCELLED";
  }
}
