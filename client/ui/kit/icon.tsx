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
  words: [
    "M5 4.5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6.5L8 20v-3.5H5a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2Z",
    "M8.5 10.5l2.3 2.3 4.7-4.6",
  ],
  more: ["M4 7h9M19 7h1M4 12h1M11 12h9M4 17h7M17 17h3", "M14.5 5v4M6.5 10v4M12.5 15v4"],
  end: [
    "M3.4 15.4c-.9-.9-.7-2.3.1-3.2 4.7-4.5 12.3-4.5 17 0 .8.9 1 2.3.1 3.2l-1 1c-.6.6-1.5.7-2.2.2l-2.1-1.3c-.6-.4-.9-1-.9-1.7v-1.3c-1.6-.5-3.2-.5-4.8 0v1.3c0 .7-.3 1.3-.9 1.7l-2.1 1.3c-.7.5-1.6.4-2.2-.2Z",
  ],
  lock: [
    "M6.5 10.5h11a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 19v-7a1.5 1.5 0 0 1 1.5-1.5Z",
    "M8 10.5V7.5a4 4 0 0 1 8 0v3",
  ],
  shield: [
    "M12 3l7.5 2.8v5.4c0 4.6-3 8.2-7.5 9.8-4.5-1.6-7.5-5.2-7.5-9.8V5.8L12 3Z",
    "M8.7 12.1l2.3 2.3 4.3-4.3",
  ],
  route: [
    "M6 16.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
    "M18 2.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
    "M8.5 19H15a3.5 3.5 0 0 0 0-7H9a3.5 3.5 0 0 1 0-7h6.5",
  ],
  info: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z", "M12 11.5v4.5M12 8v.01"],
  attention: ["M12 4L2.8 19.5h18.4L12 4Z", "M12 10v4.5M12 17v.01"],
  check: ["M4.5 12.5l5 5 10-11"],
  close: ["M6 6l12 12M18 6L6 18"],
  copy: [
    "M9.5 8.5h9a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 8 19v-9a1.5 1.5 0 0 1 1.5-1.5Z",
    "M16 8.5V5a1.5 1.5 0 0 0-1.5-1.5h-9A1.5 1.5 0 0 0 4 5v9a1.5 1.5 0 0 0 1.5 1.5H8",
  ],
  eye: [
    "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z",
    "M12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z",
  ],
  "eye-off": [
    "M6 6.9C3.7 8.6 2.5 12 2.5 12S6 18.5 12 18.5c1.7 0 3.2-.5 4.5-1.3",
    "M9.5 5.8c.8-.2 1.6-.3 2.5-.3 6 0 9.5 6.5 9.5 6.5s-.8 1.5-2.3 3.1",
    "M10 10a2.8 2.8 0 0 0 4 4M3.5 3.5l17 17",
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

/** What only the staff's pages show comes with them (staff-icons.ts), and weighs nothing on a patient's phone. */
export type StaffIconName = "share" | "plus" | "key" | "mail" | "calendar" | "pause" | "chevron";
export type IconName = keyof typeof PATHS | StaffIconName;

let drawn: Partial<Record<IconName, readonly string[]>> = PATHS;

export function addIcons(icons: Readonly<Record<StaffIconName, readonly string[]>>): void {
  drawn = { ...PATHS, ...icons };
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
