import { useEffect, useRef } from "preact/hooks";
import type { AdminState } from "../../state/admin-model.ts";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy.tsx";
import { Field } from "../kit/field.tsx";
import { PEOPLE } from "../words/people.ts";
import type { SendAdmin } from "./admin.tsx";

interface Props {
  readonly made: NonNullable<AdminState["made"]>;
  readonly send: SendAdmin;
}

/** Where the eye and the focus go when a link was made: it cannot be shown again. */
export function MadeLink({ made, send }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [made.link]);
  return (
    <section class="card made-link" aria-labelledby="made-link">
      <h2 id="made-link" tabIndex={-1} ref={heading}>
        {PEOPLE.linkTitle(made.enrolment.name)}
      </h2>
      <Field label={PEOPLE.linkField} hint={PEOPLE.linkLife}>
        {(ids) => (
          <input
            {...ids}
            class="input input-link"
            name="link"
            readOnly
            value={made.link}
            onFocus={(event) => event.currentTarget.select()}
          />
        )}
      </Field>
      <p>{PEOPLE.linkOnce}</p>
      <div class="actions">
        <CopyButton text={made.link} primary>
          {PEOPLE.linkCopy}
        </CopyButton>
        <Button tone="quiet" onPress={() => send({ type: "dismiss-link" })}>
          {PEOPLE.linkDone}
        </Button>
      </div>
    </section>
  );
}
