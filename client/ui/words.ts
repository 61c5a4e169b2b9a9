/**
 * What every message to a person is made of. The sentences themselves stand in words/, one file an area, chosen from
 * the codes of the state; no view holds a sentence of its own. English that a twelve-year-old reads easily.
 */

/** Something went wrong or needs attention. The code is shown small, last, for whoever gives support. */
export interface Notice {
  readonly happened: string;
  readonly means: string;
  readonly todo: string;
  readonly code: string;
}

export const COMMON = {
  product: "Quietroom",
  cancel: "Cancel",
  back: "Back",
  close: "Close",
  copied: "Copied",
  copyFailed: "Select the text and copy it yourself",
  tryAgain: "Try again",
  reload: "Reload this page",
  dismiss: "Got it",
  code: (code: string) => `Code for support: ${code}`,
  loading: "One moment…",
  loadingMeans: "The page is getting ready.",
} as const;
