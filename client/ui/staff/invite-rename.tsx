import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { Form } from "../kit/form.tsx";
import { INVITE } from "../words/invite.ts";
import { NEW_INVITE } from "../words/new-invite.ts";
import { COMMON } from "../words.ts";
import type { InvitePart } from "./invite.tsx";
import { MAX_LABEL } from "./invite-form.ts";

/** The note is hers alone, so it can be changed at any time, also of an invite that is over. */
export function Rename({ invite, send }: InvitePart) {
  const [label, setLabel] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const editing = label !== null;
  const was = useRef(false);
  useEffect(() => {
    if (editing) {
      field.current?.focus();
      field.current?.select();
    } else if (was.current) opener.current?.focus();
    was.current = editing;
  }, [editing]);
  if (label === null)
    return (
      <div class="actions">
        <Button elementRef={opener} onPress={() => setLabel(invite.label)}>
          {INVITE.rename}
        </Button>
      </div>
    );
  const save = () => {
    setMissing(label.trim() === "");
    if (label.trim() === "") return;
    send({ type: "rename-invite", room: invite.room, label: label.trim() });
    setLabel(null);
  };
  return (
    <Form onSubmit={save}>
      <Field
        label={INVITE.renameField}
        hint={NEW_INVITE.labelHint}
        error={missing ? NEW_INVITE.labelMissing : null}
      >
        {(ids) => (
          <input
            {...ids}
            ref={field}
            class="input"
            name="note"
            autocomplete="off"
            maxLength={MAX_LABEL}
            value={label}
            onInput={(event) => setLabel(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="actions">
        <Button tone="primary" submit>
          {INVITE.renameSave}
        </Button>
        <Button tone="quiet" onPress={() => setLabel(null)}>
          {COMMON.cancel}
        </Button>
      </div>
    </Form>
  );
}
