/** What the staff's views need of the browser, beyond what all views do. */
import { deviceName } from "../ui/account/device-name.ts";
import type { StaffServices } from "../ui/services.ts";
import { passphraseStrength } from "../vault/passphrase-strength.ts";
import { browserServices } from "./services.ts";

export function staffServices(): StaffServices {
  return {
    ...browserServices(),
    passphraseStrength,
    print: () => print(),
    save,
    deviceName: () => deviceName(navigator.userAgent, navigator.maxTouchPoints),
  };
}

function save({ name, type, text }: Parameters<StaffServices["save"]>[0]): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The click has begun the download; what it reads stays until the browser has it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
