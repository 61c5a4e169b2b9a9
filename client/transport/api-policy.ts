/** What an admin decides for everybody, and a therapist's own texts: relay/wire/policy.ts. */
import { Branding, Greeting, type NewBranding } from "../../relay/wire/branding.ts";
import { Changes, Policy } from "../../relay/wire/policy.ts";
import type { Ask } from "./api.ts";

/** Every call rejects with `ApiError` and nothing else. */
export interface PolicyApi {
  policy(): Promise<Policy>;
  savePolicy(policy: Policy): Promise<Policy>;
  branding(): Promise<Branding>;
  saveBranding(branding: NewBranding): Promise<Branding>;
  /** @param picture base64 of a PNG, JPEG or WebP; null removes it */
  saveLogo(picture: string | null): Promise<Branding>;
  greeting(): Promise<Greeting>;
  saveGreeting(greeting: Greeting): Promise<Greeting>;
  /** @param before the oldest change that is there already; 0 for the newest */
  changes(before: number): Promise<Changes>;
}

export function policyApi(ask: Ask): PolicyApi {
  return {
    policy: () => ask("GET", "/api/policy", Policy),
    savePolicy: (policy) => ask("POST", "/api/policy", Policy, policy),
    branding: () => ask("GET", "/api/branding", Branding),
    saveBranding: (branding) => ask("POST", "/api/branding", Branding, branding),
    saveLogo: (picture) => ask("POST", "/api/branding/logo", Branding, { picture }),
    greeting: () => ask("GET", "/api/greeting", Greeting),
    saveGreeting: (greeting) => ask("POST", "/api/greeting", Greeting, greeting),
    changes: (before) => ask("GET", `/api/changes/${before}`, Changes),
  };
}
