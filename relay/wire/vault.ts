/**
 * The sealed copy of a person's vault. The relay cannot tell what a row is, only how long it is and how often it
 * changed: ids are derived under the vault's key, and values are sealed (crypto/README.md "Vault").
 *
 *   GET  /api/vault/keys              -> VaultKeys        version 0 and null before the first; null after `forget`
 *   POST /api/vault/keys  NewKeys     -> KeysStored       fresh; 409 VAULT-CONFLICT unless `base` is the stored version
 *   GET  /api/vault/rows/:after       -> VaultRows        what changed after this cursor, oldest first; 0 for everything
 *   POST /api/vault/rows  NewRows     -> RowsStored       row by row: stored, or what is there instead
 *   POST /api/vault/forget  {}        -> {}               fresh; removes keys and rows, for who can open them no more
 *
 * A row is written onto the version that its writer saw (`base`, 0 for none). Whoever comes second is given the row as
 * it is, merges, and writes again: nobody's change is lost, and no two rows wait for each other. `sealed: null` is a
 * deletion, which is kept as such. What is there already, byte for byte, counts as stored: so a writer whose answer got
 * lost may simply ask again. A request that would make the vault too large changes nothing (VAULT-FULL).
 *
 * A cursor from before the relay's books were restored from an older copy is answered from the beginning.
 *
 * `forget` starts over: her open invites are revoked, her other sign-ins end, and the copy is removed. Both counts go
 * on as if nothing had happened. So what a device of the vault before writes is behind, its cursor is not taken for one
 * of restored books, and of two vaults the one with the higher version of its keys is the later. Null with a version
 * above 0 says that the last one was forgotten, and nothing has come after it.
 */
import * as v from "valibot";

export const MAX_KEYS_BYTES = 65_536;
export const MAX_ROW_BYTES = 16_384;
export const MAX_ROWS = 20_000;
/** In one request or one answer. */
export const MAX_BATCH_ROWS = 64;
/** Bytes of sealed values in one request, or in one answer to a reader, besides a single row, which always fits. */
export const MAX_BATCH_BYTES = 131_072;
/** Of a whole vault, sealed. */
export const MAX_VAULT_BYTES = 33_554_432;
/** Bound of the bodies of these two routes, instead of MAX_BODY_BYTES. */
export const MAX_VAULT_BODY_BYTES = 262_144;

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Canonical base64url; where it is not, the relay says REQUEST-INVALID. */
const sealed = (bytes: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(Math.ceil((bytes * 4) / 3)), v.regex(/^[\w-]+$/));

/** 32 bytes as canonical base64url. */
export const RowIdText = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/));

export const VaultKeys = v.strictObject({ version: Count, keys: v.nullable(sealed(MAX_KEYS_BYTES)) });
export type VaultKeys = v.InferOutput<typeof VaultKeys>;
export const NewKeys = v.strictObject({ base: Count, keys: sealed(MAX_KEYS_BYTES) });
export type NewKeys = v.InferOutput<typeof NewKeys>;
export const KeysStored = v.strictObject({ version: Count });
export type KeysStored = v.InferOutput<typeof KeysStored>;

export const VaultRow = v.strictObject({
  id: RowIdText,
  version: Count,
  sealed: v.nullable(sealed(MAX_ROW_BYTES)),
});
export type VaultRow = v.InferOutput<typeof VaultRow>;
export const VaultRows = v.strictObject({
  rows: v.pipe(v.array(VaultRow), v.maxLength(MAX_BATCH_ROWS)),
  /** Where to go on from. */
  cursor: Count,
  more: v.boolean(),
});
export type VaultRows = v.InferOutput<typeof VaultRows>;
export const NewRow = v.strictObject({
  id: RowIdText,
  base: Count,
  sealed: v.nullable(sealed(MAX_ROW_BYTES)),
});
export type NewRow = v.InferOutput<typeof NewRow>;
export const NewRows = v.strictObject({
  rows: v.pipe(v.array(NewRow), v.minLength(1), v.maxLength(MAX_BATCH_ROWS)),
});
export type NewRows = v.InferOutput<typeof NewRows>;
export const RowsStored = v.strictObject({
  results: v.array(
    v.variant("outcome", [
      v.strictObject({ outcome: v.literal("stored"), id: RowIdText, version: Count }),
      /** Somebody else was first: this is what is there. */
      v.strictObject({ outcome: v.literal("behind"), row: VaultRow }),
    ]),
  ),
});
export type RowsStored = v.InferOutput<typeof RowsStored>;
