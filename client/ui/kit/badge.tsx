import { Icon, type IconName } from "./icon.tsx";

interface Props {
  readonly icon: IconName;
  readonly danger?: boolean;
}

/** Something to rest the eye on, above the heading of a page that holds little else. */
export function Badge({ icon, danger = false }: Props) {
  return (
    <span class={danger ? "badge badge-danger" : "badge"}>
      <Icon name={icon} />
    </span>
  );
}
