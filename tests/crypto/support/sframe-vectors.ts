/** The vectors of RFC 9605, which lie beside the project and are not part of it. */
import { existsSync, readFileSync } from "node:fs";
import * as v from "valibot";

const FILE = new URL("../../../../shared/vectors/sframe-rfc9605.json", import.meta.url);

const Hex = v.pipe(v.string(), v.hexadecimal());
const Uint = v.pipe(
  v.string(),
  v.transform((digits) => BigInt(digits)),
);

const Vectors = v.object({
  header: v.array(v.object({ kid: Uint, ctr: Uint, encoded: Hex })),
  sframe: v.array(
    v.object({
      cipher_suite: v.number(),
      kid: Uint,
      ctr: Uint,
      base_key: Hex,
      sframe_key_label: Hex,
      sframe_salt_label: Hex,
      sframe_secret: Hex,
      sframe_key: Hex,
      sframe_salt: Hex,
      metadata: Hex,
      nonce: Hex,
      aad: Hex,
      pt: Hex,
      ct: Hex,
    }),
  ),
});
export type SFrameVectors = v.InferOutput<typeof Vectors>;

/** `null` where the folder is not there. Key ids and counters exceed 2^53: they are quoted before JSON reads them. */
export function loadSFrameVectors(): SFrameVectors | null {
  if (!existsSync(FILE)) return null;
  const text = readFileSync(FILE, "utf8").replace(/"(kid|ctr)":\s*(\d+)/g, '"$1": "$2"');
  return v.parse(Vectors, JSON.parse(text));
}

/** Why a test of official vectors did not run; the frozen ones of ours cover the same code. */
export const NO_VECTORS =
  "the RFC 9605 vectors are not beside this clone; tests/vectors/sframe.json covers the code";
