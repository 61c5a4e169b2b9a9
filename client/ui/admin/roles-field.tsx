import { Role } from "../../../relay/wire/accounts.ts";
import { Choice } from "../kit/field.tsx";
import { Icon } from "../kit/icon.tsx";
import { roleWords } from "../words/account.ts";
import { ROLE_TEXT } from "../words/people.ts";

interface Props {
  readonly legend: string;
  readonly roles: readonly Role[];
  readonly onChange: (roles: readonly Role[]) => void;
  readonly error: string | null;
  /** Shown with the admin's role, which then stays. */
  readonly adminStays?: string | null;
}

/** The roles with a sentence each on what they may do. Kept in the contract's order, whatever the order of the clicks. */
export function RolesField({ legend, roles, onChange, error, adminStays = null }: Props) {
  const toggle = (role: Role, on: boolean) =>
    onChange(Role.options.filter((each) => (each === role ? on : roles.includes(each))));
  return (
    <fieldset class="field">
      <legend class="field-label">{legend}</legend>
      <div class="choices">
        {Role.options.map((role) => (
          <Choice
            key={role}
            type="checkbox"
            group="role"
            name={roleWords(role)}
            checked={roles.includes(role)}
            disabled={role === "admin" && adminStays !== null}
            onChoose={(on) => toggle(role, on)}
          >
            {role === "admin" && adminStays !== null ? adminStays : ROLE_TEXT[role]}
          </Choice>
        ))}
      </div>
      {error === null ? null : (
        <p class="field-error" role="alert">
          <Icon name="info" />
          <span>{error}</span>
        </p>
      )}
    </fieldset>
  );
}
