/** The pure parts of the views: times, names, passcodes, the invite form, corners, the QR path. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encode } from "uqr";
import * as v from "valibot";
import type { DeviceKindState } from "../../client/state/model.ts";
import { PersonName } from "../../client/transport/messages.ts";
import { cleanName } from "../../client/transport/person-name.ts";
import { deviceName } from "../../client/ui/account/device-name.ts";
import { browserFamily } from "../../client/ui/browser.ts";
import { type Corner, cornerAt, cornerTowards, nextCorner } from "../../client/ui/call/corners.ts";
import { initials } from "../../client/ui/names.ts";
import { canonicalPasscode, groupPasscode, MIN_PASSCODE, suggestPasscode } from "../../client/ui/passcode.ts";
import { waysOn } from "../../client/ui/patient/ways-on.ts";
import {
  draftErrors,
  finishedDraft,
  firstDraft,
  type InviteDraft,
  localDate,
  todayIsLonger,
  validity,
} from "../../client/ui/staff/invite-form.ts";
import { qrPath } from "../../client/ui/staff/qr-path.ts";
import { englishOf, moment, shortSpan, span } from "../../client/ui/words/time.ts";
import { isDisplayName } from "../../crypto/invite.ts";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import { codePoint } from "../support/code-point.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LONDON = { locale: "en-GB", timeZone: "Europe/London" } as const;

// ---- times -----------------------------------------------------------------------------------------------------

test("dates are in the first English that the browser knows, else in British English", () => {
  assert.equal(englishOf(["de-AT", "en-US", "en-GB"]), "en-US");
  assert.equal(englishOf(["EN"]), "EN");
  assert.equal(englishOf(["de", "ensemble"]), "en-GB");
});

test("near days are named, far ones dated, other years with the year", () => {
  const now = Date.UTC(2026, 10, 24, 14, 0);
  assert.equal(moment(now + HOUR, now, LONDON), "today at 15:00");
  assert.equal(moment(now + DAY, now, LONDON), "tomorrow at 14:00");
  assert.match(moment(now + 7 * DAY, now, LONDON), /^on Tuesday,? 1 December at 14:00$/);
  assert.match(moment(now + 60 * DAY, now, LONDON), /^on Saturday,? 23 January 2027 at 14:00$/);
});

test("today ends at the midnight of the person's own time zone", () => {
  const now = Date.UTC(2026, 10, 24, 23, 30);
  assert.match(moment(now + MINUTE, now, { locale: "en-GB", timeZone: "Asia/Tokyo" }), /^today/);
  assert.match(moment(now + HOUR, now, LONDON), /^tomorrow/);
});

test("durations round down and never go below nothing", () => {
  assert.equal(span(-5), "less than a minute");
  assert.equal(span(59_999), "less than a minute");
  assert.equal(span(MINUTE), "1 minute");
  assert.equal(span(25 * MINUTE + 59_000), "25 minutes");
  assert.equal(span(HOUR), "1 hour");
  assert.equal(span(2 * HOUR + 5 * MINUTE), "2 hours 5 minutes");
  assert.equal(shortSpan(24 * MINUTE), "24 min");
  assert.equal(shortSpan(65 * MINUTE), "1 h 05");
});

// ---- names -----------------------------------------------------------------------------------------------------

test("whatever is typed, the name that goes out is fit for both sides, or empty", () => {
  fc.assert(
    fc.property(fc.string({ unit: codePoint, maxLength: 120 }), (typed) => {
      const name = cleanName(typed);
      if (name === "") return;
      assert.ok(isDisplayName(name), JSON.stringify(name));
      assert.ok(v.is(PersonName, name), JSON.stringify(name));
      assert.equal(cleanName(name), name);
    }),
    { numRuns: 2_000 },
  );
});

test("names that deceive are refused, and nobody of ours would send one", () => {
  const refused = {
    nothing: "",
    "white space": "   ",
    "white space at an end": "Ada ",
    "a control character": "Ada\u0007",
    "a line": "Ada\nAdmit",
    "turned text": "\u202eadA",
    "a mark of direction": "Ada\u200f",
    "half a character": "Ada\ud83d",
    "a letter that is not drawn": "\u3164",
    "blanks of other kinds": "\u2800\u115f\u1160\uffa0",
    "a joiner inside": "Ada\u200dLovelace",
    "a heap of marks": `Z${"\u0351".repeat(40)}`,
    "letters in two parts": "Zoe\u0308",
    "64 astral characters": "🦔".repeat(64),
    "a giant": "W".repeat(40_000),
  };
  for (const [what, name] of Object.entries(refused)) assert.equal(v.is(PersonName, name), false, what);
  const taken = [
    "Ada",
    "שלום עולם",
    "李小龍",
    "<b>Ada</b>",
    "🦔".repeat(16),
    "नमस्ते",
    "Nguyễn Thị Ánh",
    "O’Brien-Śmiałek",
  ];
  for (const name of taken) assert.equal(v.is(PersonName, name), true, name);
});

test("names keep their letters and lose what does not show", () => {
  assert.equal(cleanName("  Zoë   Śmiałek\n"), "Zoë Śmiałek");
  assert.equal(cleanName("Ann\u202e\u200bgnp"), "Anngnp");
  assert.equal(cleanName(" \u200b\n "), "");
  assert.equal(cleanName("é".repeat(40)), "é".repeat(32));
});

test("initials leave titles out", () => {
  assert.equal(initials("Dr. Ada Okafor"), "AO");
  assert.equal(initials("peter"), "P");
  assert.equal(initials("Mrs Anna Maria Öberg"), "AÖ");
  assert.equal(initials("…"), "·");
});

// ---- passcodes -------------------------------------------------------------------------------------------------

test("capital letters, spaces and wide digits make no difference in a passcode", () => {
  assert.equal(canonicalPasscode(" 482 913 "), "482913");
  assert.equal(canonicalPasscode("Plum Otter"), canonicalPasscode("plumotter"));
  assert.equal(canonicalPasscode("４８２９１３"), "482913");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (typed) => {
      assert.equal(canonicalPasscode(canonicalPasscode(typed)), canonicalPasscode(typed));
    }),
    { numRuns: 2_000 },
  );
});

test("a suggested passcode is six digits, each as likely as the others", () => {
  // Every byte value once: 250 of 256 are used, and they are 25 of each digit.
  let next = 0;
  const counts = new Map<string, number>();
  for (let i = 0; i < 125; i++) {
    const code = suggestPasscode((length) => Uint8Array.from({ length }, () => next++ % 256), "single");
    assert.match(code, /^\d{6}$/);
    assert.equal(canonicalPasscode(code), code);
    for (const digit of code) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  }
  const tally = [...counts.values()];
  assert.equal(counts.size, 10);
  assert.ok(Math.max(...tally) - Math.min(...tally) <= 6, tally.join());
  assert.equal(suggestPasscode(() => Uint8Array.of(255, 250, 251, 0, 19, 249), "single").length, 6);
});

test("a personal room, which can be guessed at for longer, gets and asks for a longer one", () => {
  const room = suggestPasscode((length) => new Uint8Array(length), "reusable");
  assert.equal(room.length, 9);
  assert.ok(room.length >= MIN_PASSCODE.reusable && MIN_PASSCODE.reusable > MIN_PASSCODE.single);
});

test("digits from the top of a byte are thrown away, not folded", () => {
  const bytes = [250, 251, 252, 253, 254, 255, 1, 2, 3, 4, 5, 6];
  assert.equal(
    suggestPasscode((length) => Uint8Array.from(bytes.slice(0, length)), "single"),
    "123456",
  );
});

test("six digits are shown in two groups, nine in three, anything else as it is", () => {
  assert.equal(groupPasscode("482913"), "482 913");
  assert.equal(groupPasscode("482913506"), "482 913 506");
  assert.equal(groupPasscode("4829135"), "4829135");
  assert.equal(groupPasscode("otter-47"), "otter-47");
});

// ---- the invite form -------------------------------------------------------------------------------------------

/** Noon of a local day, whatever the time zone of the machine. */
const NOON = new Date(2026, 10, 24, 12, 0).getTime();
const draft = (part: Partial<InviteDraft> = {}): InviteDraft => ({
  ...firstDraft("482913", NOON, DEFAULT_POLICY),
  label: "Maria",
  ...part,
});

test("an invite is for one session, from now for two hours, without a passcode, unless said otherwise", () => {
  const form = finishedDraft(draft(), NOON, DEFAULT_POLICY);
  assert.ok(form);
  assert.deepEqual(
    { ...form, notBefore: 0 },
    {
      label: "Maria",
      passcode: null,
      relayOnly: false,
      use: "single",
      notBefore: 0,
      expires: NOON + 2 * HOUR,
    },
  );
  assert.ok(form.notBefore < NOON, "a relay whose clock is behind lets the guest in");
});

test("a chosen time opens fifteen minutes early and stays open as long as it says", () => {
  const chosen = draft({ when: "chosen", date: "2026-11-30", clock: "15:00", hours: 1 });
  const start = new Date(2026, 10, 30, 15, 0).getTime();
  assert.deepEqual(validity(chosen, NOON, DEFAULT_POLICY), {
    notBefore: start - 15 * MINUTE,
    expires: start + HOUR,
  });
});

test("until midnight is the next local midnight, and is offered while it is longer than two hours", () => {
  const midnight = new Date(2026, 10, 25).getTime();
  assert.equal(validity(draft({ when: "today" }), NOON, DEFAULT_POLICY)?.expires, midnight);
  assert.ok(todayIsLonger(NOON));
  assert.ok(!todayIsLonger(midnight - HOUR));
});

test("a personal room counts days, whatever was chosen for one session", () => {
  const window = validity(
    draft({ use: "reusable", when: "chosen", date: "", days: 30 }),
    NOON,
    DEFAULT_POLICY,
  );
  assert.equal(window?.expires, NOON + 30 * DAY);
  const longest = validity(draft({ use: "reusable", days: 365 }), NOON, DEFAULT_POLICY);
  assert.ok(longest && longest.expires - longest.notBefore <= 400 * DAY);
});

test("the form names what is missing, and makes nothing until it is there", () => {
  const cases: readonly (readonly [Partial<InviteDraft>, string])[] = [
    [{ label: "  " }, "label"],
    [{ when: "chosen", date: "" }, "date-missing"],
    [{ when: "chosen", clock: "" }, "date-missing"],
    [{ when: "chosen", date: "2026-11-01", clock: "10:00" }, "date-past"],
    [{ askPasscode: true, passcode: "12 345" }, "passcode"],
  ];
  for (const [part, error] of cases) {
    assert.deepEqual(draftErrors(draft(part), NOON, DEFAULT_POLICY), [error]);
    assert.equal(finishedDraft(draft(part), NOON, DEFAULT_POLICY), null);
  }
});

test("a passcode goes out as the patient's page will send it", () => {
  assert.equal(
    finishedDraft(draft({ askPasscode: true, passcode: "Plum Otter" }), NOON, DEFAULT_POLICY)?.passcode,
    "plumotter",
  );
  assert.equal(
    finishedDraft(draft({ askPasscode: false, passcode: "x" }), NOON, DEFAULT_POLICY)?.passcode,
    null,
  );
});

test("the first chosen time is the next full hour, on its own day", () => {
  const late = new Date(2026, 11, 31, 23, 20).getTime();
  const first = firstDraft("482913", late, DEFAULT_POLICY);
  assert.equal(first.date, "2027-01-01");
  assert.equal(first.clock, "00:00");
  assert.equal(localDate(new Date(2026, 0, 5)), "2026-01-05");
});

// ---- the self-view ---------------------------------------------------------------------------------------------

const CORNERS: readonly Corner[] = ["top-start", "top-end", "bottom-end", "bottom-start"];

test("pressing the self-view four times brings it back", () => {
  for (const corner of CORNERS) {
    const visited = [1, 2, 3].reduce<Corner[]>(
      (path) => [...path, nextCorner(path.at(-1) ?? corner)],
      [corner],
    );
    assert.equal(new Set(visited).size, 4);
    assert.equal(nextCorner(visited.at(-1) ?? corner), corner);
  }
});

test("arrow keys move the self-view along one axis, and other keys do nothing", () => {
  assert.equal(cornerTowards("bottom-end", "ArrowUp"), "top-end");
  assert.equal(cornerTowards("top-end", "ArrowLeft"), "top-start");
  assert.equal(cornerTowards("top-start", "ArrowDown"), "bottom-start");
  assert.equal(cornerTowards("bottom-start", "ArrowRight"), "bottom-end");
  assert.equal(cornerTowards("bottom-end", "ArrowDown"), "bottom-end");
  assert.equal(cornerTowards("bottom-end", "Tab"), null);
});

test("a dragged self-view goes to the corner it was dropped nearest to", () => {
  assert.equal(cornerAt(10, 10, 400, 800), "top-start");
  assert.equal(cornerAt(390, 10, 400, 800), "top-end");
  assert.equal(cornerAt(390, 790, 400, 800), "bottom-end");
  assert.equal(cornerAt(-50, 900, 400, 800), "bottom-start");
});

// ---- the QR code -----------------------------------------------------------------------------------------------

test("the QR path covers exactly the dark modules", () => {
  const { data, size } = encode(`https://room.example.org/j#${"A".repeat(150)}`, { ecc: "M", border: 3 });
  const painted = data.map((row) => row.map(() => false));
  for (const [, x, y, width] of qrPath(data).matchAll(/M(\d+) (\d+)h(\d+)v1H\1z/g))
    for (let i = 0; i < Number(width); i++) {
      const row = painted[Number(y)];
      assert.ok(row && Number(x) + i < size);
      row[Number(x) + i] = true;
    }
  assert.deepEqual(painted, data);
});

// ---- the browser's menus ---------------------------------------------------------------------------------------

test("help is for the browser at hand", () => {
  const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";
  const cases: readonly (readonly [string, number, string])[] = [
    [`${mac} Version/18.0 Safari/605.1.15`, 0, "safari"],
    [`${mac} Version/18.0 Safari/605.1.15`, 5, "ios"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Safari/604.1",
      5,
      "ios",
    ],
    ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36", 0, "chrome"],
    [
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
      5,
      "chrome-android",
    ],
    ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0", 0, "edge"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", 0, "firefox"],
    ["Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", 5, "firefox-android"],
    ["curl/8", 0, "other"],
  ];
  for (const [agent, touch, family] of cases) assert.equal(browserFamily(agent, touch), family, agent);
});

// ---- the device check ------------------------------------------------------------------------------------------

test("one can always go on from the device check, with whatever works", () => {
  const kind = (state: DeviceKindState["state"]): DeviceKindState => ({
    state,
    failure: null,
    chosen: null,
    choices: [],
  });
  const states = ["asking", "on", "off", "none"] as const;
  const ways = (microphone: (typeof states)[number], camera: (typeof states)[number]) =>
    waysOn({ microphone: kind(microphone), camera: kind(camera) });
  for (const microphone of states)
    for (const camera of states) {
      const { main, other } = ways(microphone, camera);
      assert.ok(main !== null || other !== null, `${microphone}, ${camera}`);
    }
  assert.deepEqual(ways("on", "on"), { main: "with-both", other: "sound-only" });
  assert.deepEqual(ways("off", "off"), { main: "with-both", other: "sound-only" });
  assert.deepEqual(ways("none", "on"), { main: "with-both", other: null });
  assert.deepEqual(ways("on", "none"), { main: "sound-only", other: null });
  assert.deepEqual(ways("asking", "asking"), { main: null, other: "sound-only" });
  assert.deepEqual(ways("none", "none"), { main: null, other: "without-either" });
  assert.deepEqual(
    ways("asking", "on"),
    { main: "with-both", other: null },
    "while another microphone is taken",
  );
});

test("a device is called what a person would call it", () => {
  const chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
  const cases = [
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome}`, 0, "Chrome on Windows"],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Edg/142.0.0.0`, 0, "Edge on Windows"],
    [`Mozilla/5.0 (Linux; Android 10; K) ${chrome}`, 5, "Chrome on Android"],
    [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${chrome}`, 0, "Chrome on ChromeOS"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0", 0, "Firefox on Linux"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15", 0, "Safari on Mac"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15", 5, "iPad"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/26.0 Safari/604.1", 5, "iPhone"],
    ["Something/1.0", 0, "Browser"],
  ] as const;
  for (const [agent, touch, expected] of cases) assert.equal(deviceName(agent, touch), expected);
});
