/** Icons that the patient's first page does not show: see icon.tsx. */
import { addIcons, type SessionIconName, type StaffIconName } from "./icon.tsx";

const SESSION_ICONS: Readonly<Record<SessionIconName, readonly string[]>> = {
  words: [
    "M5 4.5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6.5L8 20v-3.5H5a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2Z",
    "M8.5 10.5l2.3 2.3 4.7-4.6",
  ],
  more: ["M4 7h9M19 7h1M4 12h1M11 12h9M4 17h7M17 17h3", "M14.5 5v4M6.5 10v4M12.5 15v4"],
  end: [
    "M3.4 15.4c-.9-.9-.7-2.3.1-3.2 4.7-4.5 12.3-4.5 17 0 .8.9 1 2.3.1 3.2l-1 1c-.6.6-1.5.7-2.2.2l-2.1-1.3c-.6-.4-.9-1-.9-1.7v-1.3c-1.6-.5-3.2-.5-4.8 0v1.3c0 .7-.3 1.3-.9 1.7l-2.1 1.3c-.7.5-1.6.4-2.2-.2Z",
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
  close: ["M6 6l12 12M18 6L6 18"],
  eye: [
    "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z",
    "M12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z",
  ],
  "eye-off": [
    "M6 6.9C3.7 8.6 2.5 12 2.5 12S6 18.5 12 18.5c1.7 0 3.2-.5 4.5-1.3",
    "M9.5 5.8c.8-.2 1.6-.3 2.5-.3 6 0 9.5 6.5 9.5 6.5s-.8 1.5-2.3 3.1",
    "M10 10a2.8 2.8 0 0 0 4 4M3.5 3.5l17 17",
  ],
};

const STAFF_ICONS: Readonly<Record<StaffIconName, readonly string[]>> = {
  share: ["M12 15V3.5M7.5 7.5L12 3l4.5 4.5", "M5 12v7a1.5 1.5 0 0 0 1.5 1.5h11A1.5 1.5 0 0 0 19 19v-7"],
  plus: ["M12 5v14M5 12h14"],
  key: ["M8 11.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z", "M11 12.7L20 4M16.5 7.3l2.5 2.5"],
  mail: [
    "M4.5 5.5h15A1.5 1.5 0 0 1 21 7v10a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17V7a1.5 1.5 0 0 1 1.5-1.5Z",
    "M3.5 7l8.5 6 8.5-6",
  ],
  calendar: [
    "M5.5 5.5h13A1.5 1.5 0 0 1 20 7v11.5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18.5V7a1.5 1.5 0 0 1 1.5-1.5Z",
    "M4 10h16M8.5 3.5v4M15.5 3.5v4",
  ],
  pause: ["M9 5.5v13M15 5.5v13"],
  chevron: ["M9 5.5l6.5 6.5L9 18.5"],
};

/** Of a session, on both sides. */
export function addSessionIcons(): void {
  addIcons(SESSION_ICONS);
}

/** The staff's pages show all of them. */
export function addStaffIcons(): void {
  addSessionIcons();
  addIcons(STAFF_ICONS);
}
