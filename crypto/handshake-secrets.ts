/**
 * The two secrets that join Noise's in the root: X-Wing's (so that traffic recorded today stays closed to a quantum
 * computer) and, where the invite has a passcode, CPace's. Both sides.
 */
import { type CpaceKey, type KemSecret, kemSecret } from "./brands.ts";
import { adopt, type Bytes } from "./bytes.ts";
import { type CpaceSecret, cpaceFinish, cpaceStart, NO_AD, passcodeBytes, passcodeInputs } from "./cpace.ts";
import { CryptoError } from "./errors.ts";
import {
  KEM_ENCAPSULATION_SEED_BYTES,
  KEM_SEED_BYTES,
  type Payload1,
  type Payload2,
} from "./handshake-payload.ts";
import type { Invite } from "./invite.ts";
import { isSumo, type KeyPair, type Random, type Sodium, type SodiumSumo } from "./sodium.ts";

/** A passcode together with the build that can work with it. */
export interface Passcode {
  readonly sodium: SodiumSumo;
  readonly bytes: Bytes;
}

/**
 * `null` for an invite without a passcode.
 * @throws CryptoError PASSCODE-MISMATCH when the invite asks for one and none was given, or the other way round;
 *   ARGUMENT-INVALID when `sodium` is not the sumo build, or for a passcode of no or too many characters
 */
export function passcodeOf(sodium: Sodium, invite: Invite, text: string | undefined): Passcode | null {
  if (invite.passcode !== (text !== undefined)) throw new CryptoError("PASSCODE-MISMATCH");
  if (text === undefined) return null;
  return { sodium: withCpace(sodium), bytes: passcodeBytes(text) };
}

function withCpace(sodium: Sodium): SodiumSumo {
  if (!isSumo(sodium)) throw new CryptoError("ARGUMENT-INVALID", "a passcode needs the sumo build");
  return sodium;
}

function startCpace(passcode: Passcode, random: Random, invite: Invite, sid: Bytes): CpaceSecret {
  const inputs = passcodeInputs(invite.secret, passcode.bytes, sid);
  const started = cpaceStart(passcode.sodium, random, inputs);
  passcode.sodium.memzero(inputs.prs);
  return started;
}

/** The patient's, between messages 1 and 2. */
export interface OfferSecrets {
  readonly kem: KeyPair;
  readonly cpace: CpaceSecret | null;
}

/** Both secrets, agreed. */
export interface Agreed {
  readonly kem: KemSecret;
  readonly cpace: CpaceKey | null;
}

/** Uses 64 (with a passcode only) and 32 bytes of `random`. @param sid the patient's Noise ephemeral public key */
export function newOffer(
  sodium: Sodium,
  random: Random,
  invite: Invite,
  passcode: Passcode | null,
  sid: Bytes,
): OfferSecrets {
  const cpace = passcode === null ? null : startCpace(passcode, random, invite, sid);
  const seed = random(KEM_SEED_BYTES);
  const kem = sodium.crypto_kem_xwing_seed_keypair(seed);
  sodium.memzero(seed);
  return { kem, cpace };
}

export function wipeOffer(sodium: Sodium, { kem, cpace }: OfferSecrets): void {
  sodium.memzero(kem.privateKey);
  if (cpace !== null) sodium.memzero(cpace.scalar);
}

/** The patient's end: `mine` is left as it was. @throws CryptoError POINT-INVALID */
export function acceptAnswer(sodium: Sodium, mine: OfferSecrets, sid: Bytes, answer: Payload2): Agreed {
  const { share } = answer;
  const cpace =
    mine.cpace === null || share === null
      ? null
      : cpaceFinish(withCpace(sodium), sid, mine.cpace.scalar, share, {
          initiator: { share: mine.cpace.share, ad: NO_AD },
          responder: { share, ad: NO_AD },
        });
  return { kem: kemSecret(sodium.crypto_kem_xwing_dec(answer.kemCiphertext, mine.kem.privateKey)), cpace };
}

/**
 * The therapist's end, in one step. Uses 64 (with a passcode only) and 64 bytes of `random`.
 * @throws CryptoError POINT-INVALID
 */
export function answerOffer(
  sodium: Sodium,
  random: Random,
  invite: Invite,
  passcode: Passcode | null,
  sid: Bytes,
  offer: Payload1,
): { readonly agreed: Agreed; readonly kemCiphertext: Bytes; readonly share: Bytes | null } {
  const theirs = offer.share;
  const cpace =
    passcode === null || theirs === null ? null : answerCpace(random, invite, passcode, sid, theirs);
  const key = cpace?.key ?? null;
  try {
    const { ciphertext, secret } = encapsulate(sodium, random, offer.kemPublicKey);
    return { agreed: { kem: secret, cpace: key }, kemCiphertext: ciphertext, share: cpace?.share ?? null };
  } catch (error) {
    if (key !== null) sodium.memzero(key);
    throw error;
  }
}

function answerCpace(
  random: Random,
  invite: Invite,
  passcode: Passcode,
  sid: Bytes,
  theirs: Bytes,
): { readonly share: Bytes; readonly key: CpaceKey } {
  const { sodium } = passcode;
  const { scalar, share } = startCpace(passcode, random, invite, sid);
  try {
    const shares = { initiator: { share: theirs, ad: NO_AD }, responder: { share, ad: NO_AD } };
    return { share, key: cpaceFinish(sodium, sid, scalar, theirs, shares) };
  } finally {
    sodium.memzero(scalar);
  }
}

function encapsulate(
  sodium: Sodium,
  random: Random,
  publicKey: Bytes,
): { readonly ciphertext: Bytes; readonly secret: KemSecret } {
  const seed = random(KEM_ENCAPSULATION_SEED_BYTES);
  try {
    const { ciphertext, sharedSecret } = sodium.crypto_kem_xwing_enc_deterministic(publicKey, seed);
    return { ciphertext: adopt(ciphertext), secret: kemSecret(sharedSecret) };
  } catch {
    throw new CryptoError("POINT-INVALID");
  } finally {
    sodium.memzero(seed);
  }
}
