/** Stroke icons on a 24-unit grid, drawn for this app. Always beside words, so never announced. */

const PATHS = {
  microphone: [
    "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3Z",
    "M5.5 11.5a6.5 6.5 0 0 0 13 0",
    "M12 18v3",
  ],
  "microphone-off": [
    "M9 9.5V12a3 3 0 0 0 4.8 2.4",
    "M15 11V6a3 3 0 0 0-5.8-1.1",
    "M5.5 11.5a6.5 6.5 0 0 0 10.4 5.2M18.5 11.5a6.6 6.6 0 0 1-.5 2.5",
    "M12 18v3",
    "M4 4l16 16",
  ],
  camera: [
    "M4.5 6.5h9a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2Z",
    "M15.5 10.8l5-3.3v9l-5-3.3",
  ],
  "camera-off": [
    "M15.5 13.2l5 3.3v-9l-5 3.3V8.5a2 2 0 0 0-2-2H10",
    "M15.2 16.5a2 2 0 0 1-1.7 1h-9a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2h.7",
    "M3.5 3.5l17 17",
  ],
  lock: [
    "M6.5 10.5h11a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 19v-7a1.5 1.5 0 0 1 1.5-1.5Z",
    "M8 10.5V7.5a4 4 0 0 1 8 0v3",
  ],
  info: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z", "M12 11.5v4.5M12 8v.01"],
  attention: ["M12 4L2.8 19.5h18.4L12 4Z", "M12 10v4.5M12 17v.01"],
  check: ["M4.5 12.5l5 5 10-11"],
  copy: [
    "M9.5 8.5h9a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 8 19v-9a1.5 1.5 0 0 1 1.5-1.5Z",
    "M16 8.5V5a1.5 1.5 0 0 0-1.5-1.5h-9A1.5 1.5 0 0 0 4 5v9a1.5 1.5 0 0 0 1.5 1.5H8",
  ],
  speaker: ["M4 9.5h3.5L12 5.5v13l-4.5-4H4Z", "M15.5 9a4.3 4.3 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"],
  clock: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z", "M12 7.5V12l3 2"],
  refresh: ["M20 11.5A8 8 0 0 0 5.7 7L4 9M4 4.5V9h4.5", "M4 12.5A8 8 0 0 0 18.3 17l1.7-2M20 19.5V15h-4.5"],
  knock: ["M6 20.5V5a1.5 1.5 0 0 1 1.5-1.5h9A1.5 1.5 0 0 1 18 5v15.5", "M3.5 20.5h17M14.5 12v.01"],
  link: [
    "M10 14a4 4 0 0 0 5.7 0l3.3-3.3A4 4 0 0 0 13.3 5l-1 1",
    "M14 10a4 4 0 0 0-5.7 0L5 13.3A4 4 0 0 0 10.7 19l1-1",
  ],
} as const;

/** What comes later, or on the staff's pages alone, comes with its icons (later-icons.ts): no phone loads them before. */
export type SessionIconName = "words" | "more" | "end" | "shield" | "route" | "close" | "eye" | "eye-off";
export type StaffIconName = "share" | "plus" | "key" | "mail" | "calendar" | "pause" | "chevron";
export type IconName = keyof typeof PATHS | SessionIconName | StaffIconName;

let drawn: Partial<Record<IconName, readonly string[]>> = PATHS;

export function addIcons(icons: typeof drawn): void {
  drawn = { ...drawn, ...icons };
}

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {drawn[name]?.map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}

/** How a session ended, at a glance. */
export const ENDED_ICONS = {
  calm: "check",
  attention: "info",
  danger: "attention",
} as const satisfies Record<string, IconName>;

/** The mark: a doorway with a light behind it. The same drawing as assets/logo.svg. */
export function BrandMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" fill="currentColor" />
      <path
        d="M9.5 25V14.5a6.5 6.5 0 0 1 13 0V25"
        fill="none"
        stroke="var(--on-accent)"
        stroke-width="2.4"
        stroke-linecap="round"
      />
      <circle cx="16" cy="17" r="2.6" fill="var(--on-accent)" />
    </svg>
  );
}
