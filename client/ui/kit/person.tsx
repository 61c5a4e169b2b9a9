import { initials } from "../names.ts";

/** Stands for a person where there is no picture. The name is always written beside it. */
export function Monogram({ name }: { readonly name: string }) {
  return (
    <span class="monogram" aria-hidden="true">
      {initials(name)}
    </span>
  );
}
