import { type Branding, logoPath } from "../../../relay/wire/branding.ts";
import { ClinicBrand, ClinicText, LookContext, TherapistTitle } from "../patient/look.tsx";
import { LOOK } from "../words/look.ts";
import { WAITING, WELCOME, waitingWords } from "../words/patient.ts";

/** The patient's page in small, made of the same pieces, while it is being typed. */
export function Preview({ branding }: { readonly branding: Branding }) {
  const { accent, logo } = branding;
  const look = {
    ...branding,
    title: LOOK.previewTitle,
    logo: logo === null ? null : logoPath(logo),
  };
  const seen = waitingWords("seen", LOOK.previewTherapist);
  return (
    <section class="look-preview" aria-labelledby="preview">
      <h2 id="preview">{LOOK.preview}</h2>
      <LookContext.Provider value={look}>
        <figure class="look-preview-page" data-accent={accent}>
          <figcaption class="hint">{LOOK.previewFirst}</figcaption>
          <div class="look-preview-sheet">
            <ClinicBrand />
            <p class="step">{WELCOME.step}</p>
            <p class="look-preview-title">{WELCOME.title(LOOK.previewTherapist)}</p>
            <TherapistTitle therapist={LOOK.previewTherapist} />
            <ClinicText which="welcome" />
            <span class="button button-primary button-wide" aria-hidden="true">
              {WELCOME.begin}
            </span>
          </div>
        </figure>
        <figure class="look-preview-page" data-accent={accent}>
          <figcaption class="hint">{LOOK.previewWaiting}</figcaption>
          <div class="look-preview-sheet">
            <ClinicBrand />
            <p class="step">{WAITING.step}</p>
            <p class="look-preview-title">{seen.title}</p>
            <p>{seen.text}</p>
            <ClinicText which="waiting" />
          </div>
        </figure>
      </LookContext.Provider>
    </section>
  );
}
