import { useState } from "preact/hooks";
import { Accent, type Branding, logoPath, type NewBranding } from "../../../relay/wire/branding.ts";
import { oneLine, severalLines } from "../../state/plain-text.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { ADMIN } from "../words/admin.ts";
import { ACCENTS, LOOK } from "../words/look.ts";
import type { SendAdmin } from "./admin.tsx";
import { Preview } from "./preview.tsx";
import { TextArea } from "./text-area.tsx";

interface Props {
  readonly branding: Branding;
  readonly busy: boolean;
  readonly send: SendAdmin;
}

export function LookPage({ branding, busy, send }: Props) {
  const [draft, setDraft] = useState<NewBranding>(() => textsOf(branding));
  const change = (part: Partial<NewBranding>) => setDraft({ ...draft, ...part });
  const finished = cleaned(draft);
  const changed = JSON.stringify(finished) !== JSON.stringify(textsOf(branding));
  const submit = () => {
    if (!busy) send({ type: "save-branding", branding: finished });
  };
  return (
    <div class="look">
      <div class="admin-form">
        <Logo logo={branding.logo} busy={busy} send={send} />
        <Form onSubmit={submit}>
          <Field label={LOOK.clinic} hint={LOOK.clinicHint}>
            {(ids) => (
              <input
                {...ids}
                class="input"
                name="clinic"
                autocomplete="organization"
                maxLength={80}
                value={draft.clinic}
                onInput={(event) => change({ clinic: event.currentTarget.value })}
              />
            )}
          </Field>
          <AccentField accent={draft.accent} onChange={(accent) => change({ accent })} />
          <TextArea
            name="welcome"
            label={LOOK.welcome}
            hint={LOOK.welcomeHint}
            value={draft.welcome}
            onChange={(welcome) => change({ welcome })}
          />
          <TextArea
            name="waiting"
            label={LOOK.waiting}
            hint={LOOK.waitingHint}
            value={draft.waiting}
            onChange={(waiting) => change({ waiting })}
          />
          <div class="actions">
            <Button tone="primary" submit disabled={busy}>
              {busy ? ADMIN.saving : ADMIN.save}
            </Button>
            {changed && !busy ? (
              <Button tone="quiet" onPress={() => setDraft(textsOf(branding))}>
                {ADMIN.undo}
              </Button>
            ) : null}
          </div>
        </Form>
      </div>
      <Preview branding={{ ...finished, logo: branding.logo }} />
    </div>
  );
}

function textsOf({ clinic, accent, welcome, waiting }: Branding): NewBranding {
  return { clinic, accent, welcome, waiting };
}

function cleaned({ clinic, accent, welcome, waiting }: NewBranding): NewBranding {
  return { clinic: oneLine(clinic), accent, welcome: severalLines(welcome), waiting: severalLines(waiting) };
}

interface AccentProps {
  readonly accent: Accent;
  readonly onChange: (accent: Accent) => void;
}

function AccentField({ accent, onChange }: AccentProps) {
  return (
    <fieldset class="field">
      <legend class="field-label">{LOOK.accent}</legend>
      <div class="swatches">
        {Accent.options.map((each) => (
          <label class="choice swatch" key={each}>
            <input type="radio" name="accent" checked={each === accent} onChange={() => onChange(each)} />
            <span class="swatch-name">
              <span class="swatch-colour" data-accent={each} aria-hidden="true" />
              {ACCENTS[each]}
            </span>
          </label>
        ))}
      </div>
      <p class="hint">{LOOK.accentHint}</p>
    </fieldset>
  );
}

interface LogoProps {
  readonly logo: string | null;
  readonly busy: boolean;
  readonly send: SendAdmin;
}

function Logo({ logo, busy, send }: LogoProps) {
  const pick = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    // The same file can be picked again after it was refused.
    input.value = "";
    if (file !== undefined) send({ type: "save-logo", file });
  };
  return (
    <section class="card logo-card" aria-labelledby="logo">
      <h2 id="logo">{LOOK.logo}</h2>
      {logo === null ? (
        <p>{LOOK.logoNone}</p>
      ) : (
        <img class="logo-now" src={logoPath(logo)} alt={LOOK.logoNow} />
      )}
      <Field label={LOOK.logoPick} hint={LOOK.logoHint}>
        {(ids) => (
          <input
            {...ids}
            class="input input-file"
            type="file"
            name="logo"
            accept="image/png,image/jpeg,image/webp,image/svg+xml"
            disabled={busy}
            onChange={(event) => pick(event.currentTarget)}
          />
        )}
      </Field>
      {logo === null ? null : (
        <div class="actions">
          <Button disabled={busy} onPress={() => send({ type: "save-logo", file: null })}>
            {LOOK.logoRemove}
          </Button>
        </div>
      )}
    </section>
  );
}
