/** What staff write into the relay's books: the vault's rows, policy, looks and greetings. */
import assert from "node:assert/strict";
import fc from "fast-check";
import * as v from "valibot";
import { parseLogo } from "../../../relay/policy/picture.ts";
import { Refusal } from "../../../relay/refusal.ts";
import type { RowToStore, VaultStore } from "../../../relay/vault/store.ts";
import { createVaults } from "../../../relay/vault/vault.ts";
import { Greeting, MAX_LOGO_BYTES, NewBranding, NewLogo } from "../../../relay/wire/branding.ts";
import { DEFAULT_POLICY, Policy } from "../../../relay/wire/policy.ts";
import { Pause } from "../../../relay/wire/requests.ts";
import { NewKeys, NewRows } from "../../../relay/wire/vault.ts";
import { wrongJson } from "../json.ts";
import { judged, nothing } from "../judge.ts";
import { requestTarget } from "../requests.ts";
import { ACCEPTED, textTarget } from "../target.ts";

const ID = `${"B".repeat(42)}E`;
const ROWS = {
  rows: [
    { id: ID, base: 0, sealed: "AAAA" },
    { id: ID, base: 7, sealed: null },
  ],
};
const TEXTS = { welcome: "Come in.\nTake a seat.", waiting: "" };

const REQUESTS: readonly (readonly [schema: v.GenericSchema<unknown, unknown>, body: unknown])[] = [
  [NewRows, ROWS],
  [NewKeys, { base: 1, keys: "AAAA" }],
  [Policy, DEFAULT_POLICY],
  [NewBranding, { clinic: "Quiet & Sons", accent: "plum", ...TEXTS }],
  [NewLogo, { picture: "/9j/4A==" }],
  [NewLogo, { picture: null }],
  [Greeting, { title: "PsyD", ...TEXTS }],
  [Pause, { paused: true }],
];

const requests = requestTarget({
  name: "staff-request",
  requests: REQUESTS,
  also: (body) => {
    for (const value of Object.values(Object(body))) if (typeof value === "string") plain(value);
  },
});

/** Nothing in it can hide, turn the reading direction or end a line where none ends. */
function plain(text: string): void {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    assert.ok(code >= 32 || code === 10, "a control character");
    assert.ok(code < 0x7f || code > 0x9f, "a control character");
    assert.ok(!(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069), "turns the text");
    assert.ok(!(code >= 0xd800 && code <= 0xdfff), "half a character");
  }
}

const base64 = (...bytes: readonly number[]) => Buffer.from(bytes).toString("base64");
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const WEBP = [...Buffer.from("RIFF"), 1, 2, 3, 4, ...Buffer.from("WEBP")];

const logo = textTarget({
  name: "logo",
  covers: ["relay/policy/picture.ts parseLogo"],
  samples: [base64(...PNG), base64(0xff, 0xd8, 0xff, 0xe0), base64(...WEBP, 5)],
  wrong: fc
    .tuple(
      fc.constantFrom(PNG, [0xff, 0xd8, 0xff], WEBP, [...Buffer.from("GIF89a")], [...Buffer.from("<svg/>")]),
      fc.nat(16),
      fc.uint8Array({ maxLength: 24 }),
      fc.constantFrom("", "=", "==", "A", "\n"),
    )
    .map(([head, cut, rest, end]) => base64(...head.slice(0, cut), ...rest) + end),
  check: (text) =>
    judged(
      () => parseLogo(text),
      nothing,
      ({ type, hash, picture }) => {
        assert.equal(Buffer.from(picture).toString("base64"), text, "two texts for one picture");
        assert.match(hash, /^[0-9a-f]{16}$/);
        assert.ok(picture.length <= MAX_LOGO_BYTES);
        // Browsers tell these three apart by the same bytes, and none of them begins like markup.
        const first = { "image/png": 0x89, "image/jpeg": 0xff, "image/webp": 0x52 }[type];
        assert.equal(picture[0], first);
      },
    ),
});

/** Notes what it is given to store. */
function notingStore() {
  const given: RowToStore[] = [];
  const store: Partial<VaultStore> = {
    storeRows: async (_account, rows) => {
      given.push(...rows);
      return rows.map(({ id, sealed }) => ({ stored: false, row: { id, version: 1, sealed } }));
    },
  };
  return { given, store: store as VaultStore };
}

const vaultRows = textTarget({
  name: "vault-rows",
  covers: ["relay/vault/vault.ts createVaults"],
  samples: [JSON.stringify(ROWS)],
  wrong: wrongJson([ROWS, { rows: [{ id: ID, base: 0, sealed: "AAB" }] }, { rows: [ROWS.rows[0]] }]),
  waits: true,
  check: async (text) => {
    let rows: v.InferOutput<typeof NewRows>["rows"];
    try {
      rows = v.parse(NewRows, JSON.parse(text)).rows;
    } catch {
      return "no rows";
    }
    const { given, store } = notingStore();
    const vaults = createVaults({
      store,
      limits: { vaultRows: 9, vaultBytes: 9 },
      revokeInvites: async () => assert.fail(),
      endOtherLogins: async () => assert.fail(),
    });
    try {
      const { results } = await vaults.storeRows("her", rows);
      const back = results.map((result) => (result.outcome === "behind" ? result.row : assert.fail()));
      assert.deepEqual(
        back.map(({ id, sealed }) => ({ id, sealed })),
        rows.map(({ id, sealed }) => ({ id, sealed })),
        "read as something else than was written",
      );
      assert.ok(given.every(({ id }) => id.length === 32));
      return ACCEPTED;
    } catch (error) {
      assert.ok(error instanceof Refusal, "rejected with what it does not document");
      assert.equal(given.length, 0);
      return error.code;
    }
  },
});

export const ROOMS = [requests, logo, vaultRows] as const;
