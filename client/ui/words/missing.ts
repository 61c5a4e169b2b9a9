import type { MissingFeature } from "../../state/model.ts";
import type { Notice } from "../words.ts";

/** What the browser cannot do, one line each. */
export const MISSING: Record<MissingFeature, string> = {
  "secure-context": "This page did not come over a secure address (https).",
  "frame-encryption": "It cannot encrypt sound and picture by itself.",
  "web-crypto": "It has no built-in encryption.",
  "web-assembly": "It blocks a part that the encryption needs (WebAssembly).",
  "camera-access": "It gives this page no way to a camera or microphone.",
  storage: "It does not let this page remember anything, not even for a moment.",
};

const CODES: Record<MissingFeature, string> = {
  "secure-context": "INSECURE",
  "frame-encryption": "NO-FRAME-ENCRYPTION",
  "web-crypto": "NO-WEB-CRYPTO",
  "web-assembly": "NO-WEB-ASSEMBLY",
  "camera-access": "NO-CAMERA-ACCESS",
  storage: "NO-STORAGE",
};

export const UNSUPPORTED = {
  title: "This browser cannot open a private session",
  why: "What is missing",
  works: "What works",
  browsers: [
    "iPhone and iPad: Safari, with iOS up to date",
    "Android: Chrome or Firefox",
    "Computer: Chrome, Edge, Firefox or Safari",
  ],
  upToDate: "Each of them in its newest version.",
} as const;

export function unsupportedNotice(missing: readonly MissingFeature[]): Notice {
  const code = missing.map((feature) => CODES[feature]).join(", ") || "UNSUPPORTED";
  if (missing.includes("secure-context")) {
    return {
      happened: "This page was not opened over a secure address.",
      means: "So the browser does not allow encryption, a camera or a microphone here.",
      todo: "Open the link again exactly as you got it. It begins with “https”.",
      code,
    };
  }
  if (missing.length === 1 && missing[0] === "storage") {
    return {
      happened: "Your browser does not let this page remember anything.",
      means: "Without that, your place would be lost at every small hiccup.",
      todo: "Leave private or incognito mode, or allow site data for this page, and open the link again.",
      code,
    };
  }
  return {
    happened: "This browser is too old, or a part of it is switched off.",
    means: "It could not keep the session private, so the session is not started at all.",
    todo: "Open the same link in an up-to-date browser. If it opened inside another app, such as mail or a messenger, copy the link there and open it in your browser.",
    code,
  };
}
