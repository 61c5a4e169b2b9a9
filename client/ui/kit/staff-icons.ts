/** Icons of the staff's pages alone: see icon.tsx. */
import { addIcons, type StaffIconName } from "./icon.tsx";

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

export function addStaffIcons(): void {
  addIcons(STAFF_ICONS);
}
