/** Holds an adapter to relay/policy/store.ts. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { Logo, NewChange, PolicyStore } from "../../relay/policy/store.ts";
import type { NewBranding } from "../../relay/wire/branding.ts";
import { DEFAULT_POLICY, type Policy } from "../../relay/wire/policy.ts";

/** An empty store that knows the accounts "her" and "other". `reopen` gives the same data to a new adapter. */
export type OpenPolicyStore = (t: TestContext) => {
  store: PolicyStore;
  reopen: () => PolicyStore;
  removeAccount: (account: string) => Promise<void>;
};

const POLICY: Policy = { ...DEFAULT_POLICY, idleMinutes: 5, passcodeAlways: true };
const BRANDING: NewBranding = { clinic: "Quiet & Sons", accent: "plum", welcome: "Two\nlines", waiting: "…" };
const LOGO: Logo = { hash: "0123456789abcdef", type: "image/png", picture: Uint8Array.of(0, 255, 1) };
const GREETING = { title: "PsyD", welcome: "Hello", waiting: "" };

const change = (what: string, changes: Partial<NewChange> = {}): NewChange => ({
  at: 5,
  by: "her",
  byName: "Dr. Okafor",
  what,
  about: null,
  from: null,
  to: "x",
  ...changes,
});

const none = () => [];

/** Notes what the store said was there before, and records that as a change. */
function noting<T>(what: string) {
  const before: T[] = [];
  const changes = (was: T): NewChange[] => {
    before.push(was);
    return [change(what)];
  };
  return { before, changes };
}

const recorded = async (store: PolicyStore) =>
  (await store.listChanges(Number.MAX_SAFE_INTEGER, 100)).map(({ what }) => what);

export function policyStoreContract(adapter: string, open: OpenPolicyStore): void {
  suite(`policy store: ${adapter}`, () => {
    aboutValues(open);
    aboutLogos(open);
    aboutGreetings(open);
    aboutChanges(open);
  });
}

function aboutValues(open: OpenPolicyStore): void {
  test("policy and branding are there as they were stored, with what was before told to the record", async (t) => {
    const { store, reopen } = open(t);
    assert.deepEqual([await store.findPolicy(), await store.findBranding()], [null, null]);
    const policy = noting<Policy | null>("policy");
    await store.storePolicy(POLICY, policy.changes);
    await store.storePolicy(DEFAULT_POLICY, policy.changes);
    const branding = noting<NewBranding | null>("branding");
    await store.storeBranding(BRANDING, branding.changes);
    await store.storeBranding({ ...BRANDING, clinic: "" }, branding.changes);
    assert.deepEqual(policy.before, [null, POLICY]);
    assert.deepEqual(branding.before, [null, BRANDING]);
    for (const each of [store, reopen()]) {
      assert.deepEqual(await each.findPolicy(), DEFAULT_POLICY);
      assert.deepEqual(await each.findBranding(), { ...BRANDING, clinic: "" });
    }
    assert.deepEqual(await recorded(store), ["branding", "branding", "policy", "policy"]);
  });

  test("a change that cannot be recorded is not made", async (t) => {
    const { store } = open(t);
    const fails = () => {
      throw new Error("the record");
    };
    await assert.rejects(store.storePolicy(POLICY, fails), /the record/);
    await assert.rejects(store.storeBranding(BRANDING, fails), /the record/);
    await assert.rejects(store.storeLogo(LOGO, fails), /the record/);
    await assert.rejects(store.storeGreeting("her", GREETING, fails), /the record/);
    const found = [store.findPolicy(), store.findBranding(), store.findLogo(), store.findGreeting("her")];
    assert.deepEqual(await Promise.all(found), [null, null, null, null]);
  });

  test("a change that cannot be made is not recorded", async (t) => {
    const { store } = open(t);
    await assert.rejects(store.storeGreeting("nobody", GREETING, () => [change("greeting")]));
    assert.deepEqual(await recorded(store), []);
  });
}

function aboutLogos(open: OpenPolicyStore): void {
  test("there is one logo or none", async (t) => {
    const { store, reopen } = open(t);
    assert.deepEqual([await store.findLogo(), await store.findLogoHash()], [null, null]);
    const { before, changes } = noting<string | null>("logo");
    await store.storeLogo(LOGO, changes);
    const other: Logo = { hash: "fedcba9876543210", type: "image/webp", picture: Uint8Array.of(9) };
    await store.storeLogo(other, changes);
    assert.deepEqual(await reopen().findLogo(), other);
    assert.equal(await store.findLogoHash(), other.hash);
    await store.storeLogo(null, changes);
    await store.storeLogo(null, changes);
    assert.deepEqual([await store.findLogo(), await store.findLogoHash()], [null, null]);
    assert.deepEqual(before, [null, LOGO.hash, other.hash, null]);
  });
}

function aboutGreetings(open: OpenPolicyStore): void {
  test("each account has a greeting of its own, which goes with it", async (t) => {
    const { store, reopen, removeAccount } = open(t);
    const { before, changes } = noting<unknown>("greeting");
    await store.storeGreeting("her", GREETING, changes);
    await store.storeGreeting("her", { ...GREETING, title: "MD" }, changes);
    await store.storeGreeting("other", GREETING, none);
    assert.deepEqual(before, [null, GREETING]);
    assert.deepEqual(await reopen().findGreeting("her"), { ...GREETING, title: "MD" });
    await removeAccount("her");
    assert.equal(await store.findGreeting("her"), null);
    assert.deepEqual(await store.findGreeting("other"), GREETING);
    assert.deepEqual(await recorded(store), ["greeting", "greeting"], "the record stays");
  });
}

function aboutChanges(open: OpenPolicyStore): void {
  test("changes are kept as they were recorded, in the order in which they came", async (t) => {
    const { store, reopen } = open(t);
    const about = { id: "other", name: "Eva\u{1f600}" };
    await store.addChanges([change("a", { at: 9 }), change("b", { at: 3, about, from: "", to: null })]);
    await store.addChanges([]);
    for (const each of [store, reopen()])
      assert.deepEqual(await each.listChanges(Number.MAX_SAFE_INTEGER, 9), [
        { id: 2, ...change("b", { at: 3, about, from: "", to: null }) },
        { id: 1, ...change("a", { at: 9 }) },
      ]);
  });

  test("are listed the newest first, page by page", async (t) => {
    const { store } = open(t);
    await store.addChanges(["a", "b", "c", "d", "e"].map((what) => change(what)));
    const page = async (before: number, most: number) =>
      (await store.listChanges(before, most)).map(({ id, what }) => `${id}${what}`);
    assert.deepEqual(await page(Number.MAX_SAFE_INTEGER, 2), ["5e", "4d"]);
    assert.deepEqual(await page(4, 2), ["3c", "2b"]);
    assert.deepEqual(await page(2, 2), ["1a"]);
    assert.deepEqual(await page(1, 2), []);
  });

  test("those of before a time are removed, and their numbers are not used again", async (t) => {
    const { store, reopen } = open(t);
    await store.addChanges([3, 5, 4].map((at) => change(String(at), { at })));
    assert.equal(await store.countChangesBefore(5), 2);
    await store.pruneChanges(5);
    assert.equal(await reopen().countChangesBefore(6), 1);
    assert.deepEqual(await recorded(reopen()), ["5"]);
    await store.pruneChanges(9);
    await store.addChanges([change("new")]);
    assert.deepEqual(
      (await store.listChanges(9, 9)).map(({ id }) => id),
      [4],
    );
  });

  test("an account that goes leaves what it did and what was done to it", async (t) => {
    const { store, removeAccount } = open(t);
    const about = { id: "her", name: "Dr. Okafor" };
    await store.addChanges([change("a"), change("b", { by: "other", about })]);
    await removeAccount("her");
    assert.deepEqual(await recorded(store), ["b", "a"]);
  });
}
