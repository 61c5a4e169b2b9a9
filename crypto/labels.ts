/**
 * Every label of the protocol. A label names one use of one key or hash, so that no output of one use can ever stand
 * in for another. The version is part of each: a second version of the protocol shares no key with this one.
 */
export const LABEL = {
  /** Link secret -> public room id. */
  room: "quietroom v1 room",
  /** Link secret -> what the patient shows the relay. */
  joinToken: "quietroom v1 join token",
  /** Link secret -> Noise psk. */
  psk: "quietroom v1 psk",
  linkChecksum: "quietroom v1 link checksum",

  /** First field of the Noise prologue. */
  prologue: "quietroom v1 prologue",
  /** CPace party identifiers (CI). */
  cpacePatient: "quietroom v1 patient",
  cpaceTherapist: "quietroom v1 therapist",
  /** Noise secret, X-Wing secret, CPace key -> root of epoch 0. */
  root: "quietroom v1 root",
  /** Noise secret -> keys that seal messages 3 and 4 and the refusal. */
  message3: "quietroom v1 message 3",
  message4: "quietroom v1 message 4",
  refusal: "quietroom v1 refusal",
  /** Root -> key confirmation tags. */
  confirmPatient: "quietroom v1 confirm patient",
  confirmTherapist: "quietroom v1 confirm therapist",

  sasCommitment: "quietroom v1 sas commitment",
  sas: "quietroom v1 sas",

  /** Root of an epoch -> envelope key of one direction. */
  envelopeKey: "quietroom v1 envelope key",
  /** First field of an envelope's additional data. */
  envelope: "quietroom v1 envelope",
  /** Checksum of a stored session state. */
  envelopeState: "quietroom v1 envelope state",
  /** Root of an epoch and fresh X25519 -> root of the next. */
  epoch: "quietroom v1 epoch",
  /** Root of an epoch -> SFrame base key of one direction. */
  media: "quietroom v1 media",
  /** SFrame base key of an epoch -> that of one peer connection. */
  call: "quietroom v1 call",

  /** What opens a vault -> seed of its slot's key pair. */
  vaultPrf: "quietroom v1 vault prf",
  vaultPassphrase: "quietroom v1 vault passphrase",
  vaultRecovery: "quietroom v1 vault recovery",
  /** X-Wing secret -> key that seals the vault key to one slot. */
  vaultSlot: "quietroom v1 vault slot",
  /** Vault key -> key that seals the keyring. */
  vaultKeyring: "quietroom v1 vault keyring",
  /** Row-id key -> id of a row; tag of all rows of a kind, on a device only. */
  vaultRowId: "quietroom v1 vault row id",
  vaultKind: "quietroom v1 vault kind",
  /** First field of the additional data of a row, and of its name on a device. */
  vaultRow: "quietroom v1 vault row",
  vaultName: "quietroom v1 vault name",
} as const;

/** Audit key and the key of an auditor's seat -> digits that two auditors compare. Apart: no patient has a use for it. */
export const AUDIT_SEAT = "quietroom v1 audit seat";

export type Label = (typeof LABEL)[keyof typeof LABEL] | typeof AUDIT_SEAT;
