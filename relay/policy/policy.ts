/** What an admin decides for everybody, how the rooms look, and each therapist's own words; every change is recorded. */
import { Refusal } from "../refusal.ts";
import {
  type Branding,
  DEFAULT_BRANDING,
  type Greeting,
  type NewBranding,
  NO_GREETING,
} from "../wire/branding.ts";
import { DEFAULT_POLICY, type Policy } from "../wire/policy.ts";
import { type Author, type Changed, fieldChanges, recorded } from "./changes.ts";
import { parseLogo } from "./picture.ts";
import type { Logo, PolicyStore } from "./store.ts";

export interface PolicyDependencies {
  readonly store: PolicyStore;
  readonly now: () => number;
}

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

export function createPolicies({ store, now }: PolicyDependencies): Policies {
  const record = (by: Author, changes: readonly Changed[]) =>
    changes.map((change) => recorded(by, now(), change));

  async function branding(): Promise<Branding> {
    const [texts, logo] = await Promise.all([store.findBranding(), store.findLogoHash()]);
    return { ...DEFAULT_BRANDING, ...texts, logo };
  }

  return {
    async policy() {
      return (await store.findPolicy()) ?? DEFAULT_POLICY;
    },

    async setPolicy(by, policy) {
      await store.storePolicy(policy, (before) =>
        record(by, fieldChanges("policy", before ?? DEFAULT_POLICY, policy)),
      );
      return policy;
    },

    branding,

    async setBranding(by, texts) {
      const { logo: _, ...defaults } = DEFAULT_BRANDING;
      await store.storeBranding(texts, (before) =>
        record(by, fieldChanges("branding", before ?? defaults, texts)),
      );
      return branding();
    },

    async setLogo(by, picture) {
      const logo = picture === null ? null : parseLogo(picture);
      if (logo === null && picture !== null) throw new Refusal("REQUEST-INVALID");
      const to = logo?.hash ?? null;
      await store.storeLogo(logo, (from) =>
        from === to ? [] : record(by, [{ what: "branding.logo", from, to }]),
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
      await store.storeGreeting(by.account, greeting, (before) =>
        record(by, fieldChanges("greeting", before ?? NO_GREETING, greeting)),
      );
      return greeting;
    },
  };
}
