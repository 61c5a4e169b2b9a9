/** How the clinic looks to patients, and what it says to them. */
import type { Accent } from "../../../relay/wire/branding.ts";

export const ACCENTS: Record<Accent, string> = {
  teal: "Teal",
  blue: "Blue",
  violet: "Violet",
  plum: "Plum",
  green: "Green",
  slate: "Slate",
};

export const LOOK = {
  title: "How patients see you",
  lead: "On every invite’s page. Patients see it with their next visit.",
  clinic: "Clinic name",
  clinicHint: "Stands at the top of the page. Left empty, it says “Quietroom”.",
  accent: "Colour",
  accentHint: "Each of them can be read well, in light and in dark.",
  logo: "Logo",
  logoHint: "It is made smaller in your browser first: at most 512 pixels and 64 KB. It is saved at once.",
  logoPick: "Choose a picture",
  logoRemove: "Remove the logo",
  logoNow: "Your logo now",
  logoNone: "No logo yet.",
  welcome: "Welcome text",
  welcomeHint: "Quoted on the first page. Plain text; addresses in it cannot be pressed.",
  waiting: "Text in the waiting room",
  waitingHint: "Quoted below the built-in words, which stay. A therapist’s own text takes its place.",
  left: (used: number, most: number) => `${used} of ${most} characters`,

  preview: "What patients see",
  previewFirst: "The first page",
  previewWaiting: "The waiting room",
  previewTherapist: "Dr. Ada Okafor",
  previewTitle: "Psychotherapist, licence 4711",
} as const;

export const GREETING = {
  title: "Your words to patients",
  lead: "Shown to whoever opens one of your links. The server knows them, so write nothing private.",
  profession: "Profession and licence",
  professionHint: "Stands under your name, for example “Psychologist, licence PSY 12345”.",
  welcome: "Welcome text",
  welcomeHint: "Quoted on the first page, in place of the clinic’s. Left empty, the clinic’s is shown.",
  waiting: "Text in the waiting room",
  waitingHint: "The same, while they wait for you.",
  save: "Save my words",
} as const;
