import { COMMON } from "../words.ts";
import { BrandMark } from "./icon.tsx";

export function Brand() {
  return (
    <span class="brand">
      <BrandMark />
      {COMMON.product}
    </span>
  );
}
