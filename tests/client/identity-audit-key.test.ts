/** The clinic's audit key: made once, handed from auditor to auditor, and never given to a seat that nobody compared. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AuditKeyApi,
  type AuditKeyOptions,
  fillSeat,
  openAuditKey,
  openSeats,
  seatFingerprint,
} from "../../client/identity/audit-key.ts";
import { ApiError } from "../../client/transport/api.ts";
import { systemRandom } from "../../client/transport/sodium.ts";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import { adopt, fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import type { Seats } from "../../relay/wire/audit.ts";
import { sodium } from "./support/people.ts";

type Seat = Seats["seats"][number];

/** What the relay does, and what a lying one may do to `seats`. */
function relay() {
  const state: { key: string | null; seats: Seat[]; lost: boolean } = { key: null, seats: [], lost: false };
  const answer = async (): Promise<Seats> => ({ seats: structuredClone(state.seats) });
  const apiOf = (account: string): AuditKeyApi => ({
    auditKey: async () => ({ key: state.key }),
    async storeAuditKey(key) {
      if (state.key !== null && state.key !== key) throw new ApiError("AUDIT-KEY-EXISTS");
      if (state.lost) throw new ApiError("OFFLINE");
      state.key = key;
      return { key };
    },
    async takeSeat(key) {
      state.seats = [
        ...state.seats.filter((seat) => seat.account !== account),
        { account, name: account, key, sealed: null },
      ];
      return answer();
    },
    seats: answer,
    async fillSeat(of, { key, sealed }) {
      state.seats = state.seats.map((seat) =>
        seat.account === of && seat.key === key ? { ...seat, sealed } : seat,
      );
      return answer();
    },
  });
  return { state, apiOf };
}

function auditor(api: AuditKeyApi, account: string, random = systemRandom): AuditKeyOptions {
  return { sodium, random, api, store: openMemoryStore(), account };
}

const publicKeyOf = (privateKey: Uint8Array) => adopt(sodium.crypto_scalarmult_base(privateKey));

test("the first auditor makes the key, once, also in two tabs and after a crash in between", async () => {
  const { state, apiOf } = relay();
  const ada = auditor(apiOf("ada"), "ada");
  state.lost = true;
  await assert.rejects(openAuditKey(ada, null), { code: "OFFLINE" });
  state.lost = false;
  const [one, two] = await Promise.all([openAuditKey(ada, null), openAuditKey(ada, null)]);
  assert.ok(one.state === "held" && two.state === "held");
  assert.deepEqual(one.keys, two.keys);
  assert.equal(state.key, toBase64Url(one.keys.publicKey));
  assert.deepEqual(publicKeyOf(one.keys.privateKey), one.keys.publicKey);
  assert.equal((await ada.store.list("audit-key")).length, 1);
});

test("two first auditors at once: there is one key, and the slower one waits for it", async () => {
  const { state, apiOf } = relay();
  const ada = auditor(apiOf("ada"), "ada");
  const api = apiOf("bo");
  // Bo's page saw none, and then Ada's was faster.
  let asked = 0;
  const bo = auditor(
    { ...api, auditKey: async () => (asked++ === 0 ? { key: null } : api.auditKey()) },
    "bo",
  );
  await openAuditKey(ada, null);
  const waiting = await openAuditKey(bo, null);
  assert.equal(waiting.state, "waiting");
  assert.equal(state.seats.length, 1);
});

async function twoAuditors() {
  const { state, apiOf } = relay();
  const ada = auditor(apiOf("ada"), "ada");
  const held = await openAuditKey(ada, null);
  assert.ok(held.state === "held");
  const bo = auditor(apiOf("bo"), "bo");
  const waiting = await openAuditKey(bo, null);
  assert.ok(waiting.state === "waiting");
  const seats = await openSeats(ada, held.keys);
  const [seat] = seats;
  assert.ok(seat);
  return { state, ada, bo, keys: held.keys, waiting, seat, seats };
}

test("both see the same digits, and the key is handed over", async () => {
  const { ada, bo, keys, waiting, seat, seats } = await twoAuditors();
  assert.match(seat.fingerprint, /^\d{4}( \d{4}){5}$/);
  assert.deepEqual(seats, [{ account: "bo", name: "bo", fingerprint: waiting.fingerprint }]);
  assert.deepEqual(
    await openAuditKey(bo, keys.publicKey),
    waiting,
    "asked again, she still waits, with the same seat",
  );
  assert.equal(await fillSeat(ada, keys, seat), true);
  const took = await openAuditKey(bo, keys.publicKey);
  assert.ok(took.state === "held");
  assert.deepEqual(took.keys, keys);
  assert.deepEqual(await openSeats(ada, keys), []);
  // From now on it is in her vault, whatever the relay says.
  const offline = { ...bo, api: { ...bo.api, auditKey: () => Promise.reject(new ApiError("OFFLINE")) } };
  assert.deepEqual(await openAuditKey(offline, keys.publicKey), took);
});

test("a relay that puts its own key on a seat shows other digits, and gets nothing after they were compared", async () => {
  const { state, ada, keys, waiting, seat } = await twoAuditors();
  const own = toBase64Url(publicKeyOf(systemRandom(32)));
  state.seats = state.seats.map((each) => ({ ...each, key: own }));
  assert.notEqual((await openSeats(ada, keys))[0]?.fingerprint, waiting.fingerprint);
  assert.equal(await fillSeat(ada, keys, seat), false);
  assert.equal(state.seats[0]?.sealed, null);
});

test("what is not the private half of the pinned key is no key", async () => {
  const { state, bo, keys, waiting } = await twoAuditors();
  const seatKey = fromBase64Url(state.seats[0]?.key ?? "");
  assert.ok(seatKey);
  for (const sealed of [
    toBase64Url(adopt(sodium.crypto_box_seal(systemRandom(32), seatKey))),
    toBase64Url(adopt(sodium.crypto_box_seal(keys.privateKey, keys.publicKey))),
    toBase64Url(systemRandom(80)),
    toBase64Url(systemRandom(20)),
  ]) {
    state.seats = state.seats.map((each) => ({ ...each, sealed }));
    assert.deepEqual(await openAuditKey(bo, keys.publicKey), waiting);
  }
});

test("a key that the vault cannot read is left alone, and no new one takes its place at the relay", async () => {
  const { state, ada, keys } = await twoAuditors();
  await ada.store.put("audit-key", toBase64Url(keys.publicKey), Uint8Array.of(9));
  assert.equal((await openAuditKey(ada, keys.publicKey)).state, "waiting");
  assert.equal(state.key, toBase64Url(keys.publicKey));
});

test("the digits depend on both keys", () => {
  const key = (number: number) => publicKeyOf(new Uint8Array(32).fill(number));
  const digits = [
    seatFingerprint(sodium, key(1), key(2)),
    seatFingerprint(sodium, key(2), key(1)),
    seatFingerprint(sodium, key(1), key(3)),
  ];
  assert.equal(new Set(digits).size, 3);
});
