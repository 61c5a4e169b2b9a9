/** What the clinic says of itself, always as its own words: quoted, with its name, and nothing in it to press. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ClinicLook } from "../../state/model.ts";
import { BrandMark } from "../kit/icon.tsx";
import { CLINIC } from "../words/patient.ts";
import { COMMON } from "../words.ts";

export const LookContext = createContext<ClinicLook | null>(null);

export function ClinicBrand() {
  const look = useContext(LookContext);
  return (
    <span class="brand">
      {look?.logo ? <img class="brand-logo" src={look.logo} alt="" /> : <BrandMark />}
      {look?.clinic || COMMON.product}
    </span>
  );
}

/** Under her name: profession and licence. */
export function TherapistTitle({ therapist }: { readonly therapist: string }) {
  const look = useContext(LookContext);
  return look?.title ? (
    <p class="hint">
      {therapist}
      <br />
      {look.title}
    </p>
  ) : null;
}

export function ClinicText({ which }: { readonly which: "welcome" | "waiting" }) {
  const look = useContext(LookContext);
  return look?.[which] ? (
    <figure class="clinic-text">
      <blockquote>{look[which]}</blockquote>
      <figcaption class="hint">{CLINIC.from(look.clinic)}</figcaption>
    </figure>
  ) : null;
}
