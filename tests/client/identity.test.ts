import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createInviteBook, type InviteBook } from "../../client/identity/invites.ts";
import { loadIdentity, loadName, saveName } from "../../client/identity/keys.ts";
import { ApiError } from "../../client/transport/api.ts";
import { systemRandom } from "../../client/transport/sodium.ts";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import type { SealedStore } from "../../client/vault/store.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { parseInvite } from "../../crypto/invite.ts";
import { startTestRelay } from "../support/relay.ts";
import { inviteForm, signedInApi, sodium } from "./support/people.ts";
import type { RelayApi } from "./support/relay-api.ts";

// ---- keys ------------------------------------------------------------------------------------------------------

test("the key pair is made once and stays the same, also when two ask at the same time", async () => {
  const store = openMemoryStore();
  const [one, two] = await Promise.all([
    loadIdentity(sodium, systemRandom, store),
    loadIdentity(sodium, systemRandom, store),
  ]);
  const three = await loadIdentity(sodium, systemRandom, store);
  assert.deepEqual(one, two);
  assert.deepEqual(one, three);
  assert.deepEqual(new Uint8Array(sodium.crypto_scalarmult_base(one.privateKey)), one.publicKey);
  const other = await loadIdentity(sodium, systemRandom, openMemoryStore());
  assert.notDeepEqual(other.publicKey, one.publicKey);
});

test("a key pair that cannot be read is an error, never a new one", async () => {
  const rows = new Map<string, Bytes>();
  const store = openMemoryStore(rows);
  await loadIdentity(sodium, systemRandom, store);
  const row = rows.get("identity:this");
  assert.ok(row);
  rows.set("identity:this", row.subarray(0, -1));
  await assert.rejects(loadIdentity(sodium, systemRandom, store), { code: "RECORD-DAMAGED" });
  for (const value of [new Uint8Array(0), new Uint8Array(32), Uint8Array.of(9, 0, 0, 0, 0)]) {
    await store.put("identity", "this", value);
    await assert.rejects(loadIdentity(sodium, systemRandom, store), { code: "RECORD-DAMAGED" });
  }
});

test("her name is kept as links can carry it", async () => {
  const rows = new Map<string, Bytes>();
  const store = openMemoryStore(rows);
  assert.equal(await loadName(store), null);
  await saveName(store, "Dr. Adébáyọ̀ Okafor".normalize("NFC"));
  assert.equal(await loadName(store), "Dr. Adébáyọ̀ Okafor".normalize("NFC"));
  for (const name of ["", " x", "a\u202eb", "x".repeat(65)])
    await assert.rejects(saveName(store, name), RangeError);
  rows.set("profile:this", new Uint8Array(40));
  assert.equal(await loadName(store), null);
});

// ---- invites ---------------------------------------------------------------------------------------------------

interface Shelf {
  readonly api: RelayApi;
  readonly store: SealedStore;
  readonly rows: Map<string, Bytes>;
  readonly publicKey: Bytes;
  book(changes?: { api?: Partial<RelayApi>; now?: () => number; store?: SealedStore }): InviteBook;
}

async function shelf(t: TestContext, now: () => number = Date.now): Promise<Shelf> {
  const relay = await startTestRelay(t, { now });
  const api = await signedInApi(relay);
  const rows = new Map<string, Bytes>();
  const store = openMemoryStore(rows);
  const { publicKey } = await loadIdentity(sodium, systemRandom, store);
  const record = async () => {};
  const base = {
    record,
    sodium,
    random: systemRandom,
    store,
    publicKey,
    origin: "https://quiet.example",
    now,
  };
  return {
    api,
    store,
    rows,
    publicKey,
    book: ({ api: changed, ...changes } = {}) =>
      createInviteBook({ ...base, ...changes, api: { ...api, ...changed } }),
  };
}

test("an invite is a link that carries her key and name, known to the relay and to the vault", async (t) => {
  const { book, publicKey } = await shelf(t);
  const invites = book();
  const form = inviteForm({ label: "Ada, Tuesdays", passcode: "482913", relayOnly: true, use: "reusable" });
  const room = await invites.create(form, "Dr. Okafor");
  const [entry, ...more] = await invites.list();
  assert.ok(entry);
  assert.equal(more.length, 0);
  assert.equal(entry.room, room);
  assert.deepEqual(
    [entry.label, entry.passcode, entry.relayOnly, entry.use, entry.state, entry.here, entry.strikes],
    ["Ada, Tuesdays", "482913", true, "reusable", "active", true, 0],
  );
  assert.deepEqual([entry.notBefore, entry.expires], [form.notBefore, form.expires]);
  const [address, fragment] = entry.link.split("#");
  assert.equal(address, "https://quiet.example/j");
  const parsed = parseInvite(sodium, fragment ?? "");
  assert.deepEqual([parsed.name, parsed.passcode, parsed.relayOnly], ["Dr. Okafor", true, true]);
  assert.deepEqual(parsed.therapistKey, publicKey);
  assert.deepEqual(await invites.forHost(), [
    { room, invite: parsed, passcode: "482913", use: "reusable", paused: false },
  ]);
});

test("the newest comes first, and every one has a room and a secret of its own", async (t) => {
  let now = Date.now();
  const { book } = await shelf(t, () => now);
  const invites = book();
  const rooms: string[] = [];
  for (let i = 0; i < 4; i++) {
    now += 1_000;
    rooms.unshift(await invites.create(inviteForm({ label: `${i}` }), "Dr. Okafor"));
  }
  const list = await invites.list();
  assert.deepEqual(
    list.map(({ room }) => room),
    rooms,
  );
  assert.equal(new Set(list.map(({ link }) => link)).size, 4);
});

test("revoking forgets the link and keeps the label", async (t) => {
  const { book } = await shelf(t);
  const invites = book();
  const room = await invites.create(inviteForm({ label: "Ada", passcode: "482913" }), "Dr. Okafor");
  await invites.revoke(room);
  const [entry] = await invites.list();
  assert.deepEqual(
    [entry?.state, entry?.label, entry?.link, entry?.passcode, entry?.here],
    ["revoked", "Ada", "", null, true],
  );
  assert.deepEqual(await invites.forHost(), []);
});

test("an invite of another device is shown without a link, and can be revoked", async (t) => {
  const { book } = await shelf(t);
  const room = await book().create(inviteForm(), "Dr. Okafor");
  const other = book({ store: openMemoryStore() });
  const [entry] = await other.list();
  assert.deepEqual([entry?.room, entry?.here, entry?.link, entry?.label], [room, false, "", ""]);
  await other.revoke(room);
  assert.equal((await other.list())[0]?.state, "revoked");
});

test("an expired invite is answered for one more day, then its link is forgotten", async (t) => {
  const { book, api } = await shelf(t);
  const form = inviteForm();
  await book().create(form, "Dr. Okafor");
  const at = (now: number) =>
    book({
      api: {
        invites: async () => ({
          invites: (await api.invites()).invites.map((invite) => ({ ...invite, state: "expired" })),
          now,
        }),
      },
      now: () => now,
    });
  assert.notEqual((await at(form.expires + 3_600_000).list())[0]?.link, "");
  assert.equal((await book().forHost()).length, 1);
  const [entry] = await at(form.expires + 25 * 3_600_000).list();
  assert.equal(entry?.link, "");
  assert.equal((await book().forHost()).length, 0);
});

test("what the relay refuses leaves nothing in the vault", async (t) => {
  const { book, store } = await shelf(t);
  const expired = inviteForm({ notBefore: 0, expires: 1 });
  await assert.rejects(book().create(expired, "Dr. Okafor"), { code: "REQUEST-INVALID" });
  assert.deepEqual(await store.list("invite"), []);
});

test("an answer that got lost is made up for: with the invite if the relay has it, without it if not", async (t) => {
  let now = Date.now();
  const { book, api, store } = await shelf(t, () => now);
  const lost = async () => {
    throw new ApiError("OFFLINE");
  };
  const arrived = book({ api: { createInvite: (invite) => api.createInvite(invite).then(lost) } });
  await assert.rejects(arrived.create(inviteForm({ label: "arrived" }), "Dr. Okafor"), { code: "OFFLINE" });
  await assert.rejects(book({ api: { createInvite: lost } }).create(inviteForm(), "Dr. Okafor"), {
    code: "OFFLINE",
  });
  assert.equal((await store.list("invite")).length, 2);
  const first = await book().list();
  assert.deepEqual(
    first.map(({ label, here }) => [label, here]),
    [["arrived", true]],
  );
  assert.notEqual(first[0]?.link, "");
  assert.equal((await store.list("invite")).length, 2, "perhaps it is being made in another tab");
  now += 61_000;
  await book().list();
  assert.equal((await store.list("invite")).length, 1);
});

test("a damaged record costs its own invite and no other", async (t) => {
  const { book, rows } = await shelf(t);
  const invites = book();
  const damaged = await invites.create(inviteForm(), "Dr. Okafor");
  const spared = await invites.create(inviteForm(), "Dr. Okafor");
  rows.set(`invite:${damaged}`, new Uint8Array(64));
  assert.deepEqual(
    (await invites.forHost()).map(({ room }) => room),
    [spared],
  );
  const list = await invites.list();
  assert.deepEqual(
    list.map(({ room, here }) => [room, here]).sort(),
    [
      [damaged, false],
      [spared, true],
    ].sort(),
  );
});

test("the relay never sees the link's secret, the passcode, the label or the name", async (t) => {
  const { book, api } = await shelf(t);
  const seen: unknown[] = [];
  const invites = book({
    api: {
      createInvite: (invite) => {
        seen.push(invite);
        return api.createInvite(invite);
      },
    },
  });
  await invites.create(inviteForm({ passcode: "482913", label: "Ada Lovelace" }), "Dr. Okafor");
  const [host] = await invites.forHost();
  assert.ok(host);
  const text = JSON.stringify(seen);
  const secret = Buffer.from(host.invite.secret).toString("base64url");
  for (const word of [secret, "482913", "Ada", "Okafor"]) assert.ok(!text.includes(word));
  assert.deepEqual(Object.keys(seen[0] ?? {}).sort(), ["expires", "notBefore", "room", "tokenHash", "use"]);
});

// ---- the life of an invite -------------------------------------------------------------------------------------

test("a label is changed in the vault alone", async (t) => {
  const { book, api } = await shelf(t);
  const invites = book();
  const room = await invites.create(inviteForm({ label: "Ada" }), "Dr. Okafor");
  const before = JSON.stringify((await api.invites()).invites);
  await invites.rename(room, "Ada, Tuesdays");
  assert.equal((await invites.list())[0]?.label, "Ada, Tuesdays");
  assert.equal(JSON.stringify((await api.invites()).invites), before);
  await invites.rename("BwcHBwcHBwcHBwcHBwcHBw", "nobody’s");
  assert.equal((await invites.list()).length, 1);
});

test("a room is paused here first, and opened here last", async (t) => {
  const { book } = await shelf(t);
  const offline = async () => {
    throw new ApiError("OFFLINE");
  };
  const room = await book().create(inviteForm({ use: "reusable" }), "Dr. Okafor");
  const cut = book({ api: { pauseInvite: offline } });
  await assert.rejects(cut.pause(room, true), { code: "OFFLINE" });
  assert.equal((await book().forHost())[0]?.paused, true);
  assert.equal((await book().list())[0]?.state, "paused", "though the relay has not heard of it");
  await assert.rejects(cut.pause(room, false), { code: "OFFLINE" });
  assert.equal((await book().forHost())[0]?.paused, true);
  await book().pause(room, false);
  assert.deepEqual([(await book().list())[0]?.state, (await book().forHost())[0]?.paused], ["active", false]);
});

test("another link is there before the old one is closed", async (t) => {
  const { book } = await shelf(t);
  const form = inviteForm({ label: "Room", use: "reusable", passcode: "482913506" });
  const old = await book().create(form, "Dr. Okafor");
  const refused = book({
    api: {
      createInvite: async () => {
        throw new ApiError("INVITE-LIMIT");
      },
    },
  });
  await assert.rejects(refused.rotate(old, form, "Dr. Okafor"), { code: "INVITE-LIMIT" });
  assert.deepEqual(
    (await book().forHost()).map(({ room }) => room),
    [old],
    "the old one still opens",
  );
  const cut = book({
    api: {
      revokeInvite: async () => {
        throw new ApiError("OFFLINE");
      },
    },
  });
  const half = await cut.rotate(old, form, "Dr. Okafor");
  assert.ok(half.failure instanceof ApiError);
  assert.deepEqual(
    (await book().forHost()).map(({ room }) => room),
    [half.room],
    "the new one is there, and this desk answers the old one no more",
  );
  const whole = await book().rotate(half.room, form, "Dr. Okafor");
  assert.equal(whole.failure, null);
  const states = new Map((await book().list()).map(({ room, state }) => [room, state]));
  assert.deepEqual([states.get(half.room), states.get(whole.room)], ["revoked", "active"]);
});

test("that an invite asked for a passcode is known when the passcode is forgotten", async (t) => {
  const { book } = await shelf(t);
  for (const passcode of ["482913", null]) {
    const room = await book().create(inviteForm({ passcode }), "Dr. Okafor");
    await book().revoke(room);
    await book().rename(room, "still");
    const entry = (await book().list()).find((each) => each.room === room);
    assert.deepEqual([entry?.passcode, entry?.asks], [null, passcode !== null]);
  }
});
