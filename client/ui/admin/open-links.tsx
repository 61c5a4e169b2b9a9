import { useState } from "preact/hooks";
import type { Enrolment } from "../../../relay/wire/accounts.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { Confirm } from "../kit/dialog.tsx";
import { enrolmentWords, PEOPLE } from "../words/people.ts";
import { systemTime } from "../words/time.ts";
import type { SendAdmin } from "./admin.tsx";

interface Props {
  readonly enrolments: readonly Enrolment[];
  readonly busy: boolean;
  readonly send: SendAdmin;
}

export function OpenLinks({ enrolments, busy, send }: Props) {
  const now = useNow(60_000);
  const time = systemTime();
  const [asked, setAsked] = useState<Enrolment | null>(null);
  return (
    <section class="admin-section" aria-labelledby="open-links">
      <h2 id="open-links">{PEOPLE.openTitle}</h2>
      {enrolments.length === 0 ? (
        <p class="hint">{PEOPLE.openNone}</p>
      ) : (
        <>
          <p class="hint">{PEOPLE.openLead}</p>
          <ul class="link-rows">
            {enrolments.map((enrolment) => (
              <li key={enrolment.id}>
                <div class="link-text">
                  <span class="row-name">{enrolment.name}</span>
                  <span class="hint guest-facts">
                    {enrolmentWords(enrolment, now, time).map((fact) => (
                      <span key={fact}>{fact}</span>
                    ))}
                  </span>
                </div>
                <Button
                  label={PEOPLE.revokeWhat(enrolment.name)}
                  disabled={busy}
                  onPress={() => setAsked(enrolment)}
                >
                  {PEOPLE.revoke}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
      {asked === null ? null : (
        <Confirm
          title={PEOPLE.revokeAsk(asked.name)}
          yes={PEOPLE.revokeYes}
          no={PEOPLE.keep}
          onYes={() => {
            setAsked(null);
            send({ type: "revoke-enrolment", id: asked.id });
          }}
          onClose={() => setAsked(null)}
        >
          <p>{PEOPLE.revokeMeans}</p>
        </Confirm>
      )}
    </section>
  );
}
