/** What an admin decides for everybody, how the rooms look, and each therapist's own words; every change is recorded. */
import type { RecordEvent } from "../record.ts";
import { Refusal } from "../refusal.ts";
import { createTurns } from "../turns.ts";
import {
  type Branding,
  DEFAULT_BRANDING,
  type Greeting,
  type NewBranding,
  NO_GREETING,
} from "../wire/branding.ts";
import { DEFAULT_POLICY, type Policy } from "../wire/policy.ts";
import { type Author, type Changed, eventOf, fieldChanges, recorded } from "./changes.ts";
import { parseLogo } from "./picture.ts";
import type { Logo, PolicyStore } from "./store.ts";

export interface PolicyDependencies {
  readonly store: PolicyStore;
  readonly now: () => number;
  readonly record: RecordEvent;
}

/** Whatever sets something throws Refusal LOG-UNAVAILABLE, with nothing set. */
export interface Policies {
  policy(): Promise<Policy>;
  setPolicy(by: Author, policy: Policy): Promise<Policy>;
  branding(): Promise<Branding>;
  setBranding(by: Author, branding: NewBranding): Promise<Branding>;
  /** @param picture base64; null removes it. @throws Refusal REQUEST-INVALID for what is no picture */
  setLogo(by: Author, picture: string | null): Promise<Branding>;
  /** The picture of this hash, if it is the one. */
  logo(hash: string): Promise<Logo | null>;
  greeting(account: string): Promise<Greeting>;
  setGreeting(by: Author, greeting: Greeting): Promise<Greeting>;
}

export function createPolicies({ store, now, record }: PolicyDependencies): Policies {
  const inTurn = createTurns();
  const rows = (by: Author, changes: readonly Changed[]) =>
    changes.map((change) => recorded(by, now(), change));

  /**
   * Sets a value: on record first, then the value and its row in the record of changes in one write. A crash in between
   * leaves an event of a change that did not happen.
   */
  function change<T>(
    by: Author,
    find: () => Promise<T>,
    changes: (before: T) => readonly Changed[],
    write: (rowsSince: (before: T) => ReturnType<typeof rows>) => Promise<void>,
  ): Promise<void> {
    return inTurn(async () => {
      for (const each of changes(await find())) await record(eventOf(by, each));
      await write((before) => rows(by, changes(before)));
    });
  }

  async function branding(): Promise<Branding> {
    const [texts, logo] = await Promise.all([store.findBranding(), store.findLogoHash()]);
    return { ...DEFAULT_BRANDING, ...texts, logo };
  }

  return {
    async policy() {
      return (await store.findPolicy()) ?? DEFAULT_POLICY;
    },

    async setPolicy(by, policy) {
      await change(
        by,
        store.findPolicy,
        (before) => fieldChanges("policy", before ?? DEFAULT_POLICY, policy),
        (since) => store.storePolicy(policy, since),
      );
      return policy;
    },

    branding,

    async setBranding(by, texts) {
      const { logo: _, ...defaults } = DEFAULT_BRANDING;
      await change(
        by,
        store.findBranding,
        (before) => fieldChanges("branding", before ?? defaults, texts),
        (since) => store.storeBranding(texts, since),
      );
      return branding();
    },

    async setLogo(by, picture) {
      const logo = picture === null ? null : parseLogo(picture);
      if (logo === null && picture !== null) throw new Refusal("REQUEST-INVALID");
      const to = logo?.hash ?? null;
      await change(
        by,
        store.findLogoHash,
        (from) => (from === to ? [] : [{ what: "branding.logo", from, to }]),
        (since) => store.storeLogo(logo, since),
      );
      return branding();
    },

    async logo(hash) {
      const logo = await store.findLogo();
      return logo?.hash === hash ? logo : null;
    },

    async greeting(account) {
      return (await store.findGreeting(account)) ?? NO_GREETING;
    },

    async setGreeting(by, greeting) {
      await change(
        by,
        () => store.findGreeting(by.account),
        (before) => fieldChanges("greeting", before ?? NO_GREETING, greeting),
        (since) => store.storeGreeting(by.account, greeting, since),
      );
      return greeting;
    },
  };
}
