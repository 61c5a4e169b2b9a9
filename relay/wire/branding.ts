/**
 * How the rooms look, and what a clinic and a therapist say to patients: the routes are in policy.ts. This file imports
 * nothing of the rest, since a patient's page loads it on its own, late.
 */
import * as v from "valibot";

export const MAX_TEXT = 500;
export const MAX_LOGO_BYTES = 65_536;
export const MAX_LOGO_BODY_BYTES = 98_304;

/** Several lines; nothing that does not show. */
const PlainText = v.pipe(v.string(), v.maxLength(MAX_TEXT), v.regex(/^(?:[^\p{C}\p{Zl}\p{Zp}]|\n)*$/u));
const Line = v.pipe(v.string(), v.maxLength(80), v.regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u));

/** The accents to choose from; each meets the contrast rules on both grounds (client/ui/styles/tokens.css). */
export const Accent = v.picklist(["teal", "blue", "violet", "plum", "green", "slate"]);
export type Accent = v.InferOutput<typeof Accent>;

const branding = {
  /** Empty: Quietroom. */
  clinic: Line,
  accent: Accent,
  /** On the patient's first page and in the waiting room; empty for the built-in words. */
  welcome: PlainText,
  waiting: PlainText,
};
export const NewBranding = v.strictObject(branding);
/** Of the logo's bytes: the first 8 of SHA-256. */
export const LogoHash = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));
/** The address says which picture it is, so that browsers may keep it. */
export const logoPath = (hash: string): string => `/api/branding/logo/${hash}`;
export const Branding = v.strictObject({
  ...branding,
  /** null without one */
  logo: v.nullable(LogoHash),
});
export type Branding = v.InferOutput<typeof Branding>;
export type NewBranding = v.InferOutput<typeof NewBranding>;
/** Before the first decision. */
export const DEFAULT_BRANDING: Branding = {
  clinic: "",
  accent: "teal",
  welcome: "",
  waiting: "",
  logo: null,
};

/** PNG, JPEG or WebP by its first bytes, base64; null removes it. */
export const NewLogo = v.strictObject({
  picture: v.nullable(v.pipe(v.string(), v.maxLength(87_384), v.regex(/^[A-Za-z0-9+/]+={0,2}$/))),
});

/** A therapist's own texts; what is empty is the clinic's. `title`: profession and licence, shown under her name. */
export const Greeting = v.strictObject({ title: Line, welcome: PlainText, waiting: PlainText });
export type Greeting = v.InferOutput<typeof Greeting>;
export const NO_GREETING: Greeting = { title: "", welcome: "", waiting: "" };
