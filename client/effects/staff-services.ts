/** What the staff's views need of the browser, beyond what all views do. */
import { deviceName } from "../ui/account/device-name.ts";
import type { StaffServices } from "../ui/services.ts";
import { browserServices } from "./services.ts";

export function staffServices(): StaffServices {
  return {
    ...browserServices(),
    passphraseStrength: () => Promise.reject(new Error("the vault judges no passphrase yet")),
    print: () => print(),
    deviceName: () => deviceName(navigator.userAgent, navigator.maxTouchPoints),
  };
}
