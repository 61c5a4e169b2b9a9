/** A person's vault at the relay, as her devices write and read it. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import * as v from "valibot";
import { type NewRow, RowsStored, VaultRows } from "../../../relay/wire/vault.ts";
import type { TestHost } from "../../support/relay-client.ts";

/** A row's id, the same for the same name. */
export const id = (name: string) => createHash("sha256").update(name).digest("base64url");
export const random = (bytes: number) => randomBytes(bytes).toString("base64url");

export async function write(host: TestHost, ...rows: NewRow[]) {
  const { status, text, json } = await host.post("/api/vault/rows", { rows });
  assert.equal(status, 200, text);
  return v.parse(RowsStored, json).results;
}

export async function read(host: TestHost, after: number) {
  const { status, text, json } = await host.get(`/api/vault/rows/${after}`);
  assert.equal(status, 200, text);
  return v.parse(VaultRows, json);
}

/** Everything, answer by answer. */
export async function readAll(host: TestHost) {
  const answers = [await read(host, 0)];
  for (let last = answers[0]; last?.more; last = answers.at(-1)) answers.push(await read(host, last.cursor));
  return { answers, rows: answers.flatMap(({ rows }) => rows) };
}
