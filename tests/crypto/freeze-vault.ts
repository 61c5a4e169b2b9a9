/**
 * Writes tests/vectors/vault-{recovery,keys,row}.json from this implementation. Run by hand, and only when the format is
 * meant to change: `node tests/crypto/freeze-vault.ts`. Every changed line means vaults that the releases before and
 * after cannot open for each other.
 */
import { writeFileSync } from "node:fs";
import { keysVector, recoveryVector, rowVector } from "./support/frozen-vault.ts";
import { hex, seededRandom } from "./support/session.ts";

function write(name: string, content: unknown): void {
  writeFileSync(new URL(`../vectors/${name}`, import.meta.url), `${JSON.stringify(content, null, 2)}\n`);
}

function bytes(seed: string, length: number): string {
  return hex(seededRandom(`frozen vault ${seed}`)(length));
}

const codes = [bytes("code 0", 17), bytes("code 1", 17), "00".repeat(17), "ff".repeat(17)].map((random) =>
  recoveryVector({ random }),
);
write("vault-recovery.json", codes);

write("vault-keys.json", [
  keysVector({
    vault: bytes("vault", 16),
    prf: { credential: bytes("credential", 20), salt: bytes("salt 1", 16), output: bytes("prf", 32) },
    passphrase: { text: "ﬁve blue ﬁsh, ｏｎｅ boat", salt: bytes("salt 2", 16) },
    recovery: { code: codes[0]?.code ?? "", salt: bytes("salt 3", 16) },
    random: bytes("keys", 64 + 32 + 3 * 64),
  }),
]);

const common = { row_id_key: bytes("row ids", 32), data_key: bytes("data key", 32), key_number: 3 };
write(
  "vault-row.json",
  await Promise.all([
    rowVector({
      ...common,
      kind: "invite",
      id: "AAECAwQFBgcICQoLDA0ODw",
      time: 1_790_000_000_000,
      device: bytes("device", 16),
      value: hex(new TextEncoder().encode("Žofie, Thursdays")),
      nonce: bytes("nonce 1", 12),
    }),
    rowVector({
      ...common,
      kind: "strikes",
      id: "é",
      time: 2 ** 53 - 1,
      device: bytes("device", 16),
      value: null,
      nonce: bytes("nonce 2", 12),
    }),
  ]),
);
