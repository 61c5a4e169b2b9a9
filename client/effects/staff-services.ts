/** What the staff's views need of the browser, beyond what all views do. */
import { deviceName } from "../ui/account/device-name.ts";
import type { StaffServices } from "../ui/services.ts";
import { passphraseStrength } from "../vault/passphrase-strength.ts";
import { saveFile } from "./save-file.ts";
import { browserServices } from "./services.ts";

export function staffServices(): StaffServices {
  return {
    ...browserServices(),
    passphraseStrength,
    print: () => print(),
    save: ({ name, type, text }) => saveFile(name, new Blob([text], { type })),
    deviceName: () => deviceName(navigator.userAgent, navigator.maxTouchPoints),
  };
}
